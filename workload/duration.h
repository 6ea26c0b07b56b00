// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string_view>

namespace daytime {

/// Longest duration that can be asked for.
inline constexpr std::chrono::nanoseconds kMaxDuration = std::chrono::hours(24);

/// A length of time as a user writes it: a decimal number, then "us", "ms", "s" or nothing
/// (seconds). "0", "200ms", "20s", "1.5s". Anything else, longer than kMaxDuration or finer than a
/// nanosecond is a UsageError.
std::chrono::nanoseconds parse_duration(std::string_view text);

}  // namespace daytime

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

namespace daytime {

/// Highest number of clients, or of repetitions, that can be asked for.
inline constexpr std::uint64_t kMaxCount = 1'000'000'000;

/// A TCP port, 1 to 65535: decimal digits and nothing else, or a UsageError.
std::uint16_t parse_port(std::string_view text);

/// How many times, 1 to kMaxCount: decimal digits and nothing else, or a UsageError.
std::uint64_t parse_count(std::string_view text);

}  // namespace daytime

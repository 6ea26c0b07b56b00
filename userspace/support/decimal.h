// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

namespace tcpladder {

/// Longest result of put_decimal().
inline constexpr std::size_t kMaxDecimal = 20;

/// Writes a number without leading zeros, returns the end. A row has up to
/// twenty numbers, which was half of the time of a row with std::to_chars();
/// this takes about half as long.
char* put_decimal(char* out, std::uint64_t value);

/// Writes the last `digits` digits with leading zeros, returns the end.
char* put_digits(char* out, std::uint32_t value, unsigned digits);

}  // namespace tcpladder

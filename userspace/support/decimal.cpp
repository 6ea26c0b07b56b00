// SPDX-License-Identifier: MIT
#include "support/decimal.h"

#include <array>
#include <bit>
#include <cstring>

namespace tcpladder {
namespace {

constexpr std::uint64_t kTenTo8 = 100'000'000;

/// 00 to 99.
constexpr std::array<char, 200> make_pairs() {
    std::array<char, 200> pairs{};
    for (std::size_t i = 0; i < 100; ++i) {
        pairs[2 * i] = static_cast<char>('0' + i / 10);
        pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
    return pairs;
}

constexpr std::array<char, 200> kPairs = make_pairs();

char* put_2(char* out, std::uint32_t value) {
    std::memcpy(out, &kPairs[2 * std::size_t{value}], 2);
    return out + 2;
}

/// The eight digits of a number below kTenTo8 as bytes 0 to 9, the first in the lowest byte. All
/// at once: two numbers of four digits, four of two, eight of one.
std::uint64_t eight_digits(std::uint64_t value) {
    const auto fours = value / 10'000 + ((value % 10'000) << 32);
    const auto hundreds = ((fours * 10'486) >> 20) & 0x0000'007f'0000'007fU;
    const auto twos = hundreds + ((fours - 100 * hundreds) << 16);
    const auto tens = ((twos * 103) >> 10) & 0x000f'000f'000f'000fU;
    return tens + ((twos - 10 * tens) << 8);
}

constexpr std::uint64_t kZeros = 0x3030'3030'3030'3030;

void put_bytes(char* out, std::uint64_t bytes) {
    if constexpr (std::endian::native == std::endian::big)
        bytes = __builtin_bswap64(bytes);
    std::memcpy(out, &bytes, sizeof bytes);
}

}  // namespace

// Without a branch for each length: which one it is cannot be predicted.
char* put_decimal(char* out, std::uint64_t value) {
    if (value >= kTenTo8) {
        out = put_decimal(out, value / kTenTo8);
        put_bytes(out, eight_digits(value % kTenTo8) | kZeros);
        return out + 8;
    }
    const auto digits = eight_digits(value);
    constexpr std::uint64_t kLast = std::uint64_t{1} << 56;  // it stands, even if it is 0
    const auto zeros = static_cast<unsigned>(std::countr_zero(digits | kLast)) / 8;
    put_bytes(out, (digits | kZeros) >> (8 * zeros));
    return out + 8 - zeros;
}

char* put_digits(char* out, std::uint32_t value, unsigned digits) {
    char* place = out + digits;
    for (; place - out >= 2; value /= 100) {
        place -= 2;
        put_2(place, value % 100);
    }
    if (place != out) {
        *out = static_cast<char>('0' + value % 10);
    }
    return out + digits;
}

}  // namespace tcpladder

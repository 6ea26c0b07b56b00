// SPDX-License-Identifier: MIT
#include "support/decimal.h"

#include <array>
#include <cstring>

namespace tcpladder {
namespace {

constexpr std::uint32_t kTenTo4 = 10'000;
constexpr std::uint32_t kTenTo8 = 100'000'000;

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

char* put_4(char* out, std::uint32_t value) {
    return put_2(put_2(out, value / 100), value % 100);
}

char* put_8(char* out, std::uint32_t value) {
    return put_4(put_4(out, value / kTenTo4), value % kTenTo4);
}

char* put_below_100(char* out, std::uint32_t value) {
    if (value >= 10) {
        return put_2(out, value);
    }
    *out = static_cast<char>('0' + value);
    return out + 1;
}

char* put_below_10000(char* out, std::uint32_t value) {
    return value < 100 ? put_below_100(out, value)
                       : put_2(put_below_100(out, value / 100), value % 100);
}

char* put_below_8_digits(char* out, std::uint32_t value) {
    return value < kTenTo4 ? put_below_10000(out, value)
                           : put_4(put_below_10000(out, value / kTenTo4), value % kTenTo4);
}

}  // namespace

// Splits from the front, so that the parts do not wait for each other.
char* put_decimal(char* out, std::uint64_t value) {
    if (value < kTenTo8) {
        return put_below_8_digits(out, static_cast<std::uint32_t>(value));
    }
    const std::uint64_t front = value / kTenTo8;
    const auto back = static_cast<std::uint32_t>(value % kTenTo8);
    if (front < kTenTo8) {
        return put_8(put_below_8_digits(out, static_cast<std::uint32_t>(front)), back);
    }
    const auto first = static_cast<std::uint32_t>(front / kTenTo8);
    const auto second = static_cast<std::uint32_t>(front % kTenTo8);
    return put_8(put_8(put_below_8_digits(out, first), second), back);
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

// SPDX-License-Identifier: MIT
#include "views/tcpdump_line.h"

#include <algorithm>
#include <charconv>

#include "support/decimal.h"

namespace tcpladder {

void TcpdumpLine::append_part(std::string_view text) {
    end_ += text.copy(end(), limit_ - end_);
}

// Numbers and addresses are appended whole or, where little room is left, not at
// all.

void TcpdumpLine::append_decimal(std::uint64_t number) {
    if (has_room()) {
        set_end(put_decimal(end(), number));
    }
}

void TcpdumpLine::append(Digits number) {
    if (has_room()) {
        set_end(put_digits(end(), number.value, number.width));
    }
}

void TcpdumpLine::append(Spaced number) {
    std::array<char, kMaxDecimal> digits;
    const auto size =
        static_cast<std::size_t>(put_decimal(digits.data(), number.value) - digits.data());
    for (std::size_t i = size; i < number.width; ++i) {
        append(' ');
    }
    append(std::string_view(digits.data(), size));
}

void TcpdumpLine::append(Hex number) {
    constexpr std::size_t kMaxHex = 16;
    if (!has_room()) {
        return;
    }
    std::array<char, kMaxHex> digits;
    char* const last = std::to_chars(digits.data(), digits.data() + kMaxHex, number.value, 16).ptr;
    const auto size = static_cast<std::size_t>(last - digits.data());
    char* const zeros_end =
        std::fill_n(end(), std::max<std::size_t>(number.width, size) - size, '0');
    set_end(std::copy_n(digits.data(), size, zeros_end));
}

void TcpdumpLine::append(const Address& address) {
    if (has_room()) {
        set_end(format_to(end(), address));
    }
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include "views/tcpdump_line.h"

#include <algorithm>
#include <charconv>

namespace tcpladder {
namespace {

constexpr std::size_t kMaxDigits = 20;  // of 2^64 - 1

}  // namespace

void TcpdumpLine::append_decimal(std::uint64_t number) {
    char* const first = text_.data() + end_;
    const auto result = std::to_chars(first, text_.data() + limit_, number);
    if (result.ec == std::errc()) {
        end_ += static_cast<std::size_t>(result.ptr - first);
    }
}

void TcpdumpLine::append(Hex number) {
    append(Padded{number.value, 0, '0', 16});
}

void TcpdumpLine::append(Padded number) {
    std::array<char, 2 * kMaxDigits> digits;
    digits.fill(number.fill);
    char* const first = digits.data() + kMaxDigits;
    char* const last =
        std::to_chars(first, digits.data() + digits.size(), number.value, number.base).ptr;
    const auto size = static_cast<std::size_t>(last - first);
    const std::size_t width =
        std::max<std::size_t>(size, std::min<std::size_t>(number.width, kMaxDigits));
    append(std::string_view(last - width, width));
}

void TcpdumpLine::append(const Address& address) {
    std::array<char, kMaxEndpointText> text;
    append(std::string_view(text.data(), format_to(text.data(), address)));
}

}  // namespace tcpladder

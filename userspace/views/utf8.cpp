// SPDX-License-Identifier: MIT
#include "views/utf8.h"

#include <algorithm>
#include <array>

namespace tcpladder {
namespace {

/// The first byte's part of a sequence: how long it is, what it contributes,
/// and the least value that needs this length.
struct Lead {
    std::uint8_t bytes;
    char32_t bits;
    char32_t least;
};

Lead lead_of(unsigned char byte) {
    if (byte < 0x80) {
        return {1, byte, 0};
    }
    if (byte >= 0xc0 && byte < 0xe0) {
        return {2, byte & 0x1fU, 0x80};
    }
    if (byte >= 0xe0 && byte < 0xf0) {
        return {3, byte & 0x0fU, 0x800};
    }
    if (byte >= 0xf0 && byte < 0xf8) {
        return {4, byte & 0x07U, 0x10000};
    }
    return {0, 0, 0};
}

struct Range {
    char32_t first;
    char32_t last;
};

// Wide and fullwidth, in coarse blocks.
constexpr std::array<Range, 9> kWide{{
    {0x1100, 0x115f},    // Hangul Jamo
    {0x2e80, 0x303e},    // radicals, CJK punctuation
    {0x3041, 0xa4cf},    // kana, ideographs, Yi
    {0xac00, 0xd7a3},    // Hangul
    {0xf900, 0xfaff},    // compatibility ideographs
    {0xfe30, 0xfe6f},    // compatibility forms
    {0xff01, 0xff60},    // fullwidth forms
    {0xffe0, 0xffe6},    // fullwidth signs
    {0x20000, 0x3fffd},  // more ideographs
}};

}  // namespace

CodePoint decode_long_utf8(std::string_view text) {
    const Lead lead = lead_of(static_cast<unsigned char>(text[0]));
    if (lead.bytes == 0 || lead.bytes > text.size()) {
        return {};
    }
    char32_t value = lead.bits;
    for (const char c : text.substr(1, lead.bytes - 1U)) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xc0) != 0x80) {
            return {};
        }
        value = value << 6 | (byte & 0x3fU);
    }
    const bool surrogate = value >= 0xd800 && value < 0xe000;
    if (value < lead.least || surrogate || value > 0x10ffff) {
        return {};
    }
    return {value, lead.bytes};
}

std::size_t columns_of_high(char32_t character) {
    const bool wide = std::any_of(kWide.begin(), kWide.end(), [character](const Range& range) {
        return character >= range.first && character <= range.last;
    });
    return wide ? 2 : 1;
}

std::size_t columns_of(std::string_view text) {
    std::size_t columns = 0;
    while (!text.empty()) {
        const CodePoint c = decode_utf8(text);
        columns += columns_of(c.value);
        text.remove_prefix(std::max<std::size_t>(c.bytes, 1));
    }
    return columns;
}

}  // namespace tcpladder

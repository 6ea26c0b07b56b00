// SPDX-License-Identifier: MIT
#include "views/printable.h"

#include <algorithm>

#include "views/utf8.h"

namespace tcpladder {
namespace {

struct Range {
    char32_t first;
    char32_t last;
    std::uint8_t columns;
};

// Not all letters there are: those that every terminal draws alike, one after the other.
constexpr std::array<Range, 10> kLetters{{
    {0x00c0, 0x00d6, 1},  // Latin
    {0x00d8, 0x00f6, 1},
    {0x00f8, 0x024f, 1},
    {0x0391, 0x03a1, 1},  // Greek
    {0x03a3, 0x03ce, 1},
    {0x0400, 0x0481, 1},  // Cyrillic
    {0x048a, 0x052f, 1},
    {0x3041, 0x3096, 2},  // kana
    {0x30a1, 0x30fa, 2},
    {0x4e00, 0x9fff, 2},  // ideographs
}};

bool is_harmless_ascii(char c) {
    return c >= ' ' && c <= '~' && c != '\\';
}

/// 0: no letter that we let pass.
std::uint8_t letter_columns(char32_t c) {
    const auto* const range = std::find_if(kLetters.begin(), kLetters.end(), [c](const Range& r) {
        return c >= r.first && c <= r.last;
    });
    return range == kLetters.end() ? std::uint8_t{0} : range->columns;
}

Glyph escaped(char c) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    return {{'\\', 'x', kDigits[byte >> 4], kDigits[byte & 0xf]}, 4, 4, 1};
}

}  // namespace

Glyph glyph_of(std::string_view text, bool utf8) {
    if (is_harmless_ascii(text[0])) {
        return {{text[0]}, 1, 1, 1};
    }
    const CodePoint c = utf8 ? decode_utf8(text) : CodePoint{};
    const std::uint8_t columns = c.bytes > 1 ? letter_columns(c.value) : std::uint8_t{0};
    if (columns == 0) {
        return escaped(text[0]);
    }
    Glyph result{{}, c.bytes, columns, c.bytes};
    std::copy_n(text.begin(), c.bytes, result.text.begin());
    return result;
}

std::string printable(std::string_view text, bool utf8) {
    std::string result;
    while (!text.empty()) {
        const Glyph glyph = glyph_of(text, utf8);
        result += glyph.view();
        text.remove_prefix(glyph.source);
    }
    return result;
}

PrintableName::PrintableName(std::string_view name, bool utf8) {
    name = name.substr(0, glyphs_.size());
    while (!name.empty()) {
        if (is_harmless_ascii(name[0])) {  // nearly always: not by way of another copy
            auto& glyph = glyphs_[count_++];
            glyph.text[0] = name[0];
            glyph.bytes = glyph.columns = glyph.source = 1;
            ++columns_;
            name.remove_prefix(1);
            continue;
        }
        const Glyph glyph = glyph_of(name, utf8);
        columns_ += glyph.columns;
        glyphs_[count_++] = glyph;
        name.remove_prefix(glyph.source);
    }
    head_ = tail_ = count_;
}

void PrintableName::cut(std::size_t columns) {
    if (columns_ <= columns) {
        return;
    }
    const std::size_t tail_room = (columns - 1) / 2;
    std::size_t tail_columns = 0;
    tail_ = count_;
    while (tail_ > 0 && tail_columns + glyphs_[tail_ - 1].columns <= tail_room) {
        tail_columns += glyphs_[--tail_].columns;
    }
    const std::size_t head_room = columns - 1 - tail_columns;
    std::size_t head_columns = 0;
    head_ = 0;
    while (head_columns + glyphs_[head_].columns <= head_room) {
        head_columns += glyphs_[head_++].columns;
    }
    columns_ = head_columns + 1 + tail_columns;
}

}  // namespace tcpladder

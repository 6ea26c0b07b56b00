// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tcpladder {

/// How a character of hostile text is shown on a terminal: itself if that does
/// no harm, else `\xHH` for its first byte.
struct Glyph {
    std::array<char, 4> text{};
    std::uint8_t bytes = 0;    ///< of `text`
    std::uint8_t columns = 0;  ///< that it takes on the terminal
    std::uint8_t source = 0;   ///< bytes of the original that it stands for

    std::string_view view() const { return {text.data(), bytes}; }
};

/// The first character of a text that is not empty. Harmless is printable ASCII
/// (but for the backslash, which starts an escape) and, with utf8, the letters of
/// scripts that run from left to right and combine nothing.
Glyph glyph_of(std::string_view text, bool utf8);

/// The whole of a hostile text, glyph by glyph.
std::string printable(std::string_view text, bool utf8);

/// The name of a task as it is shown; can be cut to fit.
class PrintableName {
public:
    PrintableName() = default;
    /// At most 16 bytes of the name, as many as the kernel keeps.
    PrintableName(std::string_view name, bool utf8);

    std::size_t columns() const { return columns_; }
    /// If it takes more than `columns` (at least 1): takes characters out of the
    /// middle, since `daytime-client` and `daytime-server` differ at the end, and
    /// leaves a column for a mark there.
    void cut(std::size_t columns);
    bool is_cut() const { return head_ < tail_; }
    /// What is before and after the cut; all is before it if there is none.
    /// They point into this name; one that is gone before they are read has none.
    std::span<const Glyph> head() const& { return std::span(glyphs_).first(head_); }
    std::span<const Glyph> tail() const& { return std::span(glyphs_).first(count_).subspan(tail_); }
    std::span<const Glyph> head() const&& = delete;
    std::span<const Glyph> tail() const&& = delete;

private:
    std::array<Glyph, 16> glyphs_;
    std::size_t count_ = 0;
    std::size_t columns_ = 0;
    std::size_t head_ = 0;
    std::size_t tail_ = 0;
};

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "support/text_buffer.h"
#include "views/printable.h"

namespace tcpladder {

/// How a part of a line looks where there are colours.
enum class Style : std::uint8_t {
    kPlain,
    kDim,
    kState,
    kWarning,
    kFailure,
    kOpen,   ///< a connection begins
    kClose,  ///< an end has no more to send
    kData,
};

/// A line for the terminal while it is put together: knows how many columns it
/// takes, and keeps the colours apart from the text until the end.
class Line {
public:
    void clear();

    /// For ASCII: a byte is a column.
    TextBuffer& text() { return text_; }
    void append(std::string_view ascii) { text_.append(ascii); }
    /// Text of ours: valid UTF-8, a character is a column.
    void append_utf8(std::string_view text);
    /// The same where a character may take two columns.
    void append_wide(std::string_view text);
    /// A character of ours, which takes one column, so many times.
    void append(std::size_t count, std::string_view character);
    void append(const Glyph& glyph);
    void append(const Line& line);
    void pad_to(std::size_t column);

    /// From here on.
    void style(Style style);

    std::size_t columns() const { return text_.size() - surplus_; }
    /// If there are more than `columns`: leaves out the end, and puts the mark,
    /// which takes a column, in its place. Not for lines with wide glyphs.
    void cut(std::size_t columns, std::string_view mark);

    void append_to(TextBuffer& out, bool color) const;

private:
    struct Span {
        std::size_t begin = 0;
        Style style = Style::kPlain;
    };

    void add_span(const Span& span);

    TextBuffer text_;
    std::size_t surplus_ = 0;  ///< bytes that are no columns of their own
    std::array<Span, 32> spans_;
    std::size_t span_count_ = 0;
};

}  // namespace tcpladder

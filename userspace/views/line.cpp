// SPDX-License-Identifier: MIT
#include "views/line.h"

#include <algorithm>

#include "views/utf8.h"

namespace tcpladder {
namespace {

std::string_view escape_of(Style style) {
    switch (style) {
        case Style::kPlain:
            break;
        case Style::kDim:
            return "\x1b[2m";
        case Style::kState:
            return "\x1b[1;32m";
        case Style::kWarning:
            return "\x1b[33m";
        case Style::kFailure:
            return "\x1b[31m";
        case Style::kOpen:
            return "\x1b[32m";
        case Style::kClose:
            return "\x1b[35m";
        case Style::kData:
            return "\x1b[36m";
    }
    return {};
}

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

std::size_t continuations(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_continuation));
}

/// The first `columns` characters.
std::string_view first(std::string_view text, std::size_t columns) {
    std::size_t end = 0;
    for (std::size_t seen = 0; end < text.size(); ++end) {
        if (!is_continuation(text[end]) && ++seen > columns) {
            break;
        }
    }
    return text.substr(0, end);
}

}  // namespace

void Line::clear() {
    text_.clear();
    surplus_ = 0;
    span_count_ = 0;
}

void Line::append_utf8(std::string_view text) {
    text_.append(text);
    surplus_ += continuations(text);
}

void Line::append_wide(std::string_view text) {
    text_.append(text);
    surplus_ += text.size() - columns_of(text);
}

void Line::append(std::size_t count, std::string_view character) {
    for (std::size_t i = 0; i < count; ++i) {
        text_.append(character);
    }
    surplus_ += count * (character.size() - 1);
}

void Line::append(const Glyph& glyph) {
    text_.append(glyph.view());
    surplus_ += static_cast<std::size_t>(glyph.bytes - glyph.columns);
}

void Line::append(const Line& line) {
    const std::size_t offset = text_.size();
    for (std::size_t i = 0; i < line.span_count_; ++i) {
        add_span({offset + line.spans_[i].begin, line.spans_[i].style});
    }
    text_.append(line.text_.view());
    surplus_ += line.surplus_;
}

void Line::pad_to(std::size_t column) {
    if (columns() < column) {
        text_.append(column - columns(), ' ');
    }
}

void Line::style(Style style) {
    add_span({text_.size(), style});
}

// No line has more than a few; one too many would lose its colour only.
void Line::add_span(const Span& span) {
    if (span_count_ < spans_.size()) {
        spans_[span_count_++] = span;
    }
}

void Line::cut(std::size_t columns, std::string_view mark) {
    if (this->columns() <= columns) {
        return;
    }
    const std::string_view kept = first(text_.view(), columns - 1);
    text_.truncate(kept.size());
    surplus_ = continuations(kept);
    append_utf8(mark);
}

void Line::append_to(TextBuffer& out, bool color) const {
    const std::string_view text = text_.view();
    std::size_t begin = 0;
    bool styled = false;
    for (std::size_t i = 0; color && i < span_count_; ++i) {
        const std::size_t end = std::min(spans_[i].begin, text.size());
        out.append(text.substr(begin, end - begin));
        begin = end;
        out.append(styled ? "\x1b[0m" : "");
        out.append(escape_of(spans_[i].style));
        styled = spans_[i].style != Style::kPlain;
    }
    out.append(text.substr(begin));
    out.append(styled ? "\x1b[0m" : "");
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include "views/wrap.h"

#include <algorithm>
#include <utility>

#include "views/utf8.h"

namespace tcpladder {
namespace {

// What must not begin a line, and what must not end one.
constexpr std::u32string_view kClosing = U"\uff0c\u3002\uff1b\uff1a\uff09\u3001\uff1f\uff01";
constexpr std::u32string_view kOpening = U"\uff08";

bool may_break_between(char32_t before, char32_t after) {
    if (before == ' ' || after == ' ') {
        return true;
    }
    if (kClosing.find(after) != std::u32string_view::npos ||
        kOpening.find(before) != std::u32string_view::npos) {
        return false;
    }
    return columns_of(before) == 2 || columns_of(after) == 2;
}

std::string_view without_blanks_at_end(std::string_view text) {
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

void drop_blanks(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
}

}  // namespace

std::string_view take_line(std::string_view& text, std::size_t columns) {
    drop_blanks(text);
    if (text.size() <= columns) {  // no character has more columns than bytes
        return without_blanks_at_end(std::exchange(text, {}));
    }
    std::size_t used = 0;
    std::size_t end = 0;    // of what fits
    std::size_t whole = 0;  // of what fits up to the last place for a break
    char32_t before = ' ';
    while (end < text.size()) {
        const CodePoint c = decode_utf8(text.substr(end));
        if (end > 0 && may_break_between(before, c.value)) {
            whole = end;
        }
        used += columns_of(c.value);
        if (used > columns && end > 0 && c.value != ' ') {
            break;
        }
        before = c.value;
        end += std::max<std::size_t>(c.bytes, 1);
    }
    if (end < text.size() && whole > 0) {
        end = whole;
    }
    const std::string_view line = without_blanks_at_end(text.substr(0, end));
    text.remove_prefix(end);
    drop_blanks(text);
    return line;
}

}  // namespace tcpladder

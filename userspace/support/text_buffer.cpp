// SPDX-License-Identifier: MIT
#include "support/text_buffer.h"

#include <algorithm>

namespace tcpladder {

void TextBuffer::append(std::size_t count, char c) {
    std::fill_n(room(count), count, c);
    size_ += count;
}

void TextBuffer::append_signed(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    if (value < 0) {
        append('-');
    }
    append_decimal(value < 0 ? 0 - bits : bits);
}

void TextBuffer::grow(std::size_t bytes) {
    bytes_.resize(std::max(2 * bytes_.size(), size_ + bytes));
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "support/decimal.h"

namespace tcpladder {

/// The text of one row while it is put together. Used again for every row: it
/// grows to the longest one, and from then on nothing is allocated.
class TextBuffer {
public:
    void clear() { size_ = 0; }
    bool empty() const { return size_ == 0; }
    std::size_t size() const { return size_; }
    std::string_view view() const { return {bytes_.data(), size_}; }

    void append(char c) {
        *room(1) = c;
        ++size_;
    }
    void append(std::string_view text) {
        text.copy(room(text.size()), text.size());
        size_ += text.size();
    }
    void append(std::size_t count, char c);
    /// Without leading zeros.
    void append_decimal(std::uint64_t value) { set_end(put_decimal(room(kMaxDecimal), value)); }
    void append_signed(std::int64_t value);
    /// The last `digits` digits, with leading zeros.
    void append_digits(std::uint32_t value, unsigned digits) {
        set_end(put_digits(room(digits), value, digits));
    }

    /// For writers that return the end of what they wrote: room for `bytes`
    /// more, then the end.
    char* room(std::size_t bytes) {
        if (bytes_.size() - size_ < bytes) {
            grow(bytes);
        }
        return bytes_.data() + size_;
    }
    void set_end(const char* end) { size_ = static_cast<std::size_t>(end - bytes_.data()); }
    /// Forgets what comes after the first `size` bytes.
    void truncate(std::size_t size) { size_ = size; }

private:
    void grow(std::size_t bytes);

    std::vector<char> bytes_ = std::vector<char>(512);  // enough for most rows
    std::size_t size_ = 0;
};

}  // namespace tcpladder

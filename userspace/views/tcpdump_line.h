// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "model/address.h"

namespace tcpladder {

/// Hexadecimal, with zeros in front where it has fewer than `width` digits.
struct Hex {
    std::uint64_t value = 0;
    unsigned width = 0;  ///< up to 16
};

/// Decimal, the last `width` digits with zeros in front.
struct Digits {
    std::uint32_t value = 0;
    unsigned width = 0;
};

/// Decimal, with spaces in front where it has fewer than `width` digits.
struct Spaced {
    std::uint64_t value = 0;
    unsigned width = 0;
};

/// One row under construction. Its storage is reused, so that a row costs no
/// allocation; it has room for the longest row that kMaxHeaderBytes can make,
/// and what would not fit is left out.
class TcpdumpLine {
public:
    void clear() { end_ = 0, limit_ = kCapacity; }
    std::string_view text() const { return {text_.data(), end_}; }

    /// Appends each in turn: text, characters, unsigned numbers (in decimal),
    /// addresses, Hex, Digits, Spaced.
    template <class... Parts>
    void put(const Parts&... parts) {
        (append(parts), ...);
    }

    /// From here on nothing is appended, until reopen().
    void close() { limit_ = end_; }
    void reopen() { limit_ = kCapacity; }

private:
    static constexpr std::size_t kCapacity = 4096;

    void append(std::string_view text);
    void append(char character);
    void append(Hex number);
    void append(Digits number);
    void append(Spaced number);
    void append(const Address& address);
    void append(std::unsigned_integral auto number) { append_decimal(number); }
    void append_decimal(std::uint64_t number);
    void append_part(std::string_view text);

    /// Whether the largest number or address fits, whatever its value.
    bool has_room() const { return limit_ - end_ >= kMaxEndpointText; }
    char* end() { return text_.data() + end_; }
    void set_end(const char* end) { end_ = static_cast<std::size_t>(end - text_.data()); }

    std::array<char, kCapacity> text_;
    std::size_t end_ = 0;
    std::size_t limit_ = kCapacity;
};

// Inline: most text is of a size that the compiler knows, and then costs a move.
inline void TcpdumpLine::append(std::string_view text) {
    if (text.size() > limit_ - end_) [[unlikely]] {
        return append_part(text);
    }
    text.copy(end(), text.size());
    end_ += text.size();
}

inline void TcpdumpLine::append(char character) {
    append(std::string_view(&character, 1));
}

}  // namespace tcpladder

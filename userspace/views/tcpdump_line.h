// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "model/address.h"

namespace tcpladder {

/// Printed as by %x.
struct Hex {
    std::uint64_t value = 0;
};

/// Printed with at least `width` characters, `fill` on the left; up to 20.
struct Padded {
    std::uint64_t value = 0;
    unsigned width = 0;
    char fill = '0';
    int base = 10;
};

/// One row under construction. Its storage is reused, so that a row costs no
/// allocation; it has room for the longest row that kMaxHeaderBytes can make,
/// and what would not fit is left out.
class TcpdumpLine {
public:
    void clear() { end_ = 0, limit_ = kCapacity; }
    std::string_view text() const { return {text_.data(), end_}; }

    /// Appends each in turn: text, characters, unsigned numbers, addresses, Hex, Padded.
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
    void append(Padded number);
    void append(const Address& address);
    void append(std::unsigned_integral auto number) { append_decimal(number); }
    void append_decimal(std::uint64_t number);

    std::array<char, kCapacity> text_;
    std::size_t end_ = 0;
    std::size_t limit_ = kCapacity;
};

inline void TcpdumpLine::append(std::string_view text) {
    const std::size_t room = limit_ - end_;
    const std::size_t size = text.size() < room ? text.size() : room;
    text.copy(&text_[end_], size);
    end_ += size;
}

inline void TcpdumpLine::append(char character) {
    append(std::string_view(&character, 1));
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tcpladder {

/// What text of unknown origin starts with.
struct CodePoint {
    char32_t value = 0;
    std::uint8_t bytes = 0;  ///< 0: no valid UTF-8
};

/// Decodes the first character of a text that is not empty. Overlong forms,
/// surrogates and numbers beyond U+10FFFF are invalid (RFC 3629).
CodePoint decode_utf8(std::string_view text);
/// The same where it is no ASCII.
CodePoint decode_long_utf8(std::string_view text);

/// Columns that a character takes on a terminal: two if its East Asian width
/// (UAX #11) is wide or fullwidth, as of Chinese characters and their punctuation,
/// else one. Ambiguous ones (arrows, dashes, quotes) count one. For text of ours:
/// nothing that combines, nothing that a terminal obeys.
std::size_t columns_of(char32_t character);
/// The same, of those that may be wide.
std::size_t columns_of_high(char32_t character);
/// Of a text of ours; a byte that is no UTF-8 counts one.
std::size_t columns_of(std::string_view text);

// Nearly all text is ASCII.

inline CodePoint decode_utf8(std::string_view text) {
    const auto first = static_cast<unsigned char>(text[0]);
    return first < 0x80 ? CodePoint{first, 1} : decode_long_utf8(text);
}

inline std::size_t columns_of(char32_t character) {
    constexpr char32_t kFirstWide = 0x1100;
    return character < kFirstWide ? 1 : columns_of_high(character);
}

}  // namespace tcpladder

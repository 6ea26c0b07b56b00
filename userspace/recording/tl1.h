// SPDX-License-Identifier: MIT
// The text lines that carry our facts in a pcapng file, in the comment of a packet
// or in a journal block:
//
//   tl1 k=state r=1a2b3c4d n=12 t=1790000000000000000 old=LISTEN new=SYN_RECV …
//
// Printable ASCII, single spaces, keys [a-z0-9_]{1,8}. A value is bare if it is made
// of [A-Za-z0-9_.:/@+,[]-] only; else it stands in quotes, and quote, backslash and
// every byte outside of printable ASCII in it are \xHH. Unknown keys are ignored,
// unknown kinds skipped; an incompatible change becomes tl2.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "support/text_buffer.h"

namespace tcpladder::tl1 {

inline constexpr std::string_view kPrefix = "tl1 ";

// starts_with() and ends_with() of the library call memcmp(), for any text.
template <std::size_t Size>
bool begins(std::string_view text, const char (&with)[Size]) {  // NOLINT(*-avoid-c-arrays)
    return text.size() >= Size - 1 && std::memcmp(text.data(), with, Size - 1) == 0;
}
template <std::size_t Size>
bool ends(std::string_view text, const char (&with)[Size]) {  // NOLINT(*-avoid-c-arrays)
    constexpr auto kSize = Size - 1;
    return text.size() >= kSize && std::memcmp(text.data() + text.size() - kSize, with, kSize) == 0;
}
inline bool is_line(std::string_view text) {
    return begins(text, "tl1 ");
}
inline constexpr std::size_t kMaxKey = 8;

/// A key as a number, for switch. Longer than kMaxKey: 0, which is no key.
constexpr std::uint64_t key(std::string_view name) {
    std::uint64_t packed = 0;
    if (name.size() > kMaxKey)
        return 0;
    for (const char c : name)
        packed = (packed << 8) | static_cast<std::uint8_t>(c);
    return packed;
}

/// A field's name made ready to be compared with a line's next one in one go. At most
/// six letters.
struct Key {
    consteval explicit Key(std::string_view letters)
        : name(key(letters)), bytes(letters.size() + 2) {
        text = static_cast<std::uint8_t>(' ');
        for (std::size_t i = 0; i < letters.size(); ++i)
            text |= std::uint64_t{static_cast<std::uint8_t>(letters[i])} << (8 * (i + 1));
        text |= std::uint64_t{'='} << (8 * (bytes - 1));
        mask = UINT64_MAX >> (64 - 8 * bytes);
    }
    std::uint64_t name;  ///< key()
    std::uint64_t text;  ///< ` name=`, its first letter in the lowest byte
    std::uint64_t mask;  ///< of its bytes
    std::size_t bytes;
};

/// Appends ` key=value`. The key is given with its space and equals sign: ` sk=`.
void put_decimal(TextBuffer& out, std::string_view key, std::uint64_t value);
void put_signed(TextBuffer& out, std::string_view key, std::int64_t value);
void put_hex(TextBuffer& out, std::string_view key, std::uint64_t value);
void put_text(TextBuffer& out, std::string_view key, std::string_view value);
/// Appends `tl1 k=kind r=rrrrrrrr n=N`.
void put_start(TextBuffer& out, std::string_view kind, std::uint32_t recording, std::uint64_t n);

/// As a line has it: the first letter is the lowest byte.
std::uint64_t eight_hex_digits(std::uint32_t number);

/// The line in a journal block: the value of its field TCPLADDER; empty: it has none.
std::string_view line_of_journal(std::span<const std::uint8_t> body);

/// Whether the value needs no quotes.
bool is_bare(std::string_view value);

/// Walks over the fields of a line in one pass: next() or take(), then at most one of
/// the functions that read the value. A value that nobody reads is skipped by next().
class Fields {
public:
    /// A line that does not start with kPrefix has no fields.
    explicit Fields(std::string_view line);
    bool is_ours() const { return ours_; }

    /// The key() of the next field's name; 0: there are no more, or what follows is
    /// no field. A name that is too long is skipped with its value.
    std::uint64_t next();
    /// Goes to the next field if it has this name. The value before must have been read.
    bool take(const Key& key) {
        if ((next_bytes() & key.mask) != key.text)
            return false;
        at_ += key.bytes;
        in_value_ = true;
        return true;
    }
    /// Goes over this text, of fields that have been read so far and the name of the next one.
    template <std::size_t Size>
    bool take_text(const std::array<char, Size>& text) {
        if (end_ - at_ < static_cast<std::ptrdiff_t>(Size) ||
            std::memcmp(at_, text.data(), Size) != 0)
            return false;
        at_ += Size;
        in_value_ = true;
        return true;
    }
    bool malformed() const { return malformed_; }

    // The value as a number: false if it is none, or does not fit.
    template <typename Number>
    bool decimal(Number& out);
    bool signed_decimal(std::int64_t& out);
    bool hex(std::uint64_t& out);
    /// As it stands, without the quotes and still escaped.
    std::string_view text();
    /// All up to the next space, for those who compare it with words; of a value in quotes, text().
    std::string_view word();
    /// The same as key() has it.
    std::uint64_t word_key();
    /// Whether the value is these eight letters, the first one lowest; if not, it is still to be
    /// read.
    bool take_word(std::uint64_t letters) {
        if (next_bytes() != letters || end_ - at_ < 8 || (end_ - at_ > 8 && at_[8] != ' '))
            return false;
        at_ += 8;
        in_value_ = false;
        return true;
    }

private:
    static constexpr bool is_key(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }
    /// The next eight, the first one lowest; zeros behind the end.
    std::uint64_t next_bytes() const {
        std::uint64_t bytes = 0;
        if (end_ - at_ >= 8) {
            std::memcpy(&bytes, at_, sizeof(bytes));
            return std::endian::native == std::endian::little ? bytes : __builtin_bswap64(bytes);
        }
        for (const char* last = end_; last != at_;)
            bytes = (bytes << 8) | static_cast<std::uint8_t>(*--last);
        return bytes;
    }
    static constexpr std::uint64_t kZeros = 0x3030303030303030U;  // eight times '0'
    /// Of eight bytes, the first one lowest: the highest bit is set where it is no decimal digit.
    /// A carry reaches the bytes behind only, so the first one is right.
    static std::uint64_t no_digits(std::uint64_t bytes) {
        const auto values = bytes ^ kZeros;  // 0 to 9 where it is one
        return (values + 0x7676767676767676U) | values;
    }
    /// The first byte whose highest bit is set; 8: there is none.
    static std::size_t place_of_first(std::uint64_t bytes) {
        return static_cast<std::size_t>(std::countr_zero(bytes & 0x8080808080808080U)) / 8;
    }
    bool take_decimal(std::uint64_t& out);
    bool take_long_decimal(std::uint64_t& out);
    bool at_end_of_value() const { return at_ == end_ || *at_ == ' '; }
    std::uint64_t fail() {
        malformed_ = true;
        at_ = end_;
        return 0;
    }

    const char* at_;
    const char* end_;
    bool in_value_ = false;
    bool ours_ = false;
    bool malformed_ = false;
};

inline Fields::Fields(std::string_view line)
    : at_(line.data()), end_(line.data() + line.size()), ours_(is_line(line)) {
    at_ = ours_ ? at_ + kPrefix.size() - 1 : end_;
}

inline std::uint64_t Fields::next() {
    if (in_value_)
        text();
    if (at_ == end_)
        return 0;
    if (*at_++ != ' ')
        return fail();
    const char* start = at_;
    std::uint64_t packed = 0;
    for (; at_ != end_ && is_key(*at_); ++at_)
        packed = (packed << 8) | static_cast<std::uint8_t>(*at_);
    const auto length = static_cast<std::size_t>(at_ - start);
    if (length == 0 || at_ == end_ || *at_ != '=')
        return fail();
    ++at_;
    in_value_ = true;
    return length <= kMaxKey ? packed : next();
}

inline std::string_view Fields::word() {
    const char* start = at_;
    if (at_ != end_ && *at_ == '"') [[unlikely]]
        return text();
    in_value_ = false;
    std::size_t letters = 8;
    while (letters == 8 && end_ - at_ >= 8) {
        const auto values = next_bytes() ^ 0x2020202020202020U;  // 0 where it is a space
        letters = place_of_first((values - 0x0101010101010101U) & ~values);
        at_ += letters;
    }
    while (at_ != end_ && *at_ != ' ')
        ++at_;
    return {start, static_cast<std::size_t>(at_ - start)};
}

inline std::uint64_t Fields::word_key() {
    const char* start = at_;
    const auto bytes = next_bytes();
    const auto text = word();
    if (text.data() != start || text.empty() || text.size() > kMaxKey) [[unlikely]]
        return key(text);
    return __builtin_bswap64(bytes) >> (64 - 8 * text.size());
}

// Eight digits at a time: half of a line are digits.
[[gnu::always_inline]] inline bool Fields::take_decimal(std::uint64_t& out) {
    static constexpr std::array<std::uint64_t, 9> kPowers = {
        1, 10, 100, 1000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};
    const char* start = at_;
    out = 0;
    std::size_t digits = 8;
    while (digits == 8 && at_ - start < 24) {
        const auto bytes = next_bytes();
        digits = place_of_first(no_digits(bytes));
        if (digits == 0)
            break;
        auto sum = (bytes ^ kZeros) << (64 - 8 * digits);  // right-aligned, as with zeros in front
        sum = sum * 10 + (sum >> 8);
        sum = ((sum & 0x000000ff000000ffU) * (100 + (std::uint64_t{1'000'000} << 32)) +
               ((sum >> 16) & 0x000000ff000000ffU) * (1 + (std::uint64_t{10'000} << 32))) >>
              32;
        out = out * kPowers[digits] + sum;
        at_ += digits;
    }
    return at_ != start && at_ - start <= 19;  // so many always fit
}

template <typename Number>
[[gnu::always_inline]] inline bool Fields::decimal(Number& out) {
    constexpr auto kMost = std::numeric_limits<Number>::max();
    const char* start = at_;
    std::uint64_t number = 0;
    bool good = take_decimal(number);
    if (!good && at_ != start) {
        at_ = start;
        good = take_long_decimal(number);
    }
    out = static_cast<Number>(number);
    in_value_ = !at_end_of_value();
    return good && !in_value_ && number <= kMost;
}

/// The value's bytes, \xHH undone, into `out`; returns how many, at most `size`.
std::size_t unescape(std::string_view value, char* out, std::size_t size);
std::string unescape(std::string_view value);

}  // namespace tcpladder::tl1

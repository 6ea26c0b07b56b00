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

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "support/text_buffer.h"

namespace tcpladder::tl1 {

inline constexpr std::string_view kPrefix = "tl1 ";
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

/// Appends ` key=value`. The key is given with its space and equals sign: ` sk=`.
void put_decimal(TextBuffer& out, std::string_view key, std::uint64_t value);
void put_signed(TextBuffer& out, std::string_view key, std::int64_t value);
void put_hex(TextBuffer& out, std::string_view key, std::uint64_t value);
void put_text(TextBuffer& out, std::string_view key, std::string_view value);
/// Appends `tl1 k=kind r=rrrrrrrr n=N`.
void put_start(TextBuffer& out, std::string_view kind, std::uint32_t recording, std::uint64_t n);

/// The line in a journal block: the value of its field TCPLADDER; empty: it has none.
std::string_view line_of_journal(std::span<const std::uint8_t> body);

/// Whether the value needs no quotes.
bool is_bare(std::string_view value);

/// Walks over the fields of a line in one pass: next(), then at most one of the
/// functions that read the value. A value that nobody reads is skipped.
class Fields {
public:
    /// A line that does not start with kPrefix has no fields.
    explicit Fields(std::string_view line);
    bool is_ours() const { return ours_; }

    /// The key() of the next field's name; 0: there are no more, or what follows is
    /// no field. A name that is too long is skipped with its value.
    std::uint64_t next();
    /// The same without going there.
    std::uint64_t peek() const { return Fields(*this).next(); }
    bool malformed() const { return malformed_; }

    // The value as a number: false if it is none, or does not fit.
    template <typename Number>
    bool decimal(Number& out);
    bool signed_decimal(std::int64_t& out);
    bool hex(std::uint64_t& out);
    /// As it stands, without the quotes and still escaped.
    std::string_view text();

private:
    static constexpr bool is_key(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }
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
    : at_(line.data()), end_(line.data() + line.size()), ours_(line.starts_with(kPrefix)) {
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

template <typename Number>
bool Fields::decimal(Number& out) {
    constexpr auto kMost = std::numeric_limits<Number>::max();
    const char* start = at_;
    std::uint64_t number = 0;
    bool fits = true;
    for (; at_ != end_; ++at_) {
        const auto digit = static_cast<unsigned>(*at_ - '0');
        if (digit > 9)
            break;
        fits = fits && (at_ - start < 19 || number <= (UINT64_MAX - digit) / 10);
        number = number * 10 + digit;
    }
    out = static_cast<Number>(number);
    in_value_ = !at_end_of_value();
    return fits && at_ != start && !in_value_ && number <= kMost;
}

/// The value's bytes, \xHH undone, into `out`; returns how many, at most `size`.
std::size_t unescape(std::string_view value, char* out, std::size_t size);
std::string unescape(std::string_view value);

}  // namespace tcpladder::tl1

// SPDX-License-Identifier: MIT
#include "recording/tl1.h"

#include <array>
#include <cstring>

namespace tcpladder::tl1 {
namespace {

constexpr std::string_view kLineField = "TCPLADDER=";
constexpr std::string_view kHexDigits = "0123456789abcdef";

constexpr std::array<bool, 256> bare_bytes() {
    std::array<bool, 256> bare{};
    for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                         "0123456789_.:/@+,[]-"))
        bare[static_cast<std::uint8_t>(c)] = true;
    return bare;
}
constexpr auto kBare = bare_bytes();

bool needs_escape(char c) {
    return c == '"' || c == '\\' || c < 0x20 || c >= 0x7f;
}

// A table, since whether the next digit is a letter cannot be predicted.
constexpr std::array<std::int8_t, 256> hex_values() {
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (std::size_t i = 0; i < kHexDigits.size(); ++i)
        values[static_cast<std::uint8_t>(kHexDigits[i])] = static_cast<std::int8_t>(i);
    return values;
}
constexpr auto kHexValues = hex_values();

int hex_value(char c) {
    return kHexValues[static_cast<std::uint8_t>(c)];
}

}  // namespace

void put_decimal(TextBuffer& out, std::string_view key, std::uint64_t value) {
    out.append(key);
    out.append_decimal(value);
}

void put_signed(TextBuffer& out, std::string_view key, std::int64_t value) {
    out.append(key);
    out.append_signed(value);
}

void put_hex(TextBuffer& out, std::string_view key, std::uint64_t value) {
    out.append(key);
    unsigned digits = 1;
    while (digits < 16 && (value >> (4 * digits)) != 0)
        ++digits;
    char* end = out.room(digits);
    for (unsigned i = digits; i-- > 0;)
        *end++ = kHexDigits[(value >> (4 * i)) & 0xf];
    out.set_end(end);
}

bool is_bare(std::string_view value) {
    for (const char c : value) {
        if (!kBare[static_cast<std::uint8_t>(c)])
            return false;
    }
    return !value.empty();
}

void put_text(TextBuffer& out, std::string_view key, std::string_view value) {
    out.append(key);
    if (is_bare(value))
        return out.append(value);
    out.append('"');
    for (const char c : value) {
        if (!needs_escape(c)) {
            out.append(c);
            continue;
        }
        const auto byte = static_cast<std::uint8_t>(c);
        out.append("\\x");
        out.append(kHexDigits[byte >> 4]);
        out.append(kHexDigits[byte & 0xf]);
    }
    out.append('"');
}

std::uint64_t eight_hex_digits(std::uint32_t number) {
    std::uint64_t letters = 0;
    for (unsigned i = 0; i < 8; ++i)
        letters = (letters << 8) | static_cast<std::uint8_t>(kHexDigits[(number >> (4 * i)) & 0xf]);
    return letters;
}

void put_start(TextBuffer& out, std::string_view kind, std::uint32_t recording, std::uint64_t n) {
    out.append("tl1 k=");
    out.append(kind);
    out.append(" r=");
    const auto digits = eight_hex_digits(recording);
    char* end = out.room(8);
    for (unsigned i = 0; i < 8; ++i)
        *end++ = static_cast<char>(digits >> (8 * i));
    out.set_end(end);
    put_decimal(out, " n=", n);
}

// We write it last, so it is looked for from the end; zeros and line ends follow it.
std::string_view line_of_journal(std::span<const std::uint8_t> body) {
    std::string_view text(reinterpret_cast<const char*>(body.data()), body.size());
    while (!text.empty() && (text.back() == '\0' || text.back() == '\n'))
        text.remove_suffix(1);
    if (text.empty())
        return {};
    const auto* before = static_cast<const char*>(::memrchr(text.data(), '\n', text.size()));
    const auto last =
        before != nullptr ? text.substr(static_cast<std::size_t>(before + 1 - text.data())) : text;
    if (begins(last, "TCPLADDER="))
        return last.substr(kLineField.size());
    const auto inside = text.find("\nTCPLADDER=");
    if (inside == std::string_view::npos)
        return {};
    const auto start = inside + 1 + kLineField.size();
    return text.substr(start, text.find('\n', start) - start);
}

std::string_view Fields::text() {
    in_value_ = false;
    if (at_ != end_ && *at_ == '"') {
        const char* start = ++at_;
        while (at_ != end_ && *at_ != '"')
            ++at_;
        if (at_ == end_) {
            fail();
            return {};
        }
        return {start, static_cast<std::size_t>(at_++ - start)};
    }
    const char* start = at_;
    while (at_ != end_ && kBare[static_cast<std::uint8_t>(*at_)])
        ++at_;
    if (at_ == start)
        fail();
    return {start, static_cast<std::size_t>(at_ - start)};
}

bool Fields::signed_decimal(std::int64_t& out) {
    const bool negative = at_ != end_ && *at_ == '-';
    if (negative)
        ++at_;
    std::int64_t number = 0;
    const bool good = decimal(number);
    out = good && negative ? -number : number;  // else it may be the one without a positive
    return good;
}

// Of 20 digits and more, which fit only if there are zeros in front, or barely.
bool Fields::take_long_decimal(std::uint64_t& out) {
    bool fits = true;
    out = 0;
    for (; at_ != end_; ++at_) {
        const auto digit = static_cast<unsigned>(*at_ - '0');
        if (digit > 9)
            break;
        fits = fits && out <= (UINT64_MAX - digit) / 10;
        out = out * 10 + digit;
    }
    return fits;
}

// Eight digits at a time, too.
bool Fields::hex(std::uint64_t& out) {
    const char* start = at_;
    out = 0;
    std::size_t digits = 8;
    while (digits == 8 && at_ - start < 24) {
        const auto bytes = next_bytes();
        const auto letter = bytes ^ 0x6060606060606060U;  // 1 to 6 where it is a to f
        digits = place_of_first(no_digits(bytes) & ((letter + 0x7979797979797979U) | letter |
                                                    (letter - 0x0101010101010101U)));
        if (digits == 0)
            break;
        auto sum = (bytes & 0x0f0f0f0f0f0f0f0fU) + 9 * ((bytes >> 6) & 0x0101010101010101U);
        sum <<= 64 - 8 * digits;  // right-aligned, as with zeros in front
        sum = ((sum << 4) | (sum >> 8)) & 0x00ff00ff00ff00ffU;
        sum = ((sum << 8) | (sum >> 16)) & 0x0000ffff0000ffffU;
        out = out << (4 * digits) | (((sum << 16) | (sum >> 32)) & 0xffffffffU);
        at_ += digits;
    }
    in_value_ = !at_end_of_value();
    return at_ != start && at_ - start <= 16 && !in_value_;
}

std::size_t unescape(std::string_view value, char* out, std::size_t size) {
    std::size_t used = 0;
    for (std::size_t i = 0; i < value.size() && used < size; ++i) {
        if (value[i] == '\\' && i + 3 < value.size() && value[i + 1] == 'x' &&
            hex_value(value[i + 2]) >= 0 && hex_value(value[i + 3]) >= 0) {
            out[used++] = static_cast<char>(hex_value(value[i + 2]) * 16 + hex_value(value[i + 3]));
            i += 3;
        } else {
            out[used++] = value[i];
        }
    }
    return used;
}

std::string unescape(std::string_view value) {
    std::string text(value.size(), '\0');
    text.resize(unescape(value, text.data(), text.size()));
    return text;
}

}  // namespace tcpladder::tl1

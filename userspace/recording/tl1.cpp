// SPDX-License-Identifier: MIT
#include "recording/tl1.h"

#include <array>

namespace tcpladder::tl1 {
namespace {

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

int hex_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool is_key(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
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

void put_start(TextBuffer& out, std::string_view kind, std::uint32_t recording, std::uint64_t n) {
    out.append("tl1 k=");
    out.append(kind);
    out.append(" r=");
    char* end = out.room(8);
    for (unsigned i = 8; i-- > 0;)
        *end++ = kHexDigits[(recording >> (4 * i)) & 0xf];
    out.set_end(end);
    put_decimal(out, " n=", n);
}

Fields::Fields(std::string_view line) : ours_(line.starts_with(kPrefix)) {
    if (ours_)
        rest_ = line.substr(kPrefix.size() - 1);
}

bool Fields::fail() {
    malformed_ = true;
    rest_ = {};
    return false;
}

bool Fields::next(Field& field) {
    if (rest_.empty())
        return false;
    if (rest_[0] != ' ')
        return fail();
    std::size_t i = 1;
    field.key = 0;
    for (; i < rest_.size() && is_key(rest_[i]); ++i)
        field.key = (field.key << 8) | static_cast<std::uint8_t>(rest_[i]);
    if (i == 1 || i >= rest_.size() || rest_[i] != '=')
        return fail();
    if (i - 1 > kMaxKey)
        field.key = 0;
    const std::size_t start = ++i;
    if (start < rest_.size() && rest_[start] == '"') {
        const auto close = rest_.find('"', start + 1);
        if (close == std::string_view::npos)
            return fail();
        field.value = rest_.substr(start + 1, close - start - 1);
        rest_.remove_prefix(close + 1);
        return true;
    }
    while (i < rest_.size() && kBare[static_cast<std::uint8_t>(rest_[i])])
        ++i;
    if (i == start)
        return fail();
    field.value = rest_.substr(start, i - start);
    rest_.remove_prefix(i);
    return true;
}

std::optional<std::uint64_t> decimal(std::string_view value) {
    constexpr std::size_t kAlwaysFits = 19;  // decimal digits
    if (value.empty() || value.size() > kAlwaysFits + 1)
        return {};
    std::uint64_t number = 0;
    for (const char c : value) {
        const auto digit = static_cast<unsigned>(c - '0');
        if (digit > 9)
            return {};
        if (value.size() > kAlwaysFits && number > (UINT64_MAX - digit) / 10)
            return {};
        number = number * 10 + digit;
    }
    return number;
}

std::optional<std::int64_t> signed_decimal(std::string_view value) {
    const bool negative = value.starts_with('-');
    const auto number = decimal(value.substr(negative ? 1 : 0));
    if (!number || *number > static_cast<std::uint64_t>(INT64_MAX))
        return {};
    return negative ? -static_cast<std::int64_t>(*number) : static_cast<std::int64_t>(*number);
}

std::optional<std::uint64_t> hex(std::string_view value) {
    if (value.empty() || value.size() > 16)
        return {};
    std::uint64_t number = 0;
    for (const char c : value) {
        const int digit = hex_value(c);
        if (digit < 0)
            return {};
        number = (number << 4) | static_cast<unsigned>(digit);
    }
    return number;
}

std::size_t unescape(std::string_view value, char* out, std::size_t size) {
    std::size_t used = 0;
    for (std::size_t i = 0; i < value.size() && used < size; ++i) {
        if (value[i] == '\\' && i + 3 < value.size() && value[i + 1] == 'x' &&
            hex_value(value[i + 2]) >= 0 && hex_value(value[i + 3]) >= 0) {
            out[used++] =
                static_cast<char>(hex_value(value[i + 2]) * 16 + hex_value(value[i + 3]));
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

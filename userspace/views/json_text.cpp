// SPDX-License-Identifier: MIT
#include "views/json_text.h"

#include <array>
#include <cstddef>

#include "views/utf8.h"

namespace tcpladder {
namespace {

constexpr char32_t kReplacement = 0xfffd;

constexpr std::array<bool, 256> make_plain() {
    std::array<bool, 256> plain{};
    for (std::size_t c = ' '; c <= '~'; ++c) {
        plain[c] = c != '"' && c != '\\';
    }
    return plain;
}

/// Bytes that stand for themselves.
constexpr std::array<bool, 256> kPlain = make_plain();

std::size_t plain_bytes(std::string_view text) {
    std::size_t size = 0;
    while (size < text.size() && kPlain[static_cast<unsigned char>(text[size])]) {
        ++size;
    }
    return size;
}

/// Valid in a JSON string as it is, but not harmless where the text is shown.
bool is_harmful(char32_t c) {
    const bool control = c < 0x20 || (c >= 0x7f && c < 0xa0);
    const bool invisible = c == 0xad || (c >= 0x200b && c <= 0x200f) || c == 0xfeff;
    const bool reordering = (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f);
    return control || invisible || reordering;
}

/// All that is_harmful() names, and kReplacement, fit into four digits.
void append_escaped(TextBuffer& out, char32_t c) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out.append("\\u");
    for (unsigned shift = 16; shift > 0; shift -= 4) {
        out.append(kDigits[(c >> (shift - 4)) & 0xf]);
    }
}

/// Appends the first character, returns how many bytes it had.
std::size_t append_special(TextBuffer& out, std::string_view text) {
    if (text[0] == '"' || text[0] == '\\') {
        out.append('\\');
        out.append(text[0]);
        return 1;
    }
    const CodePoint c = decode_utf8(text);
    if (c.bytes == 0) {
        append_escaped(out, kReplacement);
        return 1;
    }
    if (is_harmful(c.value)) {
        append_escaped(out, c.value);
    } else {
        out.append(text.substr(0, c.bytes));
    }
    return c.bytes;
}

}  // namespace

void append_json_string(TextBuffer& out, std::string_view text) {
    out.append('"');
    while (!text.empty()) {
        const std::size_t plain = plain_bytes(text);
        out.append(text.substr(0, plain));
        text.remove_prefix(plain);
        if (!text.empty()) {
            text.remove_prefix(append_special(out, text));
        }
    }
    out.append('"');
}

}  // namespace tcpladder

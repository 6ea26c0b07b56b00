// SPDX-License-Identifier: MIT
#include "views/utf8.h"

namespace tcpladder {
namespace {

/// The first byte's part of a sequence: how long it is, what it contributes,
/// and the least value that needs this length.
struct Lead {
    std::uint8_t bytes;
    char32_t bits;
    char32_t least;
};

Lead lead_of(unsigned char byte) {
    if (byte < 0x80) {
        return {1, byte, 0};
    }
    if (byte >= 0xc0 && byte < 0xe0) {
        return {2, byte & 0x1fU, 0x80};
    }
    if (byte >= 0xe0 && byte < 0xf0) {
        return {3, byte & 0x0fU, 0x800};
    }
    if (byte >= 0xf0 && byte < 0xf8) {
        return {4, byte & 0x07U, 0x10000};
    }
    return {0, 0, 0};
}

}  // namespace

CodePoint decode_utf8(std::string_view text) {
    const Lead lead = lead_of(static_cast<unsigned char>(text[0]));
    if (lead.bytes == 0 || lead.bytes > text.size()) {
        return {};
    }
    char32_t value = lead.bits;
    for (const char c : text.substr(1, lead.bytes - 1U)) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xc0) != 0x80) {
            return {};
        }
        value = value << 6 | (byte & 0x3fU);
    }
    const bool surrogate = value >= 0xd800 && value < 0xe000;
    if (value < lead.least || surrogate || value > 0x10ffff) {
        return {};
    }
    return {value, lead.bytes};
}

}  // namespace tcpladder

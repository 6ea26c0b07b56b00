// SPDX-License-Identifier: MIT
#pragma once

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

}  // namespace tcpladder

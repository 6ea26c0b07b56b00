// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace tcpladder {

/// What rows can be explained in.
enum class Language : std::uint8_t { kEnglish, kChinese };

}  // namespace tcpladder

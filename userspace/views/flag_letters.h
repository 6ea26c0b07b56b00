// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "support/text_buffer.h"

namespace tcpladder {

/// tcpdump's letters for tcp_flag, in its order: `S.`, `FP.`, `none`.
void append_flags(TextBuffer& out, std::uint16_t flags);

}  // namespace tcpladder

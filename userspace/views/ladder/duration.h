// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "support/text_buffer.h"

namespace tcpladder {

/// A time for people, three digits of it: `841ns`, `46us`, `201ms`, `20.0s`, `3m20s`, `2h05m`.
/// Not negative.
void append_duration(TextBuffer& out, std::int64_t ns);
/// The same with a sign: `+46us`.
void append_signed_duration(TextBuffer& out, std::int64_t ns);

}  // namespace tcpladder

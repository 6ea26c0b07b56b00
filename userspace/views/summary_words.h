// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "model/connection_summary.h"
#include "support/text_buffer.h"

namespace tcpladder {

/// The words of a summary, in JSON and in the table. Stable.
std::string_view word(Who who);  ///< empty: not known
std::string_view word(Handshake handshake);
std::string_view word(CloseForm close);

/// In one or two sentences: how it went.
void append_verdict(TextBuffer& out, const ConnectionSummary& connection);

}  // namespace tcpladder

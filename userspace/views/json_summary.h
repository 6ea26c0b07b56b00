// SPDX-License-Identifier: MIT
#pragma once

#include "model/connection_summary.h"
#include "support/text_buffer.h"

namespace tcpladder {

/// Appends the members of a row of kind `summary`; each starts with a comma.
void append_summary(TextBuffer& out, const ConnectionSummary& connection);

}  // namespace tcpladder

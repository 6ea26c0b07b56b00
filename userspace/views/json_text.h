// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "support/text_buffer.h"

namespace tcpladder {

/// Appends a JSON string, quotes included. The text may be hostile (the name of
/// a task is): what comes out is valid JSON and valid UTF-8, and printing it does
/// nothing to a terminal. Bytes that are no UTF-8 become U+FFFD; control characters and
/// those that reorder or hide text are written as \uXXXX.
void append_json_string(TextBuffer& out, std::string_view text);

}  // namespace tcpladder

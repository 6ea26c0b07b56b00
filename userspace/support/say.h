// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace tcpladder {

/// One line for the user on standard error, `tcpladder: TEXT`, with control characters as
/// `\xHH`. Nobody may be reading it any more: that is no error.
void say(const std::string& text);

/// Puts /dev/null where one of the standard descriptors is closed, so that no
/// file of ours takes its number.
void open_standard_descriptors();

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>

namespace tcpladder {

/// Takes the next line of at most `columns` off the front of a text of ours: as
/// much of it as fits. Breaks at blanks, which are left out, and beside Chinese
/// characters, but never before a closing mark nor after an opening one. A word
/// that is longer than a line is broken where the line ends. Always takes a
/// character, as long as there is one.
std::string_view take_line(std::string_view& text, std::size_t columns);

}  // namespace tcpladder

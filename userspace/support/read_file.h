// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace tcpladder {

/// The whole file, also one of /proc whose size is not known before. Empty if
/// it cannot be opened.
std::string read_file(const std::string& path);

}  // namespace tcpladder

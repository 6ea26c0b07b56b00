// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace tcpladder {

/// Inode number of this process's network namespace; 0: not known.
std::uint32_t own_netns();

}  // namespace tcpladder

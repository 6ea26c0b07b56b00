// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

namespace tcpladder {

/// Inode number of this process's network namespace; 0: not known.
std::uint32_t own_netns();

/// That of a file (`/proc/123/ns/net`), of a name that `ip netns` gave, or the number
/// itself. 0: there is none.
std::uint32_t netns_named(const std::string& text);

}  // namespace tcpladder

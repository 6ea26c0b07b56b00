// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

namespace tcpladder {

/// The process and all that descend from it now; empty: there is no such process.
std::vector<std::uint32_t> process_tree(std::uint32_t root);

}  // namespace tcpladder

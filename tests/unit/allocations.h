// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace tcpladder::test {

/// How often operator new was called in this program so far.
std::size_t allocations();

}  // namespace tcpladder::test

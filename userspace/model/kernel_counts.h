// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace tcpladder {

/// What the kernel side counted, over all CPUs: sent + lost is what it saw.
struct KernelCounts {
    std::uint64_t sent = 0;
    std::uint64_t lost = 0;
    std::uint64_t unreadable = 0;  ///< segments whose headers could not be read
    std::uint64_t missed = 0;  ///< hooks that the kernel skipped, as they fired inside themselves
    std::uint64_t lost_segments = 0;
    std::uint64_t lost_states = 0;
};

}  // namespace tcpladder

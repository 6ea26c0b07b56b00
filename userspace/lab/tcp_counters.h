// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace tcpladder::lab {

/// What a kernel has counted in a network namespace.
struct TcpCounters {
    std::uint64_t sent = 0;       ///< segments (OutSegs)
    std::uint64_t resent = 0;     ///< of them again (RetransSegs)
    std::uint64_t reset = 0;      ///< ESTABLISHED or CLOSE_WAIT -> CLOSE (EstabResets)
    std::uint64_t timed_out = 0;  ///< sockets that a timer gave up (TCPAbortOnTimeout)
};

/// Of the namespace that the calling thread is in. Throws Error.
TcpCounters read_tcp_counters();

}  // namespace tcpladder::lab

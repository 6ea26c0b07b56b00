// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "model/connection.h"

namespace tcpladder {

/// What made a transition, before the segment's position in the trace is known.
struct CauseFound {
    Cause cause;
    std::uint64_t segment_id = 0;  ///< of its entry; 0: none
};

/// The cause of a transition that the kernel told of (inet_sock_set_state).
///
/// Where a call chain was taken it decides between call, segment and timer;
/// where not (--cause infer, and transitions that have one way in the kernel)
/// the transition itself does. Which segment it was is read from the numbers:
/// a segment may be handled long after its receipt, when the socket was held by
/// a process, so "the last one received" is not enough. A request is held by nobody:
/// the ACK that ends it is handled on the CPU that it came to (`cpu` is that of the
/// transition), while the next segment may have come to another.
CauseFound cause_of(const StateChange& change, std::uint16_t cpu, TcpState to,
                    const SocketSide& side);

/// The received segment that made `side` leave `from` for `to`, which is not ESTABLISHED;
/// id 0 in the result if it was not seen.
CauseFound cause_by_segment(TcpState from, TcpState to, const SocketSide& side);

}  // namespace tcpladder

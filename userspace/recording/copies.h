// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <deque>
#include <unordered_map>

#include "model/connections.h"
#include "recording/foreign_packet.h"

namespace tcpladder {

/// Finds segments that one capture holds several times: over loopback sent and
/// received, with `-i any` at every device on their way, at a mirror port on both
/// of its sides. A copy is equal in all TCP fields and the IPv4 identification,
/// which a retransmission is not, and comes within a moment.
class Copies {
public:
    enum class Kind : std::uint8_t {
        kFirst,    ///< not seen before
        kReceipt,  ///< over loopback, seen when it was sent
        kAgain,    ///< no new segment
    };
    /// Packets in the order of their time.
    Kind look(const ForeignPacket& packet);

private:
    struct Seen {
        MonoNs time = 0;
        std::uint64_t key = 0;   ///< of its fields
        std::uint64_t path = 0;  ///< of the way on which it was seen
        bool sent = false;       ///< over loopback, and its receipt is still to come
    };
    void forget(MonoNs before);

    std::deque<Seen> seen_;
    std::unordered_multimap<std::uint64_t, std::uint64_t> by_key_;  ///< place, counted from first_
    std::uint64_t first_ = 0;
};

}  // namespace tcpladder

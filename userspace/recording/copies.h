// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

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
        std::uint64_t key = 0;    ///< of its fields
        std::uint64_t path = 0;   ///< of the way on which it was seen
        std::uint64_t older = 0;  ///< place of the one before it that has a key like it
        bool sent = false;        ///< over loopback, and its receipt is still to come
    };
    void forget(MonoNs before);
    Seen& at(std::uint64_t place) { return seen_[place & (seen_.size() - 1)]; }
    std::uint64_t& newest(std::uint64_t key) { return newest_[key & (newest_.size() - 1)]; }
    void keep(const Seen& seen);
    void grow();

    /// Places count from 1 and are never used again, so what is forgotten needs no clearing:
    /// its place is before first_.
    std::vector<Seen> seen_;             ///< by place; a power of two
    std::vector<std::uint64_t> newest_;  ///< by key: the place of the newest that has one like it
    std::uint64_t first_ = 1;
    std::uint64_t next_ = 1;
};

}  // namespace tcpladder

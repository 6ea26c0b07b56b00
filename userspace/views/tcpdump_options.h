// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include "views/tcpdump_packet.h"

namespace tcpladder {

/// Where a segment's options are, and what their meaning hangs on.
struct TcpdumpOptionList {
    std::size_t at = 0;  ///< of the first, from the start of the packet
    std::size_t size = 0;
    Seq sack_base = 0;       ///< subtracted from each edge of a SACK block
    std::uint8_t flags = 0;  ///< of the segment, as on the wire
    bool has_payload = false;
};

/// Prints `, options [mss 1460,…]`. False if an option is malformed: tcpdump
/// then ends the row there.
bool print_tcp_options(TcpdumpPacket& packet, const TcpdumpOptionList& list);

}  // namespace tcpladder

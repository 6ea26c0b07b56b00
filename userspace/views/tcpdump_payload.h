// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

#include "views/tcpdump_packet.h"

namespace tcpladder {

/// A segment's payload, of which not a byte was captured.
struct TcpdumpPayload {
    std::uint16_t source_port = 0;
    std::uint16_t destination_port = 0;
    std::uint32_t length = 0;  ///< not 0
    bool reset = false;
};

/// Prints what tcpdump adds to a row for its well-known ports, or for a reset
/// with payload under -v, when it finds nothing there to decode.
void print_payload(TcpdumpPacket& packet, const TcpdumpPayload& payload);

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include "views/tcpdump_packet.h"

namespace tcpladder {

/// The payload length of an IPv6 packet, which a jumbo payload option replaces.
struct TcpdumpPayloadLength {
    std::uint32_t bytes = 0;
    bool jumbo = false;
};

/// Prints the options of a hop-by-hop header (`length` given, updated by a valid
/// jumbo option) or of a destination options header (null), which lie in [at,
/// end). Without -v they leave no trace unless malformed: then false.
bool print_ipv6_options(TcpdumpPacket& packet, std::size_t at, std::size_t end,
                        TcpdumpPayloadLength* length);

}  // namespace tcpladder

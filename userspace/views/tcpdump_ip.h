// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "views/tcpdump_packet.h"

namespace tcpladder {

/// What the TCP part of a row needs to know of the IP header.
struct TcpdumpIp {
    Address source;
    Address destination;
    /// Where a source route or routing header leads to; the checksum covers this
    /// one. Known with -v only.
    Address final_destination;
    std::size_t tcp = 0;           ///< offset of the TCP header
    std::uint32_t tcp_length = 0;  ///< with payload, as the IP header says
    bool fragmented = false;
    bool extended = false;  ///< the addresses stand before IPv6 extension headers already
};

/// Print everything up to the addresses. `length` is that of the whole packet,
/// of which headers only were captured. Nothing: the row ends here.
std::optional<TcpdumpIp> print_ipv4(TcpdumpPacket& packet, std::uint32_t length);
std::optional<TcpdumpIp> print_ipv6(TcpdumpPacket& packet, std::uint32_t length);

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>

#include "views/tcpdump_packet.h"

namespace tcpladder {

/// Prints the options of an IPv4 header, which lie in [at, end), separated by
/// commas. False: an option tells of more than there is to read.
bool print_ipv4_options(TcpdumpPacket& packet, std::size_t at, std::size_t end);

/// The last address of a source route, where there is one among the options.
std::optional<Address> source_route_end(TcpdumpPacket& packet, std::size_t at, std::size_t end);

}  // namespace tcpladder

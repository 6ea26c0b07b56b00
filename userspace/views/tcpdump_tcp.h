// SPDX-License-Identifier: MIT
#pragma once

#include "views/tcpdump_ip.h"

namespace tcpladder {

/// Prints the rest of a row: addresses and ports, then the TCP header.
void print_tcp(TcpdumpPacket& packet, const TcpdumpIp& ip);

}  // namespace tcpladder

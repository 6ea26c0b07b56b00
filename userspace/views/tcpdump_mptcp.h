// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include "views/tcpdump_packet.h"

namespace tcpladder {

/// Prints what follows the name of an MPTCP option (RFC 6824, RFC 8684):
/// ` 12 capable v1 {0x…}`. `at` is that of its kind, `size` its own length, both
/// of which the caller has checked; `flags` are the segment's. False: malformed.
bool print_mptcp(TcpdumpPacket& packet, std::size_t at, std::size_t size, std::uint8_t flags);

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include "model/packet.h"

namespace tcpladder::lab {

/// The IP packet of a segment without options, payload zeros, checksums right.
/// Of `tcp`: source, destination, seq, ack, flags, window, payload.
std::vector<std::uint8_t> craft_segment(const TcpHeader& tcp);

/// ICMP (or ICMPv6) "host unreachable" about `packet`, from its destination to its
/// source.
std::vector<std::uint8_t> craft_unreachable(const std::vector<std::uint8_t>& packet);

}  // namespace tcpladder::lab

// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace tcpladder {

/// Which way a packet went, as far as the link layer tells.
enum class Direction : std::uint8_t { kUnknown, kIn, kOut, kForeign };

/// What stands before the IP header.
struct LinkLayer {
    std::size_t bytes = 0;  ///< where the IP header starts
    Direction direction = Direction::kUnknown;
    bool loopback = false;      ///< the link layer says that it passed the loopback device
    std::uint32_t ifindex = 0;  ///< of the capturing machine; 0: not told
    std::uint32_t path = 0;     ///< differs where MAC addresses, VLAN or interface do
};

/// Whether link_layer() reads frames of this type (libpcap's DLT_ numbers).
bool knows_link_type(int dlt);

/// Nothing if the frame carries no IP, or is cut off before it.
std::optional<LinkLayer> link_layer(int dlt, std::span<const std::uint8_t> frame);

}  // namespace tcpladder

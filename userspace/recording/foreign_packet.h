// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>

#include "model/event.h"
#include "recording/link_layer.h"

namespace tcpladder {

/// One TCP segment of a capture, before anybody knows whose it is.
struct ForeignPacket {
    MonoNs time = 0;  ///< Unix nanoseconds
    Segment segment;  ///< without `sent`
    LinkLayer link;
    std::uint16_t ip_id = 0;  ///< IPv4's identification; 0: none
    std::uint8_t ttl = 0;     ///< or IPv6's hop limit
};

/// What a captured frame turned out to be.
enum class FrameKind : std::uint8_t {
    kSegment,
    kOther,     ///< no TCP
    kFragment,  ///< of a larger IP packet
    kCut,       ///< TCP, but the snap length ends within its headers
    kBroken,    ///< its lengths contradict each other
};

/// Reads a frame of `wire_length` bytes, of which `frame` was captured. Fills in
/// all but the time of `packet`, if it is a segment.
FrameKind read_frame(int dlt, std::span<const std::uint8_t> frame, std::uint32_t wire_length,
                     ForeignPacket& packet);

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "model/event.h"

namespace tcpladder {

/// What tells one segment without data from another, in 64 bits: flags, seq, ack,
/// window, time stamps, SACK blocks, the IPv4 id if there is one. Equal at both ends.
std::uint64_t bare_segment_key(const Segment& segment);

}  // namespace tcpladder

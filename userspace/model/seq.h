// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace tcpladder {

/// A TCP sequence number, host order. Compared modulo 2^32 (RFC 9293 section 3.4).
using Seq = std::uint32_t;

/// Positive where a is after b, negative where before.
constexpr std::int32_t seq_diff(Seq a, Seq b) {
    return static_cast<std::int32_t>(a - b);
}
constexpr bool seq_before(Seq a, Seq b) {
    return seq_diff(a, b) < 0;
}
constexpr bool seq_at_or_after(Seq a, Seq b) {
    return seq_diff(a, b) >= 0;
}

}  // namespace tcpladder

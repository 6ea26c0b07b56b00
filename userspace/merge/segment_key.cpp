// SPDX-License-Identifier: MIT
#include "merge/segment_key.h"

#include <algorithm>
#include <cstddef>
#include <span>

#include "support/mix.h"

namespace tcpladder {
namespace {

constexpr std::size_t kTcpMinBytes = 20;

TcpOptions options_of(const Segment& segment) {
    const std::size_t first = segment.tcp.ip_bytes + kTcpMinBytes;
    const std::size_t last = std::min<std::size_t>(segment.tcp.header_bytes, segment.captured);
    if (last <= first)
        return {};
    return parse_tcp_options(std::span(segment.headers).subspan(first, last - first));
}

std::uint64_t ipv4_id(const Segment& segment) {
    const bool v4 = segment.captured >= kTcpMinBytes && segment.headers[0] >> 4 == 4;
    return v4 ? std::uint64_t{segment.headers[4]} << 8 | segment.headers[5] : 0;
}

}  // namespace

std::uint64_t bare_segment_key(const Segment& segment) {
    const auto& tcp = segment.tcp;
    std::uint64_t hash = ipv4_id(segment);
    hash = mix(hash, std::uint64_t{tcp.seq} << 32 | tcp.ack);
    hash = mix(hash, std::uint64_t{tcp.flags} << 16 | tcp.window);
    const auto options = options_of(segment);
    if (options.timestamp)
        hash = mix(hash, std::uint64_t{options.timestamp->value} << 32 | options.timestamp->echo);
    for (std::size_t i = 0; i < options.sack_blocks; ++i) {
        hash = mix(hash, std::uint64_t{options.sack[i].first} << 32 | options.sack[i].last);
    }
    return hash;
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include "recording/one_end.h"

#include <algorithm>

namespace tcpladder {

bool OneEnd::has(const Event& event, const Segment& segment) {
    if (segment.also_received)
        return true;  // there is no other sighting of it
    const auto& own = segment.sent ? segment.tcp.source : segment.tcp.destination;
    const auto& other = segment.sent ? segment.tcp.destination : segment.tcp.source;
    if (own == other)
        return segment.sent;                       // connected to itself
    constexpr std::uint32_t kLoopbackIfindex = 1;  // in every namespace, for it alone
    const auto place = segment.ifindex == kLoopbackIfindex ? event.netns : 0;
    const FlowKey connection{place, std::min(own, other), std::max(own, other)};
    const FlowKey end{event.netns, own, other};
    return chosen_.try_emplace(connection, end).first->second == end;
}

}  // namespace tcpladder

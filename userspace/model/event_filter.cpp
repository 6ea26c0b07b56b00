// SPDX-License-Identifier: MIT
#include "model/event_filter.h"

namespace tcpladder {
namespace {

bool is_wildcard(const Address& address) {
    return address.bytes == Address{}.bytes;
}

// A port that is not chosen yet may still become the right one, and a listener on
// all addresses accepts for the one that was asked for.
bool accepts_ends(const EventFilter& filter, const SocketEnds& ends) {
    const auto& [local, remote] = ends;
    if (filter.port != 0 && local.port != 0 && local.port != filter.port &&
        remote.port != filter.port)
        return false;
    const bool listens_to_all = remote.port == 0 && is_wildcard(local.address);
    if (listens_to_all)
        return true;
    if (filter.version != 0 && local.address.version != filter.version)
        return false;
    return filter.host.version == 0 || local.address == filter.host ||
           remote.address == filter.host;
}

}  // namespace

bool EventFilter::is_in_netns(const Event& event) const {
    return netns == 0 || inode_of(event.netns) == netns || std::holds_alternative<Lost>(event.body);
}

bool EventFilter::accepts_ends_of(const Event& event) const {
    if (const auto* segment = std::get_if<Segment>(&event.body))
        return accepts_ends(*this, {segment->tcp.source, segment->tcp.destination});
    return std::visit(
        [this](const auto& body) {
            if constexpr (requires { body.ends; })
                return accepts_ends(*this, body.ends);
            return true;
        },
        event.body);
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
// State changes that nobody told of: read from the segments of a capture (see
// StateInference). They come in the order of their rows and need no second look.
#include "model/tracker.h"

namespace tcpladder {

SocketSide* Tracker::inferred_end(const Event& event, const StateChange& change) {
    if (change.inferred != Inferred::kPeer)
        return connections_.find(event.netns, change.ends);
    auto* here = connections_.find(event.netns, {change.ends.remote, change.ends.local});
    return here != nullptr ? here->peer : nullptr;
}

SocketSide& Tracker::open_inferred(const Event& event, const StateChange& change) {
    if (change.inferred != Inferred::kPeer)
        return open(event, change.ends, change.inferred == Inferred::kLoopback);
    return *open(event, {change.ends.remote, change.ends.local}, false).peer;
}

void Tracker::inferred_change(const Event& event, const StateChange& change) {
    const bool connects = change.to == TcpState::kSynSent;
    auto* known = inferred_end(event, change);
    // A simultaneous open joins its peer's connection; any other is a new one.
    const bool joins = known != nullptr && !known->base_known && known->state == TcpState::kUnknown;
    if (known == nullptr || (connects && !joins)) {
        if (known != nullptr)  // in TIME_WAIT, of which nobody tells the end
            retire(event.time, *known->connection);
        known = &open_inferred(event, change);
    }
    auto& side = *known;
    connections_.number(*side.connection);
    connections_.set_cookie(side, change.cookie);
    if (side.state != change.from)
        side.since.reset();  // its way to `from` was not seen
    side.state = change.from;
    const auto opener = connects ? Role::kClient : Role::kServer;
    const bool opens = connects || change.from == TcpState::kListen;
    if (opens && side.shown.role == Role::kUnknown) {
        side.peer->shown.role = connects ? Role::kServer : Role::kClient;
        side.shown.role = opener;  // last: it may be its own peer
        side.peer->touch();
        side.touch();
    }
    transition(event.time, side, change.from, change.to, false,
               cause_of(change, event.cpu, change.to, side));
}

}  // namespace tcpladder

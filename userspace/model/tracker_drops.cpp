// SPDX-License-Identifier: MIT
// Which segment, of whom, was thrown away.
#include "model/tracker.h"

namespace tcpladder {

namespace {

bool is_first_syn(const Drop& drop) {
    return (drop.flags & (tcp_flag::kSyn | tcp_flag::kAck)) == tcp_flag::kSyn;
}

Seq end_of(const Drop& drop) {
    const auto counts = [&](std::uint16_t flag) { return (drop.flags & flag) != 0 ? 1U : 0U; };
    return drop.seq + drop.payload + counts(tcp_flag::kSyn) + counts(tcp_flag::kFin);
}

}  // namespace

// A segment that was dropped before anybody saw it leave has no row; its socket may
// not even have told its port yet.
SocketSide& Tracker::sender_of_dropped(const Event& event, const Drop& drop) {
    const auto& ends = drop.ends;
    if (auto* owner = connections_.find_cookie(drop.cookie);
        owner != nullptr && owner->shown.remote == ends.remote) {
        if (owner->shown.local.port == 0)
            learn_port(event, *owner, ends.local);
        if (owner->shown.local == ends.local)
            return *owner;
    }
    if (auto* receiver = connections_.find(event.netns, {ends.remote, ends.local}))
        return *receiver->peer;
    return known_or_open(event, 0, ends);
}

void Tracker::on(const Event& event, const Drop& drop) {
    const auto of_it = [&](const RecentSegments::Item& item) {
        const auto& sender = item.sender->shown;
        return item.sender->connection->in_use && item.seq == drop.seq && item.ack == drop.ack &&
               sender.local == drop.ends.local && sender.remote == drop.ends.remote;
    };
    // Of equal copies the very one, if it still is the same sk_buff.
    const auto* segment =
        recent_.newest([&](const auto& item) { return of_it(item) && item.skb == drop.skb; });
    if (segment == nullptr)
        segment = recent_.newest(of_it);
    auto& sender = segment != nullptr ? *segment->sender : sender_of_dropped(event, drop);
    connections_.number(*sender.connection);
    if (segment != nullptr) {
        const auto is_it = [&](const PendingEntry& entry) {
            return entry.id == segment->id &&
                   std::get<SegmentEntry>(entry.entry.body).tcp.payload == drop.payload;
        };
        if (auto* lost = sender.active().in_flight.take_first(is_it)) {
            std::get<SegmentEntry>(lost->entry.body).notes.add(Note::kNotReceived);
            sender.active().flow.ranges.mark_lost(lost->id);
            lost->wait = sender.active().unexplained == lost ? Wait::kReason : Wait::kNothing;
        }
    } else if (is_first_syn(drop) && sender.shown.role == Role::kUnknown) {
        sender.shown.role = Role::kClient;
        sender.touch();
    }
    auto& pending = timeline_.push(event.time, &sender);
    pending.cause_id = segment != nullptr ? segment->id : 0;
    auto& row = pending.entry.body.emplace<DropEntry>();
    row.source = drop.ends.local;
    row.destination = drop.ends.remote;
    row.seq = drop.seq;
    row.end = end_of(drop);
    row.flags = drop.flags;
    row.relative_known = sender.base_known;
    row.rel_seq = row.relative_known ? drop.seq - sender.base : 0;
    row.reason = drop.reason;
}

}  // namespace tcpladder

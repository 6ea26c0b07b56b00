// SPDX-License-Identifier: MIT
// How a segment finds its connection, and its receipt finds its sending.
#include "model/tracker.h"

#include <algorithm>
#include <cstring>

namespace tcpladder {
namespace {

constexpr std::uint32_t kLoopbackIfindex = 1;  // in every network namespace

bool is_first_syn(const Segment& segment) {
    return segment.tcp.has(tcp_flag::kSyn) && !segment.tcp.has(tcp_flag::kAck);
}

bool same_segment(const TcpHeader& a, const TcpHeader& b) {
    return a.seq == b.seq && a.ack == b.ack && a.flags == b.flags && a.payload == b.payload &&
           a.window == b.window;
}

// A SYN with another number on a 4-tuple that was used before starts a new
// connection, if the old one is over; else it is answered with a challenge ACK.
bool is_new_incarnation(const Segment& segment, const SocketSide& sender) {
    return is_first_syn(segment) && sender.isn_seen && sender.base != segment.tcp.seq &&
           (sender.is_done() || sender.state == TcpState::kLastAck);
}

Sighting sighting_of(const Event& event, const Segment& segment) {
    return {event.time, segment.skb, segment.ifindex, segment.tcp.seq, segment.tcp.ack};
}

SegmentEntry& row_of(PendingEntry& pending) {
    return std::get<SegmentEntry>(pending.entry.body);
}
const SegmentEntry& row_of(const PendingEntry& pending) {
    return std::get<SegmentEntry>(pending.entry.body);
}

std::span<const std::uint8_t> options_of(const TcpHeader& tcp, std::uint16_t captured,
                                         const std::uint8_t* headers) {
    const auto first = std::size_t{tcp.ip_bytes} + 20;
    const auto last = std::min(tcp.header_bytes, captured);
    return {headers + first, last > first ? last - first : 0};
}

std::uint16_t ip_id(std::uint16_t captured, const std::uint8_t* headers) {
    const bool v4 = captured >= 20 && headers[0] >> 4 == 4;
    return v4 ? static_cast<std::uint16_t>(headers[4] << 8 | headers[5]) : std::uint16_t{0};
}

/// Not a later copy of the same bytes: those have another time stamp or IP id.
bool same_copy(const SegmentEntry& sent, const Segment& received) {
    const auto id_sent = ip_id(sent.captured, sent.headers.data());
    const auto id_received = ip_id(received.captured, received.headers.data());
    if (id_sent != 0 && id_received != 0 && id_sent != id_received)
        return false;
    const auto options = options_of(received.tcp, received.captured, received.headers.data());
    return std::ranges::equal(sent.option_bytes(), options);
}

bool other_timestamp(const SegmentEntry& sent, const TcpOptions& received) {
    const auto stamp = parse_tcp_options(sent.option_bytes()).timestamp;
    return stamp && received.timestamp && stamp->value != received.timestamp->value;
}

/// What a segment says of its sender's numbers. Where the SYN was not seen the
/// first number seen counts as 1, as everywhere.
void learn(SocketSide& sender, const TcpHeader& tcp, std::span<const std::uint8_t> options) {
    const bool other_syn = tcp.has(tcp_flag::kSyn) && sender.isn_seen && tcp.seq != sender.base;
    if (other_syn && sender.active().flow.past_syn)
        return;  // in a connection that goes on
    if (tcp.has(tcp_flag::kSyn)) {
        sender.base = tcp.seq;
        sender.base_known = sender.isn_seen = true;
        sender.window_scale = parse_tcp_options(options).window_scale;
    }
    if (tcp.has(tcp_flag::kFin))
        sender.fin_end = tcp.end();
    if (tcp.has(tcp_flag::kRst))
        return;
    if (!sender.base_known) {
        sender.base = tcp.seq - 1;
        sender.base_known = true;
    }
    auto& peer = *sender.peer;
    if (tcp.has(tcp_flag::kAck) && !peer.base_known) {
        peer.base = tcp.ack - 1;
        peer.base_known = true;
    }
}

void number(SegmentEntry& row, const SocketSide& sender) {
    const auto& peer = *sender.peer;
    const bool ack = row.tcp.has(tcp_flag::kAck);
    row.relative_known = sender.base_known && (!ack || peer.base_known);
    if (!row.relative_known)
        return;
    row.rel_seq = row.tcp.seq - sender.base;
    row.rel_ack = ack ? row.tcp.ack - peer.base : 0;
}

// RFC 7323 section 2.2: in force if both SYNs had the option; never in a SYN.
void scale_window(SegmentEntry& row, const SocketSide& sender) {
    constexpr std::uint8_t kMaxShift = 14;
    const auto& peer = *sender.peer;
    if (row.tcp.has(tcp_flag::kSyn)) {
        row.window_scaled = row.tcp.window;
    } else if (sender.isn_seen && peer.isn_seen) {
        const bool in_force = sender.window_scale && peer.window_scale;
        const auto shift = in_force ? std::min(*sender.window_scale, kMaxShift) : std::uint8_t{0};
        row.window_scaled = std::uint32_t{row.tcp.window} << shift;
    }
}

void arrived(PendingEntry& pending, MonoNs time) {
    row_of(pending).received = time;
    const bool explained = pending.side->active().unexplained != &pending;
    pending.wait = explained ? Wait::kNothing : Wait::kReason;
}

/// Segments may be cut and glued between sender and receiver (GSO, GRO): a
/// receipt completes every sent segment whose last byte it brings.
PendingEntry* match_bytes(const Event& event, const Segment& segment, InFlight& in_flight) {
    const auto& tcp = segment.tcp;
    PendingEntry* last = nullptr;
    if (tcp.payload == 0)
        return nullptr;
    const auto options =
        parse_tcp_options(options_of(tcp, segment.captured, segment.headers.data()));
    in_flight.take_if([&](PendingEntry& pending) {
        auto& row = row_of(pending);
        if (row.tcp.payload == 0)
            return false;
        const bool overlaps =
            seq_before(tcp.seq, row.tcp.end()) && seq_before(row.tcp.seq, tcp.end());
        if (!overlaps || other_timestamp(row, options))
            return false;
        last = &pending;
        pending.watched = false;  // if the rest does not come: not all of it is lost
        if (seq_before(tcp.end(), row.tcp.end()))
            return false;  // more pieces to come
        arrived(pending, event.time);
        return true;
    });
    return last;
}

void note(SocketSide& receiver, const TcpHeader& tcp, std::uint64_t id, std::uint16_t cpu) {
    auto& received = receiver.active().received;
    received.last = id;
    if (tcp.has(tcp_flag::kRst)) {
        received.reset = id;
        return;
    }
    if (tcp.has(tcp_flag::kSyn))
        (tcp.has(tcp_flag::kAck) ? received.syn_ack : received.syn) = id;
    if (tcp.has(tcp_flag::kFin))
        received.fin = id;
    if (tcp.payload > 0)
        received.data = id;
    if (!tcp.has(tcp_flag::kAck))
        return;
    if (received.ack_cpu != cpu) {
        received.ack_before = received.ack;
        received.ack_before_cpu = received.ack_cpu;
    }
    received.ack = id;
    received.ack_cpu = cpu;
    const bool of_fin = receiver.fin_end && seq_at_or_after(tcp.ack, *receiver.fin_end);
    if (of_fin && received.ack_of_fin == 0)
        received.ack_of_fin = id;
}

/// The entry whose receipt this is, or null. Of equal copies (retransmissions) the
/// one with the same time stamp and IP id, else the first that was sent.
PendingEntry* match_receipt(const Event& event, const Segment& segment, MonoNs transit,
                            SocketSide& sender) {
    const auto is_equal = [&](const PendingEntry& pending) {
        return event.time - pending.entry.time < transit &&
               same_segment(row_of(pending).tcp, segment.tcp);
    };
    const auto is_it = [&](const PendingEntry& pending) {
        return is_equal(pending) && same_copy(row_of(pending), segment);
    };
    auto* pending = sender.active().in_flight.take_first(is_it);
    if (pending == nullptr)
        pending = sender.active().in_flight.take_first(is_equal);
    if (pending == nullptr)
        return match_bytes(event, segment, sender.active().in_flight);
    arrived(*pending, event.time);
    return pending;
}

/// A copy that is late, or was doubled on the way: what its sender did is known.
bool is_news(const TcpHeader& tcp, const SocketSide& sender) {
    const auto& flow = sender.active().flow;
    if (!sender.sends_seen || !flow.known || tcp.has(tcp_flag::kRst))
        return true;
    const bool new_ack =
        tcp.has(tcp_flag::kAck) && (!flow.ack_known || seq_before(flow.ack, tcp.ack));
    return new_ack || seq_before(flow.next, tcp.end());
}

/// The copy that has arrived is the one that will be acknowledged.
void outrun_earlier_copies(const PendingEntry& arrived, SocketSide& sender) {
    const auto& tcp = row_of(arrived).tcp;
    sender.active().in_flight.take_if([&](const PendingEntry& pending) {
        const auto& other = row_of(pending).tcp;
        const bool overlaps = seq_before(tcp.seq, other.end()) && seq_before(other.seq, tcp.end());
        if (pending.id < arrived.id && overlaps)
            sender.active().flow.ranges.mark_lost(pending.id);
        return false;
    });
}

void listen(SocketSide& receiver, PendingEntry& pending, const TcpHeader& tcp) {
    auto& row = row_of(pending);
    hear(tcp, row.window_scaled, row.notes, receiver.peer->active().flow, receiver.active().flow);
}

}  // namespace

void Tracker::on(const Event& event, const Segment& segment) {
    if (segment.sent) {
        if (auto* sender = sender_of(event, segment))
            send(event, segment, *sender);
    } else if (auto* receiver = receiver_of(event, segment)) {
        receive(event, segment, *receiver);
    }
}

// Null: the packet only passes through this namespace on its way.
SocketSide* Tracker::sender_of(const Event& event, const Segment& segment) {
    const SocketEnds ends{segment.tcp.source, segment.tcp.destination};
    const bool on_loopback = segment.ifindex == kLoopbackIfindex;
    if (auto* owner = connections_.find_cookie(segment.cookie);
        owner != nullptr && owner->shown.remote == ends.remote) {
        if (owner->shown.local.port == 0)
            learn_port(event, *owner, ends.local);
        if (owner->shown.local == ends.local) {
            if (is_first_syn(segment)) {
                end_previous(event.time, *owner, {{CauseType::kCall, "connect()", 0}, 0});
            }
            if (on_loopback)
                connections_.set_netns(*owner->peer, event.netns);
            return owner;
        }
    }
    if (auto* side = connections_.find(event.netns, ends)) {
        return is_new_incarnation(segment, *side) ? &open(event, ends, on_loopback) : side;
    }
    auto* elsewhere = on_loopback ? nullptr : connections_.find_anywhere(ends);
    if (elsewhere == nullptr)
        return &open(event, ends, on_loopback);
    const bool own = segment.sk_state != TcpState::kUnknown;
    if (own && (elsewhere->shown.netns == 0 || elsewhere->place_guessed)) {
        place(*elsewhere, event.netns);
        return elsewhere;
    }
    return place_on_guess(event.netns, *elsewhere) ? elsewhere : nullptr;
}

bool Tracker::lives_here(NetNs netns, const SocketEnds& ends) {
    return connections_.find_listener(netns, ends.local) != nullptr ||
           seeds_.contains({netns, ends.local, ends.remote});
}

// Captures of other programs know no sockets. Where one end is at one host and
// nobody is known to listen at that port, the other end is where its segments are
// seen on another host, until a socket proves otherwise.
bool Tracker::place_on_guess(NetNs netns, SocketSide& side) {
    const auto peer_netns = side.peer->shown.netns;
    if (side.shown.netns != 0 || peer_netns == 0 || host_of(peer_netns) == host_of(netns))
        return false;
    if (connections_.find_listener_anywhere(side.shown.local) != nullptr)
        return false;
    place(side, netns);
    side.place_guessed = true;
    return true;
}

// connect() has chosen the port after its state change.
void Tracker::learn_port(const Event& event, SocketSide& side, const Endpoint& local) {
    const SocketEnds ends{local, side.shown.remote};
    side.active().previous_cookie = cookie_at(event.netns, ends);
    side.peer->active().previous_cookie = cookie_at(event.netns, {ends.remote, ends.local});
    connections_.set_local(side, local);
    side.connection->retire_at.reset();
    connections_.number(*side.connection);
}

SocketSide* Tracker::receiver_of(const Event& event, const Segment& segment) {
    const SocketEnds ends{segment.tcp.destination, segment.tcp.source};
    const bool on_loopback = segment.ifindex == kLoopbackIfindex;
    auto* side = connections_.find(event.netns, ends);
    const bool is_new =
        side != nullptr && side->is_done() && is_new_incarnation(segment, *side->peer);
    if (side != nullptr && !is_new)
        return side;
    auto* elsewhere = on_loopback ? nullptr : connections_.find_anywhere(ends);
    if (elsewhere == nullptr || elsewhere == side)
        return &open(event, ends, on_loopback);
    if ((elsewhere->shown.netns == 0 || elsewhere->place_guessed) &&
        (closed_ || lives_here(event.netns, ends))) {
        place(*elsewhere, event.netns);
        return elsewhere;
    }
    if (place_on_guess(event.netns, *elsewhere))
        return elsewhere;
    return elsewhere->peer->shown.netns != 0 ? nullptr : &open(event, ends, false);
}

void Tracker::send(const Event& event, const Segment& segment, SocketSide& sender) {
    const auto sighting = sighting_of(event, segment);
    if (sighting.is_hop_of(sender.active().last_sent))
        return;
    sender.active().last_sent = sighting;
    states_of_sender(event, segment, sender);
    sender.sends_seen = true;
    auto& pending = push_segment(event, segment, sender);
    row_of(pending).sent = event.time;
    analyse(pending, sender);
    if (segment.also_received) {
        row_of(pending).received = event.time;
        sender.peer->active().last_received = sighting;
        return arrive(event, segment, pending, *sender.peer);
    }
    const bool peer_is_here =
        segment.ifindex == kLoopbackIfindex || sender.peer->shown.netns != 0 || sees_receipts_;
    const bool receives = sender.peer->receives_seen || closed_;
    const auto* listener = peer_is_here && receives
                               ? nullptr  // it would tell nothing new
                               : connections_.find_listener_anywhere(segment.tcp.destination);
    if (peer_is_here || listener != nullptr) {
        pending.wait = Wait::kReceipt;
        sender.active().in_flight.add(pending);
        const bool to_listener =
            listener != nullptr && listener->shown.local == segment.tcp.destination;
        pending.watched = receives || to_listener;
    } else {
        note(*sender.peer, segment.tcp, pending.id, event.cpu);  // for what is inferred of that end
        listen(*sender.peer, pending, segment.tcp);
    }
    await_reason(pending, sender);
}

void Tracker::receive(const Event& event, const Segment& segment, SocketSide& receiver) {
    const auto sighting = sighting_of(event, segment);
    if (sighting.is_hop_of(receiver.active().last_received))
        return;
    receiver.active().last_received = sighting;
    auto& sender = *receiver.peer;
    auto* pending = match_receipt(event, segment, timeline_.transit(), sender);
    if (pending == nullptr) {
        pending = &push_segment(event, segment, sender);
        row_of(*pending).received = event.time;
        if (is_news(segment.tcp, sender))
            analyse(*pending, sender);
    }
    arrive(event, segment, *pending, receiver);
}

void Tracker::arrive(const Event& event, const Segment& segment, PendingEntry& pending,
                     SocketSide& receiver) {
    auto& sender = *receiver.peer;
    receiver.receives_seen = true;
    if (row_of(pending).notes.has(Note::kRetransmission) && !sender.active().in_flight.empty())
        outrun_earlier_copies(pending, sender);
    note(receiver, segment.tcp, pending.id, event.cpu);
    listen(receiver, pending, segment.tcp);
    if (is_first_syn(segment) && receiver.owner_source == OwnerSource::kNone)
        inherit_owner(receiver, 0);
}

PendingEntry& Tracker::push_segment(const Event& event, const Segment& segment,
                                    SocketSide& sender) {
    connections_.number(*sender.connection);
    sender.connection->last_segment = event.time;
    sender.connection->active().story.happened(event.time, gaps_);
    if (is_first_syn(segment) && sender.shown.role == Role::kUnknown) {
        sender.shown.role = Role::kClient;
        sender.touch();
        if (sender.peer != &sender && sender.peer->shown.netns == 0) {
            sender.peer->shown.role = Role::kServer;
            sender.peer->touch();
        }
    }
    auto& pending = timeline_.push(event.time, &sender);
    auto& row = pending.entry.body.emplace<SegmentEntry>();
    row.tcp = segment.tcp;
    row.length = segment.length;
    row.ifindex = segment.ifindex;
    row.gso_size = segment.gso_size;
    row.gso_segs = segment.gso_segs;
    row.captured = segment.captured;
    std::memcpy(row.headers.data(), segment.headers.data(), segment.captured);
    learn(sender, row.tcp, row.option_bytes());
    number(row, sender);
    scale_window(row, sender);
    recent_.add({pending.id, &sender, segment.skb, row.tcp.seq, row.tcp.ack});
    return pending;
}

void Tracker::analyse(PendingEntry& pending, SocketSide& sender) {
    auto& row = row_of(pending);
    const bool answers_syn = sender.active().flow.heard == Flow::Heard::kSynOrRst;
    const auto found = tcpladder::analyse(row.tcp, pending.entry.time, pending.id,
                                          sender.active().flow, sender.peer->active().flow);
    row.notes = found.notes;
    pending.copy_of_id = found.copy_of;
    pending.acks_id = found.acks;
    sender.answers_syn = answers_syn && row.tcp.has(tcp_flag::kSyn);
    tell(row, pending.entry.time, found.new_bytes, sender);
}

// A sender that is only a request or a TIME_WAIT socket makes no state event,
// but its segments show it (since 6.13 for TIME_WAIT; before, its ACK of the
// peer's FIN does).
void Tracker::states_of_sender(const Event& event, const Segment& segment, SocketSide& sender) {
    if (segment.sk_state == TcpState::kNewSynRecv) {
        take_back_end(sender);  // it is sending again
        if (sender.state != TcpState::kSynRecv)
            syn_received(event.time, sender, 0);
        return;
    }
    if (!sender.mini_fin_wait2 || sender.state != TcpState::kFinWait2)
        return;
    const bool seen =
        segment.sk_state == TcpState::kTimeWait && segment.tw_substate == TcpState::kTimeWait;
    const auto& fin = sender.peer->fin_end;
    const bool acks_fin = fin && segment.tcp.has(tcp_flag::kAck) && segment.tcp.ack == *fin;
    if (!seen && !acks_fin)
        return;
    transition(event.time, sender, TcpState::kFinWait2, TcpState::kTimeWait, seen,
               cause_by_segment(TcpState::kFinWait2, TcpState::kTimeWait, sender));
}

}  // namespace tcpladder

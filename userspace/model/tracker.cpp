// SPDX-License-Identifier: MIT
#include "model/tracker.h"

namespace tcpladder {
namespace {

/// How long late segments are still put to a connection that is over.
constexpr MonoNs kLinger = 1'000'000'000;

/// Two hosts and the wire between them end with the trace. On a busy machine a segment may have
/// been on that wire so long.
constexpr MonoNs kEmptyWire = 100'000'000;

bool is_a_lab(const TraceInfo& info) {
    return info.hosts.size() <= 1 && info.hold > kLocalTransit;
}

// What is sent to 127.0.0.0/8, ::1 or the sender's own address goes over loopback.
bool stays_here(const SocketEnds& ends) {
    const auto& address = ends.remote.address;
    const bool v4 = address.version == 4 && address.bytes[0] == 127;
    static const auto kLoopbackV6 = parse_address("::1");
    const bool v6 = address == kLoopbackV6;
    return v4 || v6 || (address.version != 0 && address == ends.local.address);
}

}  // namespace

bool ConnectionFilter::accepts(const Side& side) const {
    return port == 0 || side.local.port == port || side.remote.port == port;
}

void RowCounter::entry(const Entry& entry) {
    if (std::holds_alternative<SummaryEntry>(entry.body))
        return next_->entry(entry);
    if (entry.time < last_time_)
        ++totals_.late;
    last_time_ = entry.time;
    if (entry.side != nullptr && entry.side->connection > totals_.connections)
        totals_.connections = entry.side->connection;
    if (std::holds_alternative<SegmentEntry>(entry.body)) {
        ++totals_.segments;
    } else if (const auto* state = std::get_if<StateEntry>(&entry.body)) {
        ++totals_.transitions;
        if (!state->observed)
            ++totals_.inferred;
        if (state->cause.type == CauseType::kUnknown)
            ++totals_.unknown_causes;
    } else if (std::holds_alternative<RetransmitEntry>(entry.body)) {
        ++totals_.retransmits;
    } else if (std::holds_alternative<ResetEntry>(entry.body)) {
        ++totals_.resets;
    } else if (std::holds_alternative<DropEntry>(entry.body)) {
        ++totals_.drops;
    } else if (const auto* lost = std::get_if<LostEntry>(&entry.body)) {
        totals_.lost += lost->count;
    }
    next_->entry(entry);
}

Tracker::Tracker(EntrySink& sink, const TraceInfo& info, const ConnectionFilter& filter)
    : counter_(sink),
      timeline_(counter_, info.hold, is_a_lab(info) ? kEmptyWire : INT64_MAX),
      filter_(filter),
      timers_(info.timers),
      closed_(is_a_lab(info)),
      sees_receipts_(info.hosts.size() > 1 || closed_),
      summaries_(sink.wants_summaries()) {}

// Rows are let go by the time of the next event, not by the clock of whoever
// calls: so the same events give the same rows.
void Tracker::add(const Event& event) {
    timeline_.release(event.time);
    if (event.time >= connections_.due())
        tidy(event.time);
    now_ = event.time;
    std::visit([&](const auto& body) { on(event, body); }, event.body);
}

void Tracker::tidy(MonoNs now) {
    while (auto* connection = connections_.retire_next(now)) {
        push_summary(now, *connection);
        timeline_.release(now);  // not all of them at once: it may be many
        connections_.forget_retired();
    }
    connections_.forget_retired();
    connections_.rest_quiet(now);
    connections_.retire_idle(now);
}

void Tracker::advance(MonoNs now) {
    timeline_.release(now);
}

void Tracker::finish() {
    timeline_.finish();
    if (!summaries_)
        return;
    for (auto* connection : connections_.remaining()) {
        const bool rested = connection->is_resting();
        push_summary(now_, *connection);
        timeline_.finish();
        if (rested)  // all of them awake at once would be many
            connection->forget();
    }
}

void Tracker::push_summary(MonoNs time, Connection& connection) {
    if (connection.number == 0 || !summaries_)
        return;
    if (connection.open)
        connection.active().story.gaps = gaps_;  // its end may be among what was lost
    auto& first = connection.sides[0];
    auto& client = first.shown.role == Role::kServer ? *first.peer : first;
    timeline_.push_summary(time, client);
}

SocketSide* Tracker::known(NetNs netns, std::uint64_t cookie, const SocketEnds& ends) {
    if (auto* side = connections_.find_cookie(cookie))
        return side;
    if (auto* side = connections_.find(netns, ends))
        return side;
    auto* elsewhere = connections_.find_anywhere(ends);
    if (elsewhere == nullptr || (elsewhere->shown.netns != 0 && !elsewhere->place_guessed))
        return nullptr;
    place(*elsewhere, netns);  // until now only its peer was seen
    return elsewhere;
}

SocketSide& Tracker::known_or_open(const Event& event, std::uint64_t cookie,
                                   const SocketEnds& ends) {
    auto* side = known(event.netns, cookie, ends);
    return side != nullptr ? *side : open(event, ends, false);
}

// Both ends of a connection over loopback are in one namespace; that it is one
// shows at its first segment, or in its addresses.
SocketSide& Tracker::open(const Event& event, const SocketEnds& ends, bool on_loopback) {
    const auto here_before = cookie_at(event.netns, ends);
    const auto there_before = cookie_at(event.netns, {ends.remote, ends.local});
    auto& side = connections_.open(event.netns, ends, on_loopback || stays_here(ends));
    side.active().previous_cookie = here_before;
    side.peer->active().previous_cookie = there_before;
    ++open_;
    for (auto& end : side.connection->sides)
        adopt_seed(end);
    return side;
}

void Tracker::adopt_seed(SocketSide& side) {
    if (seeds_.empty())
        return;
    const auto seed = seeds_.find({side.shown.netns, side.shown.local, side.shown.remote});
    if (seed == seeds_.end())
        return;
    side.set_owner(seed->second.task, OwnerSource::kSeen);
    side.state = seed->second.state;
    connections_.set_cookie(side, seed->second.cookie);
    seeds_.erase(seed);
}

// The end that was known only as somebody's peer lives in this namespace.
void Tracker::place(SocketSide& side, NetNs netns) {
    if (side.shown.netns == 0)  // only now is it known whose name this was before
        side.active().previous_cookie = cookie_at(netns, {side.shown.local, side.shown.remote});
    connections_.set_netns(side, netns);
    side.place_guessed = false;
    adopt_seed(side);
}

std::uint64_t Tracker::cookie_at(NetNs netns, const SocketEnds& ends) {
    if (ends.local.port == 0 || ends.remote.port == 0)
        return 0;  // not chosen yet: nobody has that name
    const auto* side = connections_.find(netns, ends);
    return side != nullptr ? side->cookie : 0;
}

// Several listeners may share a port (SO_REUSEPORT): the cookie tells which, where
// the kernel side knows it.
void Tracker::inherit_owner(SocketSide& server, std::uint64_t listener_cookie) {
    auto& client = *server.peer;
    if (server.shown.role == Role::kUnknown && &client != &server) {
        server.shown.role = Role::kServer;
        client.shown.role = Role::kClient;
        server.touch();
        client.touch();
    }
    const auto* listener = connections_.find_cookie(listener_cookie);
    if (listener == nullptr)
        listener = connections_.find_listener(server.shown.netns, server.shown.local);
    if (listener != nullptr)
        server.set_owner(listener->shown.owner, OwnerSource::kListener);
}

PendingEntry& Tracker::transition(MonoNs time, SocketSide& side, TcpState from, TcpState to,
                                  bool observed, const CauseFound& cause) {
    auto& pending = timeline_.push(time, &side);
    auto& row = pending.entry.body.emplace<StateEntry>();
    row.from = from;
    row.to = to;
    row.observed = observed;
    row.cause = cause.cause;
    if (side.since && side.state == from) {
        row.in_state_ns = time - *side.since;
        side.active().story.left(from, *row.in_state_ns);
    }
    if (from != TcpState::kTimeWait)
        side.connection->active().story.happened(time, gaps_);
    if (to == TcpState::kEstablished)
        side.active().story.established = time;
    if (to == TcpState::kClose)
        ended(from, cause.cause, side);
    pending.cause_id = cause.segment_id;
    side.state = to;
    side.since = time;
    settle(time, side);
    return pending;
}

void Tracker::ended(TcpState from, const Cause& cause, SocketSide& side) {
    const bool waits = from == TcpState::kTimeWait || from == TcpState::kFinWait2;
    side.active().story.timed_out = cause.type == CauseType::kTimer && !waits;
    if (side.active().reset_id != 0 || cause.what == "rcv RST")
        side.peer->active().story.reset_accepted = true;
}

// Where timers are seen, a TIME_WAIT is kept until it ends: its last row needs
// the connection.
void Tracker::settle(MonoNs time, SocketSide& side) {
    auto& connection = *side.connection;
    if (connection.number == 0)
        return;
    if (!side.is_done() || !side.peer->is_done())
        return;
    if (connection.open) {
        connection.open = false;
        --open_;
    }
    const auto in_time_wait = [](const SocketSide& end) {
        return end.state == TcpState::kTimeWait;
    };
    if (timers_ && (in_time_wait(side) || in_time_wait(*side.peer)))
        return connections_.rest_soon(connection, time + timeline_.transit());
    retire(time, connection);
}

void Tracker::retire(MonoNs time, Connection& connection) {
    connections_.retire(connection, time + kLinger + timeline_.transit());
}

void Tracker::on(const Event& event, const Owner& owner) {
    if (owner.state == TcpState::kListen) {
        auto& listener = connections_.listener(event.netns, owner.ends.local, owner.cookie);
        if (listener.owner_source != OwnerSource::kSeen)
            listener.set_owner(owner.task, OwnerSource::kSeen);
        listener.state = TcpState::kListen;
        return;
    }
    if (auto* side = known(event.netns, owner.cookie, owner.ends)) {
        connections_.set_cookie(*side, owner.cookie);
        // Whoever had the socket open when the trace began knows less than what
        // has been seen since.
        if (owner.how != OwnerHow::kSeed || side->owner_source != OwnerSource::kSeen)
            side->set_owner(owner.task, OwnerSource::kSeen);
    } else if (owner.ends.remote.port != 0 && !is_closed(owner.state)) {
        seeds_[{event.netns, owner.ends.local, owner.ends.remote}] = owner;
    }
}

void Tracker::on(const Event& event, const Lost& lost) {
    timeline_.add_gap(lost.from, event.time);
    ++gaps_;
    timeline_.push(event.time, nullptr).entry.body = LostEntry{lost.count, lost.from};
}

}  // namespace tcpladder

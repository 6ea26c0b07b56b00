// SPDX-License-Identifier: MIT
// State changes: those that the kernel tells, and those that only the timers of
// its mini-sockets betray.
#include "model/tracker.h"

namespace tcpladder {
namespace {

constexpr MonoNs kNotWanted = 1'000'000'000;

CauseFound timer(std::string_view what) {
    return {{CauseType::kTimer, what, 0}, 0};
}

// Data for a small FIN_WAIT2 socket is answered with a RST and ends it.
CauseFound end_by_late_data(const Received& received) {
    if (received.data == 0 || received.data != received.last)
        return {};
    return {{CauseType::kSegment, "rcv data, too late", 0}, received.data};
}

// Two ACKs of one request may be handled on two CPUs at once. Each makes a child; one
// takes the request's place, and the kernel undoes the other, which never was the
// connection: it is born, and goes from SYN_RECV to CLOSE without an error.
bool has_other_socket(const SocketSide& side, std::uint64_t cookie) {
    const bool request = side.state == TcpState::kUnknown || side.state == TcpState::kListen ||
                         side.state == TcpState::kSynRecv;
    return !request && side.cookie != 0 && side.cookie != cookie;
}

bool is_undone(const StateChange& change, const SocketSide* side) {
    if (change.from != TcpState::kSynRecv || change.to != TcpState::kClose || change.error != 0)
        return false;
    return change.via == Via::kSegment ||
           (side != nullptr && has_other_socket(*side, change.cookie));
}

bool by_process(Via via) {
    return via == Via::kClose || via == Via::kShutdown || via == Via::kNotTaken;
}

}  // namespace

void Tracker::on(const Event& event, const StateChange& change) {
    if (change.inferred != Inferred::kNo)
        return inferred_change(event, change);
    if (change.to == TcpState::kListen || change.from == TcpState::kListen) {
        if (change.to == TcpState::kSynRecv)
            return child_change(event, change);
        return listener_change(event, change);
    }
    if (change.to == TcpState::kSynSent)
        return connect_change(event, change);
    if (is_undone(change, known(event.netns, change.cookie, change.ends)))
        return;
    auto& side = known_or_open(event, change.cookie, change.ends);
    connections_.number(*side.connection);
    connections_.set_cookie(side, change.cookie);
    if (side.shown.local.port == 0 && change.ends.local.port != 0) {
        learn_port(event, side, change.ends.local);  // its SYN has not left yet
    }
    own(change, side);
    if (change.to == TcpState::kClose)
        return close_change(event, change, side);
    // Before 6.17 the child of a SYN cookie speaks with its listener's cookie.
    if (change.from == TcpState::kSynRecv && side.state == TcpState::kUnknown)
        syn_received(event.time, side, 0);
    transition(event.time, side, change.from, change.to, true,
               cause_of(change, event.cpu, change.to, side));
}

// The task on the CPU is the actor only where a process makes the transition.
void Tracker::own(const StateChange& change, SocketSide& side) {
    const bool sends_fin = change.to == TcpState::kFinWait1 || change.to == TcpState::kLastAck;
    if (sends_fin && by_process(change.via))
        side.set_owner(change.task, OwnerSource::kSeen);
}

void Tracker::listener_change(const Event& event, const StateChange& change) {
    auto& side = connections_.listener(event.netns, change.ends.local, change.cookie);
    side.set_owner(change.task, OwnerSource::kSeen);
    transition(event.time, side, change.from, change.to, true,
               cause_of(change, event.cpu, change.to, side));
    if (change.to == TcpState::kClose)
        connections_.retire(*side.connection, event.time + kNotWanted);
}

// A simultaneous open: the peer, in another namespace, calls this very end. It is
// one connection, and who called first stays the client.
SocketSide* Tracker::called_already(const Event& event, const SocketEnds& ends) {
    auto* side = ends.local.port != 0 ? connections_.find_anywhere(ends) : nullptr;
    if (side == nullptr || side->shown.netns != 0 || side->state != TcpState::kUnknown)
        return nullptr;
    const auto peer = side->peer->state;
    if (peer != TcpState::kSynSent && peer != TcpState::kSynRecv)
        return nullptr;
    place(*side, event.netns);
    return side;
}

// Fires before the port is chosen (unless bind() was called): the row waits for
// the first segment, which has it. With a filter on a port that only this end
// could still get, the connection waits with it.
void Tracker::connect_change(const Event& event, const StateChange& change) {
    auto* called = called_already(event, change.ends);
    auto& side = called != nullptr ? *called : open(event, change.ends, false);
    side.state = TcpState::kClose;
    if (called == nullptr) {
        side.peer->shown.role = Role::kServer;
        side.shown.role = Role::kClient;  // last: it may be its own peer
    }
    connections_.set_cookie(side, change.cookie);
    side.set_owner(change.task, OwnerSource::kSeen);
    const bool wanted = filter_.accepts(side.shown);
    if (wanted)
        connections_.number(*side.connection);
    auto& pending = transition(event.time, side, change.from, change.to, true,
                               cause_of(change, event.cpu, change.to, side));
    // Whoever listens there, on this machine: until it is known who accepts.
    if (side.peer->shown.netns != 0)
        inherit_owner(*side.peer, 0);
    if (side.shown.local.port != 0)
        return;
    pending.wait = Wait::kPort;
    pending.on_condition = !wanted;
    if (!wanted) {
        --open_;
        side.connection->open = false;
        connections_.retire(*side.connection, event.time + kNotWanted);
    }
}

// The child of a listener: born at the third segment, when SYN_RECV (kept by
// the request until then) is nearly over; at the SYN with Fast Open. Before
// 6.17 it still looks like its listener (no peer, the listener's cookie): then
// the next event says all.
void Tracker::child_change(const Event& event, const StateChange& change) {
    if (change.ends.remote.port == 0)
        return;
    auto& side = known_or_open(event, 0, change.ends);
    if (has_other_socket(side, change.cookie))
        return;
    connections_.number(*side.connection);
    connections_.set_cookie(side, change.cookie);
    if (side.state != TcpState::kSynRecv)
        syn_received(event.time, side, 0);
}

void Tracker::syn_received(MonoNs time, SocketSide& side, std::uint64_t listener_cookie) {
    inherit_owner(side, listener_cookie);
    side.state = TcpState::kListen;
    side.since.reset();
    auto cause = cause_by_segment(TcpState::kListen, TcpState::kSynRecv, side);
    end_previous(time, side, cause);
    transition(time, side, TcpState::kListen, TcpState::kSynRecv, true, cause);
}

// "-> CLOSE" has four meanings: over, failed, moved into TIME_WAIT, moved into a
// small socket that keeps FIN_WAIT2. The timer of the small socket has started
// just before; where timers are not seen, the peer's FIN decides.
void Tracker::close_change(const Event& event, const StateChange& change, SocketSide& side) {
    if (side.state == TcpState::kTimeWait)
        return;
    if (side.state == TcpState::kFinWait2 && side.mini_fin_wait2)
        return;
    const bool may_linger =
        change.error == 0 && side.active().reset_id == 0 && change.via != Via::kDisconnect;
    if (!timers_ && may_linger) {
        const auto& fin = side.peer->fin_end;
        const bool fin_came = fin && change.rcv_nxt == *fin;
        if (change.from == TcpState::kClosing || (change.from == TcpState::kFinWait2 && fin_came)) {
            transition(event.time, side, change.from, TcpState::kTimeWait, false,
                       cause_by_segment(change.from, TcpState::kTimeWait, side));
            return;
        }
        if (change.from == TcpState::kFinWait2) {
            side.mini_fin_wait2 = true;
            return;
        }
    }
    transition(event.time, side, change.from, TcpState::kClose, true,
               cause_of(change, event.cpu, TcpState::kClose, side));
}

void Tracker::on(const Event& event, const MiniState& mini) {
    auto* side = known(event.netns, mini.cookie, mini.ends);
    if (side == nullptr)
        return;  // older than the trace, and nothing else was seen of it
    connections_.number(*side->connection);
    if (mini.mini == Mini::kRequest)
        request_timer(event, mini, *side);
    else
        time_wait_timer(event, mini, *side);
}

// cancel: by the child (then that has spoken already), a RST that came, a RST in answer
// to the third segment (tcp_abort_on_overflow), or just before an expiry. expire: the SYN+ACK is
// sent again and the timer starts again, or the request is given up.
void Tracker::request_timer(const Event& event, const MiniState& mini, SocketSide& side) {
    const auto& received = side.active().received;
    const bool reset = received.reset != 0 && received.reset == received.last;
    const bool refused = received.ack == received.last && side.active().reset_sent_at != 0 &&
                         side.active().reset_sent_at >= side.active().last_received.time;
    switch (mini.step) {
        case TimerStep::kStart:
            take_back_end(side);
            if (side.state != TcpState::kSynRecv)
                syn_received(event.time, side, mini.listener_cookie);
            break;
        case TimerStep::kExpire:
            if (side.state == TcpState::kSynRecv)
                announce_end(event.time, side, timer("SYN+ACK timeout"));
            break;
        case TimerStep::kCancel:
            if (side.state == TcpState::kSynRecv && reset)
                transition(event.time, side, TcpState::kSynRecv, TcpState::kClose, true,
                           {{CauseType::kSegment, "rcv RST", 0}, received.last});
            else if (side.state == TcpState::kSynRecv && refused)
                transition(event.time, side, TcpState::kSynRecv, TcpState::kClose, true,
                           {{CauseType::kSegment, "rcv ACK, no room", 0}, received.last});
            break;
    }
}

void Tracker::time_wait_timer(const Event& event, const MiniState& mini, SocketSide& side) {
    const auto& received = side.active().received;
    const bool reset = received.reset != 0 && received.reset == received.last;
    switch (mini.step) {
        case TimerStep::kStart:
            take_back_end(side);
            if (mini.substate == TcpState::kFinWait2) {
                side.mini_fin_wait2 = true;
            } else if (side.state != TcpState::kTimeWait) {
                const auto from =
                    side.state == TcpState::kUnknown ? TcpState::kFinWait2 : side.state;
                transition(event.time, side, from, TcpState::kTimeWait, true,
                           cause_by_segment(from, TcpState::kTimeWait, side));
            }
            break;
        case TimerStep::kExpire:
            confirm_end(event.time, side,
                        timer(mini.substate == TcpState::kFinWait2 ? "FIN_WAIT2 timeout" : "2MSL"));
            break;
        case TimerStep::kCancel:
            if (side.state != TcpState::kTimeWait && side.state != TcpState::kFinWait2)
                break;
            announce_end(event.time, side, end_by_late_data(received));
            if (reset)
                confirm_end(event.time, side, {{CauseType::kSegment, "rcv RST", 0}, received.last});
            break;
    }
}

void Tracker::announce_end(MonoNs time, SocketSide& side, const CauseFound& cause) {
    auto& pending = transition(time, side, side.state, TcpState::kClose, true, cause);
    pending.wait = Wait::kRefusal;
    side.active().undecided = &pending;
}

void Tracker::confirm_end(MonoNs time, SocketSide& side, const CauseFound& cause) {
    auto& undecided = side.active().undecided;
    if (undecided == nullptr && !side.is_done() && side.state != TcpState::kFinWait2)
        return;
    if (undecided == nullptr && side.state == TcpState::kClose)
        return;
    if (undecided == nullptr)
        announce_end(time, side, cause);
    std::get<StateEntry>(undecided->entry.body).cause = cause.cause;
    undecided->cause_id = cause.segment_id;
    undecided->wait = Wait::kNothing;
    undecided = nullptr;
}

void Tracker::take_back_end(SocketSide& side) {
    auto& activity = side.active();
    if (activity.undecided == nullptr)
        return;
    const auto& row = std::get<StateEntry>(activity.undecided->entry.body);
    side.state = row.from;
    side.since = row.in_state_ns ? std::optional(activity.undecided->entry.time - *row.in_state_ns)
                                 : std::nullopt;
    activity.story.take_back_last(row.from);
    activity.story.timed_out = false;
    side.connection->retire_at.reset();
    activity.undecided->withdrawn = true;
    activity.undecided = nullptr;
}

// The 4-tuple is used again: connect() or a new SYN has ended its TIME_WAIT.
void Tracker::end_previous(MonoNs time, const SocketSide& side, const CauseFound& cause) {
    auto* old = connections_.find_cookie(side.active().previous_cookie);
    if (old == nullptr || old == &side)
        return;
    if (old->active().undecided != nullptr || old->state == TcpState::kTimeWait)
        confirm_end(time, *old, cause);
}

}  // namespace tcpladder

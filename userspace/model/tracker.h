// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>

#include "model/cause.h"
#include "model/connections.h"
#include "model/event.h"
#include "model/recent_segments.h"
#include "model/timeline.h"

namespace tcpladder {

/// Which connections to show. The kernel has cut the rest where it could; a
/// socket whose port was not chosen yet is decided here.
struct ConnectionFilter {
    std::uint16_t port = 0;  ///< of either end; 0: any
    bool accepts(const Side& side) const;
};

/// What was shown, for the summary.
struct Totals {
    std::uint64_t connections = 0;
    std::uint64_t segments = 0;
    std::uint64_t transitions = 0;
    std::uint64_t inferred = 0;
    std::uint64_t unknown_causes = 0;
    std::uint64_t retransmits = 0;
    std::uint64_t resets = 0;
    std::uint64_t drops = 0;
    std::uint64_t lost = 0;
    std::uint64_t late = 0;  ///< rows before the time of the row above them
};

/// Counts rows on their way to a view.
class RowCounter : public EntrySink {
public:
    explicit RowCounter(EntrySink& next) : next_(&next) {}
    void entry(const Entry& entry) override;
    const Totals& totals() const { return totals_; }

private:
    EntrySink* next_;
    Totals totals_;
    MonoNs last_time_ = 0;
};

/// The model: events in, in the order of their time; rows of the timeline out.
/// Live, replayed and test events all enter through add().
class Tracker {
public:
    /// `info.timers` says whether TIME_WAIT is observed or must be inferred;
    /// `info.hold` (longer than kLocalTransit: all receipts are seen) and whether there are
    /// several `info.hosts`, where to expect receipts.
    Tracker(EntrySink& sink, const TraceInfo& info, const ConnectionFilter& filter);

    /// `event.time` must not be before that of the event before.
    void add(const Event& event);
    /// No event before `now` will come any more: shows what waited for one.
    void advance(MonoNs now);
    /// The trace is over: shows the rest.
    void finish();

    const Totals& totals() const { return counter_.totals(); }
    /// Connections of which an end is neither closed nor in TIME_WAIT.
    std::size_t open_connections() const { return open_; }
    /// Connections and listeners that memory is spent on.
    std::size_t known_connections() const { return connections_.alive(); }

private:
    // tracker.cpp
    void on(const Event& event, const Owner& owner);
    void on(const Event& event, const Lost& lost);
    void on(const Event& event, const Drop& drop);
    SocketSide& open(const Event& event, const SocketEnds& ends, bool on_loopback);
    SocketSide* known(NetNs netns, std::uint64_t cookie, const SocketEnds& ends);
    SocketSide& known_or_open(const Event& event, std::uint64_t cookie, const SocketEnds& ends);
    void place(SocketSide& side, NetNs netns);
    void adopt_seed(SocketSide& side);
    std::uint64_t cookie_at(NetNs netns, const SocketEnds& ends);
    void inherit_owner(SocketSide& server, std::uint64_t listener_cookie);
    PendingEntry& transition(MonoNs time, SocketSide& side, TcpState from, TcpState to,
                             bool observed, const CauseFound& cause);
    static void ended(TcpState from, const Cause& cause, SocketSide& side);
    void tidy(MonoNs now);
    void settle(MonoNs time, SocketSide& side);
    void retire(MonoNs time, Connection& connection);
    void push_summary(MonoNs time, Connection& connection);

    // tracker_segments.cpp
    void on(const Event& event, const Segment& segment);
    SocketSide* sender_of(const Event& event, const Segment& segment);
    SocketSide* receiver_of(const Event& event, const Segment& segment);
    bool lives_here(NetNs netns, const SocketEnds& ends);
    bool place_on_guess(NetNs netns, SocketSide& side);
    void learn_port(const Event& event, SocketSide& side, const Endpoint& local);
    void send(const Event& event, const Segment& segment, SocketSide& sender);
    void receive(const Event& event, const Segment& segment, SocketSide& receiver);
    void arrive(const Event& event, const Segment& segment, PendingEntry& pending,
                SocketSide& receiver);
    PendingEntry& push_segment(const Event& event, const Segment& segment, SocketSide& sender);
    static void analyse(PendingEntry& pending, SocketSide& sender);
    void states_of_sender(const Event& event, const Segment& segment, SocketSide& sender);

    // tracker_drops.cpp
    SocketSide& sender_of_dropped(const Event& event, const Drop& drop);

    // tracker_states.cpp
    void on(const Event& event, const StateChange& change);
    void on(const Event& event, const MiniState& mini);
    void listener_change(const Event& event, const StateChange& change);
    void connect_change(const Event& event, const StateChange& change);
    SocketSide* called_already(const Event& event, const SocketEnds& ends);
    void child_change(const Event& event, const StateChange& change);
    void close_change(const Event& event, const StateChange& change, SocketSide& side);
    void own(const StateChange& change, SocketSide& side);
    void request_timer(const Event& event, const MiniState& mini, SocketSide& side);
    void time_wait_timer(const Event& event, const MiniState& mini, SocketSide& side);
    void syn_received(MonoNs time, SocketSide& side, std::uint64_t listener_cookie);
    void announce_end(MonoNs time, SocketSide& side, const CauseFound& cause);
    void confirm_end(MonoNs time, SocketSide& side, const CauseFound& cause);
    void take_back_end(SocketSide& side);
    void end_previous(MonoNs time, const SocketSide& side, const CauseFound& cause);

    // tracker_reasons.cpp
    void on(const Event& event, const Retransmit& retransmit);
    void on(const Event& event, const Reset& reset);
    std::string_view kept_reason(std::string_view reason);
    void await_reason(PendingEntry& pending, SocketSide& side);
    static void explained(SocketSide& side);

    // tracker_inferred.cpp
    void inferred_change(const Event& event, const StateChange& change);
    SocketSide* inferred_end(const Event& event, const StateChange& change);
    SocketSide& open_inferred(const Event& event, const StateChange& change);

    RowCounter counter_;
    Timeline timeline_;
    Connections connections_;
    RecentSegments recent_;
    ConnectionFilter filter_;
    bool timers_;
    bool closed_;         ///< two namespaces and a wire: nothing else, nobody forwards
    bool sees_receipts_;  ///< of all that is sent: the other hosts are traced, too
    bool summaries_;      ///< whether anybody wants them
    std::size_t open_ = 0;
    MonoNs now_ = 0;                         ///< of the newest event
    std::uint32_t gaps_ = 0;                 ///< places where events were lost
    std::deque<std::string> reset_reasons_;  ///< each once
    /// Owners of sockets that are older than the trace, until they are met.
    std::unordered_map<FlowKey, Owner, FlowKeyHash> seeds_;
};

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "model/connections.h"
#include "model/event.h"
#include "model/inferred_end.h"
#include "support/reused_queue.h"

namespace tcpladder {

/// The states of both ends of every connection, read from its segments alone:
/// RFC 9293 section 3.3.2, in Linux's steps. Segment events in, the same events
/// out, with StateChange events (StateChange::inferred) between them.
///
/// What an end does shows in what it sends: its transition stands before that
/// segment. What it receives shows only when it answers: a FIN counts once it is
/// acknowledged, and then stands behind the FIN, or behind the last segment of
/// that end that did not acknowledge it yet. So FINs and SYNs that cross come out
/// as they were, wherever the capture was taken. An ACK of a FIN counts at once,
/// a RST when its receiver is silent for kPatience.
///
/// Not shown, because nothing tells of it: what happened before the capture, the
/// end of TIME_WAIT, timeouts, and receipts whose acknowledgment was not captured.
/// Not to be told from close() after the peer's FIN: a close() before it whose own
/// FIN was held up by data (FIN_WAIT1 and CLOSING show as CLOSE_WAIT, LAST_ACK).
class StateInference {
public:
    /// Events wait for an answer up to this long, in their own time.
    static constexpr MonoNs kPatience = 250'000'000;

    /// The next segment; its time must not be before that of the one before. One
    /// over loopback (ifindex 1) comes twice, sent and received, unless it is
    /// Segment::also_received; others once.
    void add(const Event& segment);
    /// No event before `now` will come any more.
    void advance(MonoNs now);
    /// The capture is over.
    void finish();

    /// The next event of the result, in order. False: there is none yet.
    bool next(Event& event);

    /// Connections that memory is spent on.
    std::size_t known_connections() const { return connections_.size(); }

private:
    /// One connection; the ends are in the order of their names.
    struct Pair {
        std::array<Endpoint, 2> names;
        std::array<InferredEnd, 2> ends;
        NetNs netns = 0;
        MonoNs last = 0;
        std::array<Inferred, 2> where{};
        /// A SYN that did not fit, and may yet start a new connection.
        std::optional<Seq> other_syn;
    };
    struct Holder {
        Pair* pair;
        std::size_t end;
    };
    /// A segment on its way out, with what happens before and after it.
    struct Row {
        Event event;
        std::uint64_t id = 0;
        std::vector<StateChange> before;
        std::vector<StateChange> after;
        std::vector<Holder> holders;
        std::uint32_t holds = 0;
    };

    Pair& find_pair(NetNs netns, const Endpoint& source, const Endpoint& destination);
    Pair& pair_of(const Event& event, const Segment& segment);
    void on_sent(Pair& pair, std::size_t end, const TcpHeader& tcp);
    void on_arrival(Pair& pair, std::size_t end, const TcpHeader& tcp);
    void send_syn(Pair& pair, std::size_t end, const TcpHeader& tcp);
    void send_syn_ack(Pair& pair, std::size_t end, const TcpHeader& tcp);
    void start_again(Pair& pair, std::size_t end, const TcpHeader& tcp);
    void settle_arrivals(Pair& pair, std::size_t end, const TcpHeader& sent);
    void settle_resets(Pair& pair);
    void arrive(Pair& pair, std::size_t end, const TcpHeader& tcp, bool hold);
    void receive(Pair& pair, std::size_t end, const Arrival& arrival);
    void receive_reset(Pair& pair, std::size_t end, const Arrival& arrival);
    void recognize(Pair& pair);

    void change(Pair& pair, std::size_t end, TcpState to, Via via, std::uint64_t after);
    void hold(Pair& pair, std::size_t end, Arrival& arrival, std::uint64_t row);
    void let_go(Arrival& arrival);
    void run_out_of_patience(Row& row);
    void release(MonoNs now);
    void forget_idle(MonoNs now);

    void push_row(const Event& event);
    Row& current() { return rows_.back(); }
    Row* row(std::uint64_t id);  ///< null: it is out already

    std::unordered_map<FlowKey, Pair, FlowKeyHash> connections_;
    Pair* latest_ = nullptr;  ///< the next segment is mostly of the same
    ReusedQueue<Row> rows_;
    std::size_t ready_ = 0;  ///< how many of them may go out
    std::size_t step_ = 0;   ///< how much of the first has gone out
    std::uint64_t last_row_ = 0;
    std::uint64_t last_cookie_ = 0;
    MonoNs looked_around_ = 0;
};

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include "model/state_inference.h"

#include <algorithm>
#include <utility>

namespace tcpladder {
namespace {

constexpr std::uint32_t kLoopbackIfindex = 1;
constexpr std::uint64_t kNow = 0;  // a transition stands before the current row

// Cookies of the kernel are small numbers; ours shall not meet one of them.
constexpr std::uint64_t kInferredCookie = 1ULL << 63;

Arrival arrival_of(const TcpHeader& tcp) {
    return {tcp.seq, tcp.end(), tcp.ack, tcp.flags, 0, false};
}

bool is_first_syn(const TcpHeader& tcp) {
    return tcp.has(tcp_flag::kSyn) && !tcp.has(tcp_flag::kAck);
}

}  // namespace

// --- Rows and their order

StateInference::Row* StateInference::row(std::uint64_t id) {
    if (rows_.empty() || id < rows_.front().id)
        return nullptr;
    const auto at = id - rows_.front().id;
    return at >= ready_ && at < rows_.size() ? &rows_[at] : nullptr;
}

void StateInference::push_row(const Event& event) {
    auto& row = rows_.push();
    row.event = event;
    row.id = ++last_row_;
    row.before.clear();
    row.after.clear();
    row.holders.clear();
    row.holds = 0;
}

void StateInference::hold(Pair& pair, std::size_t end, Arrival& arrival, std::uint64_t id) {
    let_go(arrival);
    auto* target = row(id);
    if (target == nullptr)
        return;
    ++target->holds;
    target->holders.push_back({&pair, end});
    arrival.after = id;
    arrival.held = true;
}

void StateInference::let_go(Arrival& arrival) {
    if (auto* target = arrival.held ? row(arrival.after) : nullptr)
        --target->holds;
    arrival.held = false;
}

// What needs no answer is taken to have arrived. The rest is left open: an answer
// may still come, and then stands where it came.
void StateInference::run_out_of_patience(Row& row) {
    const auto holders = std::exchange(row.holders, {});
    for (const auto& [pair, end] : holders) {
        auto& arrivals = pair->ends[end].arrivals;
        for (std::size_t i = 0; i < arrivals.size();) {
            auto arrival = arrivals[i];
            if (!arrival.held || arrival.after != row.id) {
                ++i;
                continue;
            }
            let_go(arrivals[i]);
            if (arrival.has(tcp_flag::kSyn | tcp_flag::kFin)) {
                arrivals[i++].after = kNow;
                continue;
            }
            arrivals.erase(arrivals.begin() + static_cast<std::ptrdiff_t>(i));
            receive(*pair, end, arrival);
            i = 0;  // that may have taken others away
        }
    }
    row.holds = 0;
}

void StateInference::release(MonoNs now) {
    constexpr std::size_t kMostRows = 1U << 16;  // a flood shall not fill memory
    while (ready_ < rows_.size()) {
        auto& row = rows_[ready_];
        const bool too_many = rows_.size() - ready_ > kMostRows;
        if (row.holds != 0 && !too_many && now - row.event.time < kPatience)
            return;
        if (row.holds != 0)
            run_out_of_patience(row);
        ++ready_;
    }
}

// The changes have the segment's time and place.
bool StateInference::next(Event& event) {
    while (ready_ != 0) {
        auto& row = rows_.front();
        event.time = row.event.time;
        event.netns = row.event.netns;
        event.cpu = row.event.cpu;
        const auto step = step_++;
        if (step < row.before.size()) {
            event.body = row.before[step];
            return true;
        }
        if (step == row.before.size()) {
            event.body = row.event.body;
            return true;
        }
        const auto behind = step - row.before.size() - 1;
        if (behind < row.after.size()) {
            event.body = row.after[behind];
            return true;
        }
        rows_.pop();
        --ready_;
        step_ = 0;
    }
    return false;
}

void StateInference::advance(MonoNs now) {
    release(now);
}

void StateInference::finish() {
    release(INT64_MAX);
}

void StateInference::change(Pair& pair, std::size_t end, TcpState to, Via via,
                            std::uint64_t after) {
    auto& self = pair.ends[end];
    if (self.state == to)
        return;
    if (to == TcpState::kEstablished && self.cookie == 0)
        self.cookie = kInferredCookie | ++last_cookie_;
    auto* behind = after != kNow ? row(after) : nullptr;
    auto& change = (behind != nullptr ? behind->after : current().before).emplace_back();
    const bool to_itself = pair.names[0] == pair.names[1];
    change.ends = {pair.names[end], pair.names[to_itself ? end : 1 - end]};
    change.cookie = self.cookie;
    change.from = self.state;
    change.to = to;
    change.via = via;
    change.inferred = pair.where[end];
    self.state = to;
    if (to != TcpState::kClose)
        return;
    for (auto& arrival : self.arrivals)
        let_go(arrival);
    self.arrivals.clear();
}

// --- Connections

StateInference::Pair& StateInference::find_pair(NetNs netns, const Endpoint& source,
                                                const Endpoint& destination) {
    const auto is_it = [&](const Pair& pair) {
        const auto& [low, high] = pair.names;
        return pair.netns == netns &&
               ((low == source && high == destination) || (low == destination && high == source));
    };
    if (latest_ != nullptr && is_it(*latest_))
        return *latest_;
    const auto [low, high] = std::minmax(source, destination);
    auto& pair = connections_[FlowKey{netns, low, high}];
    pair.names = {low, high};
    pair.netns = netns;
    latest_ = &pair;
    return pair;
}

StateInference::Pair& StateInference::pair_of(const Event& event, const Segment& segment) {
    auto& pair = find_pair(event.netns, segment.tcp.source, segment.tcp.destination);
    pair.last = event.time;
    const auto source = segment.tcp.source == pair.names[0] ? 0U : 1U;
    if (segment.ifindex == kLoopbackIfindex) {
        pair.where = {Inferred::kLoopback, Inferred::kLoopback};
    } else {
        pair.where[source] = segment.sent ? Inferred::kHere : Inferred::kPeer;
        pair.where[1 - source] = segment.sent ? Inferred::kPeer : Inferred::kHere;
    }
    return pair;
}

// Open ones are kept: silence is no end.
void StateInference::forget_idle(MonoNs now) {
    constexpr MonoNs kLookAround = 60'000'000'000;
    constexpr MonoNs kSilence = 300'000'000'000;
    if (now - looked_around_ < kLookAround)
        return;
    looked_around_ = now;
    latest_ = nullptr;
    const auto opening = [](const InferredEnd& end) {
        return end.is_over() || end.state == TcpState::kSynSent || end.state == TcpState::kSynRecv;
    };
    std::erase_if(connections_, [&](const auto& item) {
        const auto& pair = item.second;
        return now - pair.last > kSilence && opening(pair.ends[0]) && opening(pair.ends[1]);
    });
}

void StateInference::add(const Event& event) {
    const auto& segment = std::get<Segment>(event.body);
    release(event.time);
    forget_idle(event.time);
    push_row(event);
    auto& pair = pair_of(event, segment);
    const std::size_t source = segment.tcp.source == pair.names[0] ? 0 : 1;
    const std::size_t destination = segment.tcp.destination == pair.names[0] ? 0 : 1;
    const bool twice = segment.ifindex == kLoopbackIfindex && !segment.also_received;
    if (!twice || segment.sent)
        on_sent(pair, source, segment.tcp);
    if (!twice || !segment.sent)
        on_arrival(pair, destination, segment.tcp);
    release(event.time);
}

// The 4-tuple is used again.
void StateInference::start_again(Pair& pair, std::size_t end, const TcpHeader& tcp) {
    settle_resets(pair);
    const bool over = pair.ends[end].is_over() || pair.ends[end].state == TcpState::kLastAck;
    if (!over)
        change(pair, end, TcpState::kClose, Via::kUnknown, kNow);
    for (auto& old : pair.ends) {
        for (auto& arrival : old.arrivals)
            let_go(arrival);
        old = InferredEnd{};
    }
    pair.other_syn.reset();
    pair.ends[end].isn = tcp.has(tcp_flag::kAck) ? tcp.ack - 1 : tcp.seq;
}

void StateInference::settle_resets(Pair& pair) {
    for (std::size_t end = 0; end < pair.ends.size(); ++end) {
        const auto arrivals = pair.ends[end].arrivals;
        for (const auto& arrival : arrivals) {
            if (arrival.has(tcp_flag::kRst))
                receive_reset(pair, end, arrival);
        }
    }
}

// --- What an end sends

void StateInference::on_sent(Pair& pair, std::size_t end, const TcpHeader& tcp) {
    auto& self = pair.ends[end];
    auto& peer = pair.ends[tcp.source == tcp.destination ? end : 1 - end];
    if (is_first_syn(tcp)) {
        send_syn(pair, end, tcp);
        return;
    }
    settle_arrivals(pair, end, tcp);
    if (tcp.has(tcp_flag::kSyn))
        send_syn_ack(pair, end, tcp);
    self.note_sent(tcp, peer);
    if (tcp.has(tcp_flag::kRst)) {
        if (ends_by_sending_reset(self, tcp))
            change(pair, end, TcpState::kClose,
                   tcp.has(tcp_flag::kAck) ? Via::kClose : Via::kUnknown, kNow);
        return;
    }
    if (tcp.has(tcp_flag::kSyn))
        return;
    // The SYN+ACK is missing in the capture, but here is its acknowledgment.
    if (self.state == TcpState::kSynSent && tcp.has(tcp_flag::kAck) && self.isn &&
        seq_at_or_after(tcp.seq, *self.isn + 1)) {
        change(pair, end, TcpState::kEstablished, Via::kSegment, kNow);
        if (peer.state == TcpState::kUnknown && !peer.isn) {
            peer.state = TcpState::kSynRecv;
            peer.isn = tcp.ack - 1;
        }
    }
    recognize(pair);
    if (tcp.has(tcp_flag::kFin) && !self.fin_end) {
        self.fin_end = tcp.end();
        change(pair, end, after_sending_fin(self.state), Via::kNotTaken, kNow);
    }
}

void StateInference::send_syn(Pair& pair, std::size_t end, const TcpHeader& tcp) {
    auto& self = pair.ends[end];
    const auto& peer = pair.ends[tcp.source == tcp.destination ? end : 1 - end];
    if (self.isn == tcp.seq) {  // again
        settle_arrivals(pair, end, tcp);
        return;
    }
    const bool first = self.is_fresh() && (peer.is_fresh() || peer.state == TcpState::kSynSent);
    if (!first && !self.is_over() && self.state != TcpState::kLastAck) {
        pair.other_syn = tcp.seq;  // answered with a challenge ACK, unless its socket is new
        return;
    }
    if (first)
        settle_arrivals(pair, end, tcp);
    else
        start_again(pair, end, tcp);
    self.isn = tcp.seq;
    self.state = TcpState::kClose;
    change(pair, end, TcpState::kSynSent, Via::kConnect, kNow);
    self.note_sent(tcp, pair.ends[1 - end]);
}

void StateInference::send_syn_ack(Pair& pair, std::size_t end, const TcpHeader& tcp) {
    auto& self = pair.ends[end];
    const std::size_t other = tcp.source == tcp.destination ? end : 1 - end;
    auto& peer = pair.ends[other];
    if (pair.other_syn && tcp.ack == *pair.other_syn + 1 && self.isn != tcp.seq) {
        start_again(pair, other, tcp);
        peer.state = TcpState::kClose;
        change(pair, other, TcpState::kSynSent, Via::kConnect, kNow);
        self.state = TcpState::kListen;
        change(pair, end, TcpState::kSynRecv, Via::kSegment, kNow);
    }
    self.isn = tcp.seq;
    if (self.state != TcpState::kUnknown)
        return;
    self.state = TcpState::kSynRecv;  // the SYN was not captured
    if (peer.state == TcpState::kUnknown) {
        peer.state = TcpState::kSynSent;
        peer.isn = tcp.ack - 1;
    }
}

// What it sends shows what it has received before. The rest counts after it.
void StateInference::settle_arrivals(Pair& pair, std::size_t end, const TcpHeader& sent) {
    auto& self = pair.ends[end];
    auto arrivals = std::exchange(self.arrivals, {});
    for (auto& arrival : arrivals) {
        const bool syn = arrival.is_first_syn();
        const bool crossed = syn && self.state == TcpState::kSynSent && !sent.has(tcp_flag::kSyn);
        const bool refused = syn && sent.has(tcp_flag::kRst);
        // Who sends his FIN again has not got its acknowledgment.
        const bool fin_again = sent.has(tcp_flag::kFin) && self.fin_end == sent.end() &&
                               !arrival.has(tcp_flag::kSyn | tcp_flag::kFin);
        const bool gone = crossed || refused;
        if (!gone && (fin_again || !proves(sent, arrival))) {
            if (arrival.held)
                hold(pair, end, arrival, current().id);
            self.arrivals.push_back(arrival);
            continue;
        }
        let_go(arrival);
        if (!gone)
            receive(pair, end, arrival);
    }
}

// Where the start was not captured: nobody has sent a FIN before, since both have
// sent something new. No rows for this; it is where their ways begin.
void StateInference::recognize(Pair& pair) {
    auto& [a, b] = pair.ends;
    const bool unknown = a.state == TcpState::kUnknown && b.state == TcpState::kUnknown;
    if (!unknown || !a.was_open || !b.was_open || (a.fin_end && b.fin_end))
        return;
    a.state = b.state = TcpState::kEstablished;
    auto& closer = a.fin_end ? a : b;
    auto& other = a.fin_end ? b : a;
    if (!closer.fin_end)
        return;
    const bool got = other.acked && seq_at_or_after(*other.acked, *closer.fin_end);
    closer.state = got ? TcpState::kFinWait2 : TcpState::kFinWait1;
    other.state = got ? TcpState::kCloseWait : TcpState::kEstablished;
}

// --- What an end receives

void StateInference::arrive(Pair& pair, std::size_t end, const TcpHeader& tcp, bool held) {
    auto& self = pair.ends[end];
    if (self.knows(tcp))
        return;
    auto arrival = arrival_of(tcp);
    arrival.after = current().id;
    if (held)
        hold(pair, end, arrival, current().id);
    self.arrivals.push_back(arrival);
}

void StateInference::on_arrival(Pair& pair, std::size_t end, const TcpHeader& tcp) {
    auto& self = pair.ends[end];
    const auto& sender = pair.ends[tcp.source == tcp.destination ? end : 1 - end];
    const bool opening = self.is_over() || self.state == TcpState::kSynSent;
    if (tcp.has(tcp_flag::kRst)) {
        if (!self.is_over() && accepts_reset(self, sender, tcp))
            arrive(pair, end, tcp, true);
        return;
    }
    const bool acks_syn =
        tcp.has(tcp_flag::kAck) && self.isn && seq_at_or_after(tcp.ack, *self.isn + 1);
    if (tcp.has(tcp_flag::kSyn)) {
        if (acks_syn && self.state == TcpState::kSynRecv)
            change(pair, end, TcpState::kEstablished, Via::kSegment, current().id);
        else if (opening && !(pair.other_syn == tcp.seq))
            arrive(pair, end, tcp, true);
        return;
    }
    auto arrival = arrival_of(tcp);
    arrival.after = current().id;
    const bool acks_fin =
        tcp.has(tcp_flag::kAck) && self.fin_end && seq_at_or_after(tcp.ack, *self.fin_end);
    const bool had_fin = self.has_open_fin();
    if (acks_fin && had_fin && !tcp.has(tcp_flag::kFin))
        arrive(pair, end, tcp, true);  // in its turn
    else if (acks_fin || (acks_syn && self.state == TcpState::kSynRecv)) {
        arrival.flags &= static_cast<std::uint16_t>(~tcp_flag::kFin);
        receive(pair, end, arrival);
    }
    const bool acked = self.acked && seq_at_or_after(*self.acked, tcp.end());
    if (tcp.has(tcp_flag::kFin) && !acked)
        arrive(pair, end, tcp, true);
}

void StateInference::receive(Pair& pair, std::size_t end, const Arrival& arrival) {
    auto& self = pair.ends[end];
    if (arrival.has(tcp_flag::kRst)) {
        receive_reset(pair, end, arrival);
        return;
    }
    if (arrival.is_first_syn()) {
        if (self.is_over())
            self.state = TcpState::kListen;
        if (self.state == TcpState::kListen || self.state == TcpState::kSynSent)
            change(pair, end, TcpState::kSynRecv, Via::kSegment, arrival.after);
        return;
    }
    const bool acks = arrival.has(tcp_flag::kAck);
    if (acks && self.isn && seq_at_or_after(arrival.ack, *self.isn + 1) &&
        (arrival.has(tcp_flag::kSyn) || self.state == TcpState::kSynRecv))
        change(pair, end, after_handshake(self.state), Via::kSegment, arrival.after);
    if (acks && self.fin_end && seq_at_or_after(arrival.ack, *self.fin_end))
        change(pair, end, after_ack_of_fin(self.state), Via::kSegment, arrival.after);
    if (arrival.has(tcp_flag::kFin))
        change(pair, end, after_fin(self.state), Via::kSegment, arrival.after);
}

// A FIN before it that nobody has acknowledged was received, too, if nothing was
// missing before it: otherwise the RST would not have been in order.
void StateInference::receive_reset(Pair& pair, std::size_t end, const Arrival& reset) {
    auto& self = pair.ends[end];
    if (self.is_over())
        return;
    const auto& sender = pair.ends[pair.names[0] == pair.names[1] ? end : 1 - end];
    const auto arrivals = self.arrivals;
    for (auto arrival : arrivals) {
        const bool in_order =
            sender.in_order_end && seq_at_or_after(*sender.in_order_end, arrival.end);
        const bool fits = seq_at_or_after(reset.seq + 1, arrival.end);
        if (arrival.after == kNow)  // nobody waits for its answer any more: here it is
            arrival.after = reset.after;
        if (arrival.has(tcp_flag::kFin) && in_order && fits)
            receive(pair, end, arrival);
    }
    change(pair, end, TcpState::kClose, Via::kReset, reset.after);
}

}  // namespace tcpladder

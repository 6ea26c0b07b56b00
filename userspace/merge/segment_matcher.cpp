// SPDX-License-Identifier: MIT
#include "merge/segment_matcher.h"

#include <algorithm>

#include "merge/segment_key.h"

namespace tcpladder {
namespace {

constexpr std::uint32_t kLoopbackIfindex = 1;
constexpr std::size_t kMostBares = 200'000;
constexpr std::size_t kMostClosed = 10'000;
constexpr std::size_t kMostPieces = 16'384;  // of one flow, without an acknowledgement
constexpr std::size_t kMostEarly = 16'384;
constexpr std::size_t kMostEarlyOfStranger = 64;  // whose sender may not be recorded at all

std::uint64_t bit(std::uint32_t host) {
    return std::uint64_t{1} << (host & 63);
}

// Every host has such addresses, they name nothing between hosts.
bool stays_on_host(const Segment& segment) {
    const auto& address = segment.tcp.destination.address;
    static const auto kLoopbackV6 = parse_address("::1");
    return segment.ifindex == kLoopbackIfindex || address == segment.tcp.source.address ||
           (address.version == 4 && address.bytes[0] == 127) || address == kLoopbackV6;
}

FlowKey key_of(const Segment& segment) {
    return {0, segment.tcp.source, segment.tcp.destination};
}

/// Counts on from the number before of this host, or of any.
LongSeq unwrap(std::map<std::uint32_t, LongSeq>& last, std::uint32_t host, Seq seq) {
    if (last.empty())
        return last[host] = seq;
    const auto known = last.find(host);
    const auto near = known != last.end() ? known->second : last.begin()->second;
    return last[host] = near + seq_diff(seq, static_cast<Seq>(near));
}

}  // namespace

void SegmentMatcher::add(std::uint32_t host, const Event& event) {
    if (const auto* segment = std::get_if<Segment>(&event.body)) {
        if (!stays_on_host(*segment))
            on(host, event.time, *segment);
    } else if (const auto* retransmit = std::get_if<Retransmit>(&event.body)) {
        on(host, *retransmit);
    } else if (std::holds_alternative<Lost>(event.body)) {
        lossy_ |= bit(host);
    }
}

void SegmentMatcher::finish() {
    for (auto& [key, flow] : flows_) {
        release_held(flow);
        while (flow.origin && !flow.early.empty()) {
            decide(flow, flow.early.front());
            flow.early.pop_front();
        }
    }
    while (!bares_by_age_.empty()) {
        forget_oldest_bare();
    }
}

// A port may be used again: another SYN begins another connection.
SegmentMatcher::Flow& SegmentMatcher::flow_of(const Segment& segment) {
    auto& flow = flows_[key_of(segment)];
    if (segment.tcp.has(tcp_flag::kSyn)) {
        if (flow.isn.value_or(segment.tcp.seq) != segment.tcp.seq)
            flow = Flow{};
        flow.isn = segment.tcp.seq;
    }
    return flow;
}

void SegmentMatcher::on(std::uint32_t host, MonoNs time, const Segment& segment) {
    auto& flow = flow_of(segment);
    if (!segment.sent)
        received(host, time, segment, flow);
    else if (is_from(host, segment, flow))
        sent(host, time, segment, flow);
    if (segment.tcp.has(tcp_flag::kAck))
        acknowledge(host, segment);
    if (segment.tcp.has(tcp_flag::kFin | tcp_flag::kRst))
        close(key_of(segment), flow);
}

// A host that has received it only forwards it, unless its socket is there.
bool SegmentMatcher::is_from(std::uint32_t host, const Segment& segment, Flow& flow) {
    const bool certain = segment.sk_state != TcpState::kUnknown || segment.cookie != 0;
    if (certain && !flow.origin_is_certain) {
        if (flow.origin && flow.origin != host)
            flow.sent = {};
        flow.origin_is_certain = true;
        flow.origin = host;
    }
    if (!certain && (flow.heard_by & bit(host)) != 0)
        return false;
    if (!flow.origin)
        flow.origin = host;
    return flow.origin == host;
}

bool SegmentMatcher::is_uncertain(const Flow& flow) const {
    return !flow.from_syn || (lossy_ & bit(*flow.origin)) != 0;
}

void SegmentMatcher::sent(std::uint32_t host, MonoNs time, const Segment& segment, Flow& flow) {
    const auto& tcp = segment.tcp;
    if (tcp.has(tcp_flag::kSyn))
        flow.from_syn = true;
    if (tcp.end() == tcp.seq) {
        const auto key = bare_segment_key(segment) ^ FlowKeyHash {}(key_of(segment));
        bare_sent(host, time, key, is_uncertain(flow));
        return;
    }
    release_held(flow);
    const auto begin = unwrap(flow.last, host, tcp.seq);
    const HeldSend send{begin, begin + (tcp.end() - tcp.seq), time, tcp.has(tcp_flag::kSyn)};
    if (is_uncertain(flow))
        flow.held = send;  // the kernel says in a moment whether it was sent again
    else
        commit(flow, send);
}

// Its first sending may be missing, so that this is none.
void SegmentMatcher::on(std::uint32_t host, const Retransmit& retransmit) {
    const auto found = flows_.find({0, retransmit.ends.local, retransmit.ends.remote});
    if (found == flows_.end() || !found->second.held || found->second.origin != host)
        return;
    auto& flow = found->second;
    const auto begin = static_cast<Seq>(flow.held->begin);
    const auto end = static_cast<Seq>(flow.held->end);
    const bool overlaps = seq_before(retransmit.seq, end) && seq_before(begin, retransmit.end);
    if (overlaps || (retransmit.syn_ack && flow.held->syn))
        flow.held.reset();
}

void SegmentMatcher::release_held(Flow& flow) {
    if (!flow.held)
        return;
    const auto send = *flow.held;
    flow.held.reset();
    commit(flow, send);
}

void SegmentMatcher::commit(Flow& flow, const HeldSend& send) {
    flow.sent.add(send.begin, send.end, send.time);
    decide_early(flow);
}

// What was sent up to its end is known by now, so what was not sent never was, or
// its record is lost.
void SegmentMatcher::decide_early(Flow& flow) {
    while (!flow.early.empty() && flow.early.front().end <= flow.sent.end()) {
        decide(flow, flow.early.front());
        flow.early.pop_front();
    }
}

void SegmentMatcher::decide(Flow& flow, const Receipt& receipt) {
    if (receipt.host == flow.origin)
        return;
    if (const auto sent = flow.sent.first_sent(receipt.begin, receipt.end))
        tell(*flow.origin, *sent, receipt.host, receipt.time);
    else
        ++counts_[{*flow.origin, receipt.host}].unmatched;
}

void SegmentMatcher::received(std::uint32_t host, MonoNs time, const Segment& segment, Flow& flow) {
    const auto& tcp = segment.tcp;
    flow.heard_by |= bit(host);
    if (tcp.end() == tcp.seq) {
        bare_received(host, time, bare_segment_key(segment) ^ FlowKeyHash{}(key_of(segment)), flow);
        return;
    }
    const auto begin = unwrap(flow.last, host, tcp.seq);
    flow.early.push_back({begin, begin + (tcp.end() - tcp.seq), host, time});
    if (flow.origin)
        decide_early(flow);
    const auto most = flow.origin ? kMostEarly : kMostEarlyOfStranger;
    if (flow.early.size() <= most)
        return;
    if (flow.origin)
        ++counts_[{*flow.origin, flow.early.front().host}].unmatched;
    flow.early.pop_front();
}

SegmentMatcher::Bare& SegmentMatcher::bare(BareKey key) {
    const auto [found, is_new] = bares_.try_emplace(key);
    if (is_new)
        bares_by_age_.push_back(key);
    return found->second;
}

void SegmentMatcher::bare_sent(std::uint32_t host, MonoNs time, BareKey key, bool uncertain) {
    auto& known = bare(key);
    known.uncertain = known.uncertain || uncertain;
    if (known.sent) {
        known.repeated = true;
    } else {
        known.sent = time;
        known.from = host;
        for (const auto& [to, when] : known.received) {
            if (!known.uncertain && to != host)
                tell(host, time, to, when);
        }
    }
    if (bares_.size() > kMostBares)
        forget_oldest_bare();
}

void SegmentMatcher::bare_received(std::uint32_t host, MonoNs time, BareKey key, const Flow& flow) {
    if (flow.origin == host)
        return;
    auto& known = bare(key);
    const auto before =
        std::ranges::find(known.received, host, &std::pair<std::uint32_t, MonoNs>::first);
    if (before != known.received.end()) {
        known.repeated = true;
    } else {
        known.received.emplace_back(host, time);
        if (known.sent && !known.uncertain)
            tell(known.from, *known.sent, host, time);
    }
    if (bares_.size() > kMostBares)
        forget_oldest_bare();
}

void SegmentMatcher::forget_oldest_bare() {
    const auto found = bares_.find(bares_by_age_.front());
    bares_by_age_.pop_front();
    if (found->second.sent && found->second.uncertain)
        tell_uncertain(found->second);
    bares_.erase(found);
}

void SegmentMatcher::tell_uncertain(const Bare& bare) {
    for (const auto& [to, when] : bare.received) {
        if (to == bare.from)
            continue;
        if (bare.repeated)
            ++counts_[{bare.from, to}].unmatched;
        else
            tell(bare.from, *bare.sent, to, when);
    }
}

// What a receiver has acknowledged, it has received: its receipts are behind us.
// Of a receiver that is not recorded only its acknowledgements are seen.
void SegmentMatcher::acknowledge(std::uint32_t host, const Segment& segment) {
    const auto found = flows_.find({0, segment.tcp.destination, segment.tcp.source});
    if (found == flows_.end())
        return;
    auto& flow = found->second;
    const bool by_receiver = segment.sent && flow.origin != host;
    if (!by_receiver && flow.sent.pieces() < kMostPieces)
        return;
    const auto from = flow.last.find(host);
    if (from == flow.last.end())
        return;
    const auto difference = seq_diff(segment.tcp.ack, static_cast<Seq>(from->second));
    flow.sent.forget_before(from->second + difference);
}

// Late copies may still come, so the oldest goes only when many are closed.
void SegmentMatcher::close(const FlowKey& key, Flow& flow) {
    if (flow.closed)
        return;
    flow.closed = true;
    closed_.push_back(key);
    if (closed_.size() <= kMostClosed)
        return;
    if (const auto old = flows_.find(closed_.front()); old != flows_.end() && old->second.closed)
        flows_.erase(old);
    closed_.pop_front();
}

void SegmentMatcher::tell(std::uint32_t from, MonoNs sent, std::uint32_t to, MonoNs received) {
    ++counts_[{from, to}].matched;
    found_({from, to, sent, received});
}

}  // namespace tcpladder

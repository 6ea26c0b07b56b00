// SPDX-License-Identifier: MIT
#include "model/inferred_end.h"

#include <algorithm>

namespace tcpladder {
namespace {

void raise(std::optional<Seq>& highest, Seq value) {
    if (!highest || seq_before(*highest, value))
        highest = value;
}

// [first, last], both included.
bool within(Seq value, Seq first, Seq last) {
    return seq_at_or_after(value, first) && seq_at_or_after(last, value);
}

}  // namespace

void InferredEnd::note_sent(const TcpHeader& tcp, InferredEnd& peer) {
    if (tcp.has(tcp_flag::kAck)) {
        raise(acked, tcp.ack);
        if (peer.in_order_end)
            raise(peer.in_order_end, tcp.ack);
    }
    if (tcp.has(tcp_flag::kRst))
        return;
    const Seq end = tcp.end();
    const bool is_new = sent_end && end != tcp.seq && seq_at_or_after(tcp.seq, *sent_end);
    if (is_new && !tcp.has(tcp_flag::kSyn))
        was_open = true;
    if (!in_order_end || tcp.has(tcp_flag::kSyn))
        in_order_end = end;
    else if (seq_at_or_after(*in_order_end, tcp.seq))
        raise(in_order_end, end);
    raise(sent_end, end);
}

bool InferredEnd::has_open_fin() const {
    return std::any_of(arrivals.begin(), arrivals.end(),
                       [](const Arrival& arrival) { return arrival.has(tcp_flag::kFin); });
}

bool InferredEnd::knows(const TcpHeader& tcp) const {
    return std::any_of(arrivals.begin(), arrivals.end(), [&](const Arrival& arrival) {
        constexpr std::uint16_t kKind = tcp_flag::kSyn | tcp_flag::kFin | tcp_flag::kRst;
        return arrival.end == tcp.end() && ((arrival.flags ^ tcp.flags) & kKind) == 0;
    });
}

bool proves(const TcpHeader& sent, const Arrival& arrival) {
    const bool acks = sent.has(tcp_flag::kAck) && seq_at_or_after(sent.ack, arrival.end);
    if (arrival.has(tcp_flag::kRst))
        return false;  // whoever accepts it is silent
    if (arrival.is_first_syn())
        return acks && !sent.has(tcp_flag::kRst);  // with a RST: refused
    if (arrival.has(tcp_flag::kSyn | tcp_flag::kFin))
        return acks;
    return true;
}

bool accepts_reset(const InferredEnd& end, const InferredEnd& sender, const TcpHeader& tcp) {
    const bool is_refusal = end.isn && tcp.has(tcp_flag::kAck) && tcp.ack == *end.isn + 1;
    if (end.state == TcpState::kSynSent)
        return is_refusal || (sender.isn && tcp.seq == *sender.isn + 1);
    if (!end.acked || !sender.sent_end)
        return true;
    const bool after_fin = end.state == TcpState::kCloseWait || end.state == TcpState::kLastAck ||
                           end.state == TcpState::kClosing;
    return within(tcp.seq, *end.acked, *sender.sent_end) ||
           (after_fin && tcp.seq + 1 == *end.acked);
}

bool ends_by_sending_reset(const InferredEnd& end, const TcpHeader& tcp) {
    switch (end.state) {
        case TcpState::kUnknown:
        case TcpState::kClose:
        case TcpState::kListen:
        case TcpState::kTimeWait:
            return false;
        case TcpState::kSynSent:
        case TcpState::kSynRecv:
            return end.isn && tcp.seq == *end.isn + 1;
        default:
            return true;
    }
}

TcpState after_sending_fin(TcpState state) {
    switch (state) {
        case TcpState::kSynRecv:
        case TcpState::kEstablished:
            return TcpState::kFinWait1;
        case TcpState::kCloseWait:
            return TcpState::kLastAck;
        default:
            return state;
    }
}

TcpState after_fin(TcpState state) {
    switch (state) {
        case TcpState::kEstablished:
            return TcpState::kCloseWait;
        case TcpState::kFinWait1:
            return TcpState::kClosing;
        case TcpState::kFinWait2:
            return TcpState::kTimeWait;
        default:
            return state;
    }
}

TcpState after_ack_of_fin(TcpState state) {
    switch (state) {
        case TcpState::kFinWait1:
            return TcpState::kFinWait2;
        case TcpState::kClosing:
            return TcpState::kTimeWait;
        case TcpState::kLastAck:
            return TcpState::kClose;
        default:
            return state;
    }
}

TcpState after_handshake(TcpState state) {
    const bool opens = state == TcpState::kSynSent || state == TcpState::kSynRecv;
    return opens ? TcpState::kEstablished : state;
}

}  // namespace tcpladder

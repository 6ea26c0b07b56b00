// SPDX-License-Identifier: MIT
#include "views/explain/memory.h"

#include <utility>

namespace tcpladder {
namespace {

/// Whether the SYN or FIN is the one that is known. Of copies the first that arrived counts.
bool repeat(SentMark& mark, Seq seq, const SegmentEntry& segment, std::uint64_t n) {
    if (seq != mark.seq) {
        return false;
    }
    if (!mark.arrived) {
        mark.n = n;
        mark.arrived = segment.received.has_value();
    }
    return true;
}

}  // namespace

void ConversationMemory::begin(std::uint32_t connection, bool is_new) {
    *this = {};
    connection_ = connection;
    met_ = !is_new;
}

std::uint64_t ConversationMemory::only_unanswered(const RememberedEnd& end) const {
    const std::uint64_t answered = peer_of(end).segment_n;
    return end.previous_n <= answered && end.segment_n > answered ? end.segment_n : 0;
}

RememberedEnd& ConversationMemory::end_of(const Side& side) {
    RememberedEnd* end = &ends_[0];
    if (end->id != 0 && end->id != side.id) {
        end = &ends_[1];
    }
    end->id = side.id;
    end->role = side.role;
    return *end;
}

std::optional<UnderWay> ConversationMemory::arrival_of(RememberedEnd& end,
                                                       const SegmentEntry& segment,
                                                       std::uint64_t n) {
    if (segment.sent) {
        return std::nullopt;
    }
    for (UnderWay& sent : end.under_way) {
        if (sent.is_copy_of(segment.tcp)) {
            if (end.fin.is_row(sent.n)) {
                end.fin.arrival_n = n;
            }
            return std::exchange(sent, {});
        }
    }
    return std::nullopt;
}

Turn ConversationMemory::learn(RememberedEnd& end, const SegmentEntry& segment, std::uint64_t n) {
    Turn turn;
    RememberedEnd& peer = peer_of(end);
    const TcpHeader& tcp = segment.tcp;
    if (tcp.has(tcp_flag::kRst)) {
        end.reset_n = n;
    } else {
        whole_ = whole_ || (!met_ && tcp.has(tcp_flag::kSyn));
        turn.starts_midway = !met_ && !whole_;
        met_ = true;
        learn_numbers(end, segment);
        learn_syn(end, segment, n, turn);
        learn_fin(end, segment, n, turn);
    }
    if (tcp.has(tcp_flag::kAck)) {
        learn_ack(peer, segment, turn);
    }
    if (tcp.payload > 0 || tcp.has(tcp_flag::kFin)) {
        end.content_n = n;
        end.content_received = segment.received;
    }
    if (tcp.has(tcp_flag::kRst) || (tcp.has(tcp_flag::kSyn) && !turn.first_syn)) {
        end.doubtful_n = n;
    }
    if (segment.sent && !segment.received) {
        end.newest_under_way = (end.newest_under_way + 1) % end.under_way.size();
        end.under_way[end.newest_under_way] = {n,           tcp.seq,   tcp.ack,
                                               tcp.payload, tcp.flags, *segment.sent};
    }
    end.sends_seen |= segment.sent.has_value();
    end.previous_n = end.segment_n;
    end.segment_n = n;
    return turn;
}

void ConversationMemory::learn_numbers(RememberedEnd& end, const SegmentEntry& segment) {
    if (!segment.relative_known) {
        return;
    }
    end.base = segment.tcp.seq - segment.rel_seq;
    if (segment.tcp.has(tcp_flag::kAck)) {
        peer_of(end).base = segment.tcp.ack - segment.rel_ack;
    }
}

void ConversationMemory::learn_syn(RememberedEnd& end, const SegmentEntry& segment, std::uint64_t n,
                                   Turn& turn) {
    const TcpHeader& tcp = segment.tcp;
    if (!tcp.has(tcp_flag::kSyn)) {
        return;
    }
    if (end.syn.seen()) {
        turn.repeats |= repeat(end.syn, tcp.seq, segment, n);
        return;
    }
    turn.first_syn = true;
    end.syn = {n, tcp.seq, false, segment.received.has_value()};
    end.syn_payload = tcp.payload;
    end.window_scale = parse_tcp_options(segment.option_bytes()).window_scale;
}

void ConversationMemory::learn_fin(RememberedEnd& end, const SegmentEntry& segment, std::uint64_t n,
                                   Turn& turn) {
    const TcpHeader& tcp = segment.tcp;
    if (!tcp.has(tcp_flag::kFin)) {
        return;
    }
    if (end.fin.seen()) {
        turn.repeats |= repeat(end.fin, tcp.end() - 1, segment, n);
        return;
    }
    const SentMark& other = peer_of(end).fin;
    turn.first_fin = true;
    end.fin = {n, tcp.end() - 1, false, segment.received.has_value()};
    end.fin_symbol = other.seen() ? 'N' : 'M';
    crossing_ = other.seen() && !other.acked && seq_diff(tcp.ack, other.seq) <= 0;
}

void ConversationMemory::learn_ack(RememberedEnd& peer, const SegmentEntry& segment, Turn& turn) {
    const auto covers = [&](const SentMark& mark) {
        return mark.seen() && !mark.acked && seq_diff(segment.tcp.ack, mark.seq) > 0;
    };
    if (covers(peer.syn)) {
        turn.acks_syn = peer.syn.acked = true;
    }
    if (covers(peer.fin)) {
        turn.acks_fin = peer.fin.acked = true;
    }
    if (!peer.acked || seq_diff(segment.tcp.ack, *peer.acked) > 0) {
        peer.acked = segment.tcp.ack;
        turn.acks_new = true;
    }
    const bool newest = segment.acks != 0 && segment.acks == peer.content_n;
    if (newest && peer.content_received && segment.sent) {
        turn.waited = *segment.sent - *peer.content_received;
    }
}

}  // namespace tcpladder

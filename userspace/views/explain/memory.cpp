// SPDX-License-Identifier: MIT
#include "views/explain/memory.h"

namespace tcpladder {

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
    if (tcp.payload > 0) {
        end.data_n = n;
        end.data_received = segment.received;
    }
    if (tcp.has(tcp_flag::kRst) || (tcp.has(tcp_flag::kSyn) && !turn.first_syn)) {
        end.doubtful_n = n;
    }
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
    if (!tcp.has(tcp_flag::kSyn) || end.syn.seen()) {
        return;
    }
    turn.first_syn = true;
    end.syn = {n, tcp.seq, false};
    end.syn_payload = tcp.payload;
    end.window_scale = parse_tcp_options(segment.option_bytes()).window_scale;
}

void ConversationMemory::learn_fin(RememberedEnd& end, const SegmentEntry& segment, std::uint64_t n,
                                   Turn& turn) {
    const TcpHeader& tcp = segment.tcp;
    if (!tcp.has(tcp_flag::kFin) || end.fin.seen()) {
        return;
    }
    turn.first_fin = true;
    end.fin = {n, tcp.end() - 1, false};
    end.fin_symbol = peer_of(end).fin.seen() ? 'N' : 'M';
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
    const bool newest_data = segment.acks != 0 && segment.acks == peer.data_n;
    if (newest_data && peer.data_received && segment.sent) {
        turn.waited = *segment.sent - *peer.data_received;
    }
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "model/entry.h"

namespace tcpladder {

/// A SYN or FIN that an end has sent.
struct SentMark {
    std::uint64_t n =
        0;  ///< its row, of several copies the first that arrived, else the newest; 0: not seen
    Seq seq = 0;         ///< the number that it takes itself
    bool acked = false;  ///< by a segment of the peer
    bool arrived = false;
    std::uint64_t arrival_n = 0;  ///< where that is a row of its own

    bool seen() const { return n != 0; }
    bool is_row(std::uint64_t row) const { return row != 0 && (row == n || row == arrival_n); }
};

/// A segment of which only the sending was seen: it may arrive in a row of its own.
struct UnderWay {
    std::uint64_t n = 0;
    Seq seq = 0;
    Seq ack = 0;
    std::uint32_t payload = 0;
    std::uint16_t flags = 0;
    MonoNs sent = 0;

    bool is_copy_of(const TcpHeader& tcp) const {
        return n != 0 && seq == tcp.seq && ack == tcp.ack && payload == tcp.payload &&
               flags == tcp.flags;
    }
};

/// What is remembered of one end of a connection.
struct RememberedEnd {
    std::uint64_t id = 0;  ///< Side::id; 0: not met yet
    Role role = Role::kUnknown;
    TcpState state = TcpState::kUnknown;
    SentMark syn;
    SentMark fin;
    char fin_symbol = 0;            ///< `M` of the first FIN, `N` of the second
    std::uint32_t syn_payload = 0;  ///< bytes that its SYN brought
    std::optional<std::uint8_t> window_scale;
    std::optional<Seq> base;       ///< of its relative numbers
    std::optional<Seq> acked;      ///< the highest ACK that its peer has sent
    std::uint64_t reset_n = 0;     ///< row of its newest RST
    std::uint64_t segment_n = 0;   ///< row of its newest segment
    std::uint64_t previous_n = 0;  ///< and of the one before
    std::uint64_t doubtful_n = 0;  ///< of its newest RST, or SYN after its first
    bool sends_seen = false;       ///< its host is watched: what it sends is seen
    std::uint64_t content_n = 0;   ///< row of its newest segment with data or a FIN
    std::optional<MonoNs> content_received;
    std::array<UnderWay, 8> under_way{};
    std::size_t newest_under_way = 0;
    bool reason_told = false;  ///< why it reset the connection
    /// Its newest segment was sent again, and the kernel's reason told.
    bool resending_told = false;
};

/// What a segment was to the conversation, when it came.
struct Turn {
    bool first_syn = false;
    bool first_fin = false;
    bool repeats = false;   ///< a SYN or FIN that was there before
    bool acks_syn = false;  ///< the first to acknowledge the peer's SYN
    bool acks_fin = false;
    bool acks_new = false;       ///< something that no segment has acknowledged, as far as is known
    bool starts_midway = false;  ///< first of a connection whose SYN was not seen
    /// How long after the data or FIN that it acknowledges came it was sent, where both are known.
    std::optional<std::int64_t> waited;
};

/// What is remembered of one connection: enough to say what a segment answers.
class ConversationMemory {
public:
    /// Forgets everything: another connection begins.
    /// If it is not new, it was there before and is forgotten.
    void begin(std::uint32_t connection, bool is_new);
    std::uint32_t connection() const { return connection_; }

    /// The end that `side` shows.
    RememberedEnd& end_of(const Side& side);
    RememberedEnd& peer_of(const RememberedEnd& end) { return ends_[&end == ends_.data() ? 1 : 0]; }
    const RememberedEnd& peer_of(const RememberedEnd& end) const {
        return ends_[&end == ends_.data() ? 1 : 0];
    }

    /// The sending of a segment of which this is the arrival; null: it is a segment of its
    /// own. Forgets it.
    std::optional<UnderWay> arrival_of(RememberedEnd& end, const SegmentEntry& segment,
                                       std::uint64_t n);
    /// Takes in a segment of `end`.
    Turn learn(RememberedEnd& end, const SegmentEntry& segment, std::uint64_t n);
    void learn(RememberedEnd& end, const StateEntry& state) { end.state = state.to; }

    bool closes_crossing() const { return crossing_; }
    /// All of it was seen, from its SYN on.
    bool is_complete() const { return whole_ && gap_n_ == 0; }
    /// The only segment that `end` has sent since its peer sent one; 0: there are none, or more.
    std::uint64_t only_unanswered(const RememberedEnd& end) const;
    /// Rows were lost after row `n`: what is between it and now may be incomplete.
    bool complete_since(std::uint64_t n) const { return n != 0 && n > gap_n_; }
    void lose(std::uint64_t n) { gap_n_ = n; }

private:
    void learn_numbers(RememberedEnd& end, const SegmentEntry& segment);
    void learn_syn(RememberedEnd& end, const SegmentEntry& segment, std::uint64_t n, Turn& turn);
    void learn_fin(RememberedEnd& end, const SegmentEntry& segment, std::uint64_t n, Turn& turn);
    void learn_ack(RememberedEnd& peer, const SegmentEntry& segment, Turn& turn);

    std::uint32_t connection_ = 0;
    std::array<RememberedEnd, 2> ends_;
    std::uint64_t gap_n_ = 0;  ///< row of the newest loss
    bool met_ = false;         ///< a segment was seen
    bool whole_ = false;       ///< and the first was a SYN
    bool crossing_ = false;    ///< the second FIN left without the first having come
};

}  // namespace tcpladder

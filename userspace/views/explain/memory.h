// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "model/entry.h"

namespace tcpladder {

/// A SYN or FIN that an end has sent.
struct SentMark {
    std::uint64_t n = 0;  ///< its row; 0: not seen
    Seq seq = 0;          ///< the number that it takes itself
    bool acked = false;   ///< by a segment of the peer

    bool seen() const { return n != 0; }
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
    std::uint64_t doubtful_n = 0;  ///< of its newest RST, or SYN that is not its first
    std::uint64_t data_n = 0;      ///< row of its newest segment with data
    std::optional<MonoNs> data_received;
    bool reason_told = false;  ///< why it reset the connection
    /// Its newest segment was sent again, and the kernel's reason told.
    bool resending_told = false;
};

/// What a segment was to the conversation, when it came.
struct Turn {
    bool first_syn = false;
    bool first_fin = false;
    bool acks_syn = false;  ///< the first to acknowledge the peer's SYN
    bool acks_fin = false;
    bool acks_new = false;       ///< something that no segment has acknowledged, as far as is known
    bool starts_midway = false;  ///< first of a connection whose SYN was not seen
    /// How long after the data that it acknowledges came it was sent, where both are known.
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

    /// Takes in a segment of `end`.
    Turn learn(RememberedEnd& end, const SegmentEntry& segment, std::uint64_t n);
    void learn(RememberedEnd& end, const StateEntry& state) { end.state = state.to; }

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
};

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
// What the explainer says of segments.
#include "views/explain/explainer.h"

namespace tcpladder {
namespace {

/// Linux waits at least 40 ms for a segment that an ACK could travel with; the
/// RFC allows 500 ms. Less may be anything.
constexpr std::int64_t kDelayedAckNs = 38'000'000;
constexpr std::int64_t kMaxDelayedAckNs = 500'000'000;

bool is_pure_ack(const SegmentEntry& segment) {
    return segment.tcp.end() == segment.tcp.seq;
}

}  // namespace

void Explainer::on(const SegmentEntry& segment) {
    if (const auto sent = conversation_->arrival_of(*from_, segment, entry_->n)) {
        row_ = sent->n;
        time_ = *segment.received - sent->sent;
        return say(Message::kArrival);
    }
    const std::uint64_t answered = conversation_->only_unanswered(*to_);
    const Turn turn = conversation_->learn(*from_, segment, entry_->n);
    row_ = segment.acks;
    from_->resending_told = false;
    if (segment.tcp.has(tcp_flag::kRst)) {
        return say_rst(segment, answered);
    }
    const bool again = segment.notes.has(Note::kRetransmission) || turn.repeats;
    if (again && !turn.acks_syn) {
        say_sent_again(segment);
    } else {
        say_segment(segment, turn);
    }
    say_asides(segment, turn);
}

void Explainer::say_segment(const SegmentEntry& segment, const Turn& turn) {
    const TcpHeader& tcp = segment.tcp;
    if (tcp.has(tcp_flag::kSyn)) {
        tcp.has(tcp_flag::kAck) ? say_syn_ack(segment, turn) : say_syn(segment, turn);
    } else if (turn.first_fin) {
        say_fin(segment, turn);
    } else if (turn.acks_syn) {
        row_ = to_->syn.n;
        say(Message::kHandshakeAck);
        if (tcp.payload > 0) {
            say(Message::kHandshakeAckData);
        }
    } else if (tcp.payload > 0) {
        say_data(segment, turn);
    } else if (is_pure_ack(segment)) {
        say_ack(segment, turn);
    }
}

void Explainer::say_syn(const SegmentEntry& segment, const Turn& turn) {
    if (!turn.first_syn) {
        return say(Message::kSynUnexpected);
    }
    const bool data = segment.tcp.payload > 0;
    const bool fast_open = parse_tcp_options(segment.option_bytes()).fast_open;
    if (data && fast_open) {
        return say(Message::kSynData);
    }
    other_ = to_->syn.n;
    say(to_->syn.seen() ? Message::kSynCrossing : Message::kSyn);
    if (data) {
        say(Message::kHandshakeAckData);
    } else if (fast_open) {
        say(Message::kFastOpenOption);
    }
}

void Explainer::say_syn_ack(const SegmentEntry& segment, const Turn& turn) {
    row_ = to_->syn.n;
    if (!turn.first_syn && !turn.acks_syn) {
        return say(Message::kSynUnexpected);
    }
    if (!turn.first_syn) {
        return say(Message::kSynAckCrossing);
    }
    say(Message::kSynAck);
    if (turn.acks_syn && to_->syn_payload > 0) {
        const bool all = segment.tcp.ack == to_->syn.seq + 1 + to_->syn_payload;
        say(all ? Message::kSynAckData : Message::kSynAckNoData);
    }
    if (from_->window_scale && to_->window_scale) {
        say(Message::kScaling);
    }
}

void Explainer::say_fin(const SegmentEntry& segment, const Turn& turn) {
    const SentMark& other = to_->fin;
    other_ = other.n;
    if (!other.seen()) {
        say(conversation_->is_complete() ? Message::kFinFirst : Message::kFin);
    } else if (turn.acks_fin && conversation_->complete_since(other.n)) {
        say(Message::kFinSecondWithAck);
    } else {
        say(other.acked ? Message::kFinSecond : Message::kFinSecondCrossing);
    }
    if (segment.tcp.payload > 0) {
        say(Message::kFinData);
    }
}

void Explainer::say_data(const SegmentEntry& segment, const Turn& turn) {
    say(Message::kData);
    if (segment.gso_size != 0 && segment.gso_segs > 1) {
        say(Message::kAggregate);
    }
    if (turn.acks_new && segment.acks != 0) {
        say(Message::kAlsoAcks);
    }
    if (!turn.acks_fin && to_->fin.acked && !from_->fin.seen()) {
        say(Message::kHalfCloseData);
    }
}

void Explainer::say_ack(const SegmentEntry& segment, const Turn& turn) {
    if (turn.acks_fin) {
        row_ = to_->fin.n;
        say(conversation_->closes_crossing() ? Message::kAckOfFinCrossing
            : !from_->fin.seen()             ? Message::kAckOfFin
            : from_->fin.acked               ? Message::kAckOfFinLast
                                             : Message::kAckOfFinCrossing);
    } else if (say_noted_ack(segment)) {
        return;
    } else {
        say(turn.acks_new ? Message::kAck : Message::kAckNothingNew);
    }
    if (turn.waited && *turn.waited >= kDelayedAckNs && *turn.waited <= kMaxDelayedAckNs) {
        time_ = *turn.waited;
        say(Message::kDelayedAck);
    }
}

bool Explainer::say_noted_ack(const SegmentEntry& segment) {
    struct Meaning {
        Note note;
        Message message;
    };
    static constexpr std::array<Meaning, 7> kMeanings{{
        {Note::kChallengeAck, Message::kChallengeAck},
        {Note::kWindowProbe, Message::kWindowProbe},
        {Note::kProbeAck, Message::kProbeAck},
        {Note::kKeepalive, Message::kKeepalive},
        {Note::kKeepaliveAck, Message::kKeepaliveAck},
        {Note::kWindowUpdate, Message::kWindowUpdate},
        {Note::kDuplicateAck, Message::kDuplicateAck},
    }};
    for (const Meaning& meaning : kMeanings) {
        if (!segment.notes.has(meaning.note)) {
            continue;
        }
        other_ = to_->doubtful_n;
        say(meaning.message);
        if (meaning.note == Note::kDuplicateAck &&
            parse_tcp_options(segment.option_bytes()).sack_blocks > 0) {
            say(Message::kSack);
        }
        return true;
    }
    return false;
}

void Explainer::say_sent_again(const SegmentEntry& segment) {
    struct Why {
        Note note;
        Message message;
    };
    static constexpr std::array<Why, 5> kWhys{{
        {Note::kSynTimeout, Message::kSynTimeout},
        {Note::kSynAckTimeout, Message::kSynAckTimeout},
        {Note::kTlp, Message::kTailLossProbe},
        {Note::kFast, Message::kFast},
        {Note::kRto, Message::kRto},
    }};
    for (const Why& why : kWhys) {
        if (segment.notes.has(why.note)) {
            from_->resending_told = true;
            return say(why.message);
        }
    }
    say(Message::kRetransmission);
}

void Explainer::say_asides(const SegmentEntry& segment, const Turn& turn) {
    struct Aside {
        Note note;
        Message message;
    };
    static constexpr std::array<Aside, 7> kAsides{{
        {Note::kSpurious, Message::kSpurious},
        {Note::kOutOfOrder, Message::kOutOfOrder},
        {Note::kPreviousLost, Message::kPreviousLost},
        {Note::kAckedUnseen, Message::kAckedUnseen},
        {Note::kZeroWindow, Message::kZeroWindow},
        {Note::kWindowFull, Message::kWindowFull},
        {Note::kNotReceived, Message::kNotReceived},
    }};
    for (const Aside& aside : kAsides) {
        const bool said = aside.note == Note::kZeroWindow && segment.notes.has(Note::kProbeAck);
        if (segment.notes.has(aside.note) && !said) {
            say(aside.message);
        }
    }
    if (turn.starts_midway) {
        say(Message::kMidway);
    }
}

}  // namespace tcpladder

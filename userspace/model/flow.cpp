// SPDX-License-Identifier: MIT
// The rules are those that Wireshark's users know, as far as nothing better is known:
// at the sender a repeated number is a retransmission whenever it comes, and a probe is
// told from a keepalive by the window that it answers.
#include "model/flow.h"

namespace tcpladder {
namespace {

/// A segment that fills a hole so soon after the hole was made was overtaken; later, it
/// was sent again. Wireshark's number, where the round trip is not known.
constexpr MonoNs kReordering = 3'000'000;
/// A retransmission so soon after duplicate ACKs is their work.
constexpr MonoNs kFastAfter = 20'000'000;
constexpr std::uint8_t kDuplicatesForFast = 2;

bool is_control(const TcpHeader& tcp) {
    return tcp.has(tcp_flag::kSyn | tcp_flag::kFin | tcp_flag::kRst);
}
std::uint32_t seq_length(const TcpHeader& tcp) {
    return tcp.end() - tcp.seq;
}

/// An ACK that repeats the last one in all but the window.
bool repeats_ack(const TcpHeader& tcp, const Flow& from) {
    return tcp.payload == 0 && !is_control(tcp) && tcp.has(tcp_flag::kAck) && from.ack_known &&
           tcp.ack == from.ack && tcp.seq == from.next;
}

Notes notes_of_repeated_ack(const TcpHeader& tcp, const Flow& from) {
    Notes notes;
    const bool same_window = tcp.window == from.window;
    if (from.heard == Flow::Heard::kSynOrRst)
        notes.add(Note::kChallengeAck);
    else if (from.heard == Flow::Heard::kProbe && tcp.window == 0)
        notes.add(Note::kProbeAck);
    else if (from.heard == Flow::Heard::kKeepalive && same_window && tcp.window != 0)
        notes.add(Note::kKeepaliveAck);
    else if (!same_window && tcp.window != 0)
        notes.add(Note::kWindowUpdate);
    else if (same_window && tcp.window != 0)
        notes.add(Note::kDuplicateAck);
    return notes;
}

/// A segment with a number that has been sent, so that it is answered: no data, or one
/// byte that is acknowledged (other systems than Linux). Some probe with the next byte.
bool is_probe(const TcpHeader& tcp, const Flow& from) {
    if (is_control(tcp) || tcp.payload > 1 || !from.known)
        return false;
    if (tcp.seq == from.next)
        return tcp.payload == 1 && from.heard_shut;
    const bool acked = from.all_acked_known && seq_at_or_after(from.acked, from.next);
    return tcp.seq == from.next - 1 && (tcp.payload == 0 || acked);
}

bool fills_window(const TcpHeader& tcp, const Flow& from) {
    return tcp.payload > 0 && !is_control(tcp) && from.heard_window &&
           tcp.end() == from.heard_ack + *from.heard_window;
}

/// The SYN+ACK of a simultaneous open has the SYN's number (RFC 9293 figure 7).
bool is_crossed_syn_ack(const TcpHeader& tcp, const Flow& from) {
    return tcp.has(tcp_flag::kSyn) && tcp.has(tcp_flag::kAck) && !from.ack_known;
}

bool is_acked(Seq end, const Flow& from) {
    return from.all_acked_known && seq_at_or_after(from.acked, end);
}

/// Of a segment whose numbers `from` has sent before, or that fills a hole.
Notes notes_of_repeated_numbers(const TcpHeader& tcp, MonoNs time, bool seen_before,
                                const Flow& from, const Flow& to) {
    Notes notes;
    Notes out_of_order;
    notes.add(Note::kRetransmission);
    out_of_order.add(Note::kOutOfOrder);
    if (is_acked(tcp.end(), from)) {
        notes.add(Note::kSpurious);
    } else {
        const bool asked_for = to.duplicate_acks >= kDuplicatesForFast && to.ack == tcp.seq;
        const bool overtaken = !seen_before && time - from.advanced < kReordering;
        if (asked_for && time - to.duplicated < kFastAfter)
            notes.add(Note::kFast);
        else if (tcp.has(tcp_flag::kSyn) && !tcp.has(tcp_flag::kAck))
            notes.add(Note::kSynTimeout);
        else if (overtaken)
            notes = out_of_order;
    }
    return notes;
}

/// What the payload has beyond the highest number, or in a hole.
std::uint32_t new_bytes(const TcpHeader& tcp, const Flow& from, const Analysis& result) {
    if (!from.known || !seq_before(tcp.seq, from.next))
        return tcp.payload;
    if (result.notes.has(Note::kKeepalive) || result.notes.has(Note::kWindowProbe))
        return 0;
    if (result.copy_of == 0)
        return tcp.payload;
    const Seq end = tcp.seq + tcp.payload;
    return seq_before(from.next, end) ? end - from.next : 0;
}

void take_ack(const TcpHeader& tcp, Flow& to, Analysis& result) {
    const bool beyond = to.known && seq_before(to.next, tcp.ack);
    if (beyond && !is_acked(tcp.ack, to))
        result.notes.add(Note::kAckedUnseen);
    if (beyond && to.began && !to.past_syn)
        return;  // of a SYN alone: nobody takes it (RFC 9293 section 3.10.7.3)
    if (to.all_acked_known && !seq_before(to.acked, tcp.ack))
        return;
    to.acked = tcp.ack;
    to.all_acked_known = true;
    result.acks = to.ranges.acknowledge(tcp.ack);
}

void remember_numbers(const TcpHeader& tcp, MonoNs time, std::uint64_t id, Flow& from) {
    const Seq end = tcp.end();
    const bool repeats = from.known && seq_before(tcp.seq, from.next);
    if (repeats && seq_length(tcp) > 0)
        from.ranges.add_again(tcp.seq, seq_before(from.next, end) ? from.next : end, id);
    if (from.known && !seq_before(from.next, end))
        return;
    if (seq_length(tcp) > 0)
        from.ranges.add(repeats ? from.next : tcp.seq, end, id);
    from.next = end;
    from.known = true;
    from.advanced = time;
}

void remember_ack(const TcpHeader& tcp, MonoNs time, const Notes& notes, Flow& from) {
    if (notes.has(Note::kDuplicateAck)) {
        if (from.duplicate_acks < UINT8_MAX)
            ++from.duplicate_acks;
        from.duplicated = time;
    } else if (!from.ack_known || tcp.ack != from.ack) {
        from.duplicate_acks = 0;
    }
    from.ack = tcp.ack;
    from.window = tcp.window;
    from.ack_known = true;
}

/// A SYN whose number was not sent before.
bool is_new_syn(const TcpHeader& tcp, const Flow& from) {
    return tcp.has(tcp_flag::kSyn) && from.known && from.ranges.first_with(tcp.seq) == 0;
}

/// One in a connection that goes on: it belongs to nobody.
bool is_foreign_syn(const TcpHeader& tcp, const Flow& from) {
    return from.began && from.past_syn && is_new_syn(tcp, from);
}

}  // namespace

Analysis analyse(const TcpHeader& tcp, MonoNs time, std::uint64_t id, Flow& from, Flow& to) {
    Analysis result;
    auto& notes = result.notes;
    if (tcp.has(tcp_flag::kRst)) {
        if (tcp.has(tcp_flag::kAck))
            take_ack(tcp, to, result);
        return result;
    }
    if (is_foreign_syn(tcp, from))
        return result;
    if (is_new_syn(tcp, from))
        from = Flow{};
    const bool probe = is_probe(tcp, from);
    if (probe)
        notes.add(from.heard_shut ? Note::kWindowProbe : Note::kKeepalive);
    if (repeats_ack(tcp, from))
        notes = notes_of_repeated_ack(tcp, from);
    if (tcp.window == 0 && !is_control(tcp))
        notes.add(Note::kZeroWindow);
    if (from.known && seq_before(from.next, tcp.seq))
        notes.add(Note::kPreviousLost);
    if (fills_window(tcp, from))
        notes.add(Note::kWindowFull);
    if (tcp.has(tcp_flag::kSyn) && tcp.payload > 0)
        notes.add(Note::kFastOpen);
    const bool repeats = from.known && seq_length(tcp) > 0 && seq_before(tcp.seq, from.next);
    if (repeats && !probe && !is_crossed_syn_ack(tcp, from)) {
        result.copy_of = from.ranges.first_with(tcp.seq);
        for (const Note note : notes_of_repeated_numbers(tcp, time, result.copy_of != 0, from, to))
            notes.add(note);
        if (notes.has(Note::kOutOfOrder))
            result.copy_of = 0;
    }
    result.new_bytes = new_bytes(tcp, from, result);
    if (tcp.has(tcp_flag::kAck))
        take_ack(tcp, to, result);
    if (!probe || tcp.seq == from.next)
        remember_numbers(tcp, time, id, from);
    if (tcp.has(tcp_flag::kAck))
        remember_ack(tcp, time, notes, from);
    (tcp.has(tcp_flag::kSyn) ? from.began : from.past_syn) = true;
    from.heard = Flow::Heard::kNothing;  // it is answered
    return result;
}

void hear(const TcpHeader& tcp, std::optional<std::uint32_t> window, Notes& notes, const Flow& from,
          Flow& to) {
    const bool reset = tcp.has(tcp_flag::kRst);
    const bool syn = tcp.has(tcp_flag::kSyn);
    const bool again = notes.has(Note::kRetransmission);
    const bool probe = notes.has(Note::kKeepalive) || notes.has(Note::kWindowProbe);
    to.heard = reset || syn                    ? Flow::Heard::kSynOrRst
               : notes.has(Note::kWindowProbe) ? Flow::Heard::kProbe
               : notes.has(Note::kKeepalive)   ? Flow::Heard::kKeepalive
                                               : Flow::Heard::kSegment;
    if (reset || is_foreign_syn(tcp, from))
        return;
    if (again && is_acked(tcp.end(), from))
        notes.add(Note::kSpurious);
    const bool late = to.heard_next_known && seq_before(tcp.seq, to.heard_next);
    if (late && seq_length(tcp) > 0 && !again && !probe && !syn)  // if acked: doubled on the way
        notes.add(is_acked(tcp.end(), from) ? Note::kSpurious : Note::kOutOfOrder);
    if (!late || seq_before(to.heard_next, tcp.end()) || (syn && !again))
        to.heard_next = tcp.end();
    to.heard_next_known = true;
    if (!tcp.has(tcp_flag::kAck))
        return;
    to.heard_ack = tcp.ack;
    to.heard_window = window;
    to.heard_shut = tcp.window == 0;
}

}  // namespace tcpladder

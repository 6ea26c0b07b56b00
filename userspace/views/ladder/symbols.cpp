// SPDX-License-Identifier: MIT
#include "views/ladder/symbols.h"

namespace tcpladder {
namespace {

/// Up to so much before the initial number is written as `J-1`: keepalives and
/// stray segments. What is farther away is far ahead, in a long transfer.
constexpr std::int32_t kNearlyStart = 65536;

void append_plus(TextBuffer& out, char letter, Seq difference) {
    const auto signed_difference = static_cast<std::int32_t>(difference);
    out.append(letter);
    if (signed_difference < 0 && signed_difference >= -kNearlyStart) {
        out.append_signed(signed_difference);
    } else if (difference != 0) {
        out.append('+');
        out.append_decimal(difference);
    }
}

}  // namespace

void Symbols::learn(Rail from, const SegmentEntry& segment) {
    const auto& tcp = segment.tcp;
    auto& sender = end(from);
    auto& receiver = end(other(from));
    const bool ack = tcp.has(tcp_flag::kAck);
    const bool starts = segment.relative_known && segment.rel_seq == 0;
    if (tcp.has(tcp_flag::kSyn) && (starts || !sender.isn_known)) {  // not a stray one in between
        sender.base = tcp.seq;
        sender.isn_known = true;
        if (ack && !receiver.isn_known) {
            receiver.base = tcp.ack - 1;
            receiver.isn_known = true;
        }
    }
    if (ack) {
        sender.same_ack = sender.ack == tcp.ack;
        sender.ack = tcp.ack;
    }
    if (segment.relative_known && !sender.base)
        sender.base = tcp.seq - segment.rel_seq;
    if (segment.relative_known && ack && !receiver.base)
        receiver.base = tcp.ack - segment.rel_ack;
    if (tcp.has(tcp_flag::kFin)) {
        if (sender.fin_letter == 0)
            sender.fin_letter = receiver.fin_letter == 0 ? 'M' : 'N';
        sender.fin = tcp.end() - 1;
    }
}

void Symbols::append(TextBuffer& out, Rail rail, Seq seq) const {
    const auto& of = end(rail);
    if (of.fin && seq == *of.fin + 1) {
        out.append(of.fin_letter);
        out.append("+1");
        return;
    }
    append_from_start(out, rail, seq);
}

void Symbols::append_from_start(TextBuffer& out, Rail rail, Seq seq) const {
    const auto& of = end(rail);
    if (of.isn_known) {
        append_plus(out, &of == ends_.data() ? 'J' : 'K', seq - *of.base);
    } else {
        out.append_decimal(of.base ? seq - *of.base : seq);
    }
}

char Symbols::fin_letter(Rail rail) const {
    return end(rail).fin_letter;
}

bool Symbols::is_named(Rail rail, Seq seq) const {
    return is_start(rail, seq) || is_start(rail, seq - 1) || is_fin(rail, seq) ||
           is_fin(rail, seq - 1);
}

}  // namespace tcpladder

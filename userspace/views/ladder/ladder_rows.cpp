// SPDX-License-Identifier: MIT
// What a row of a conversation says.
#include "views/flag_letters.h"
#include "views/ladder/duration.h"
#include "views/ladder/ladder_view.h"
#include "views/printable.h"
#include "views/segment_text.h"
#include "views/wall_time.h"

namespace tcpladder {
namespace {

/// A state that lasted so long is worth its time also where there is little room.
constexpr std::int64_t kLongState = 100'000'000;

// The kernel's name for why, if it has one: `: NO_SOCKET`.
void append_reason(Line& line, const ReasonName& name) {
    std::string_view reason(name.data(), name.size());
    reason = reason.substr(0, reason.find('\0'));
    line.append(reason.empty() ? "" : ": ");
    while (!reason.empty()) {
        const auto glyph = glyph_of(reason, false);
        line.append(glyph);
        reason.remove_prefix(glyph.source);
    }
}

bool says_why_again(const Notes& notes) {
    for (const auto why :
         {Note::kRto, Note::kFast, Note::kTlp, Note::kSynTimeout, Note::kSynAckTimeout}) {
        if (notes.has(why))
            return true;
    }
    return false;
}

}  // namespace

void LadderView::show(const SegmentEntry& segment, Rail rail, Conversation& conversation) {
    conversation.symbols.learn(rail, segment);
    conversation.reset = conversation.reset || segment.tcp.has(tcp_flag::kRst);
    conversation.end(rail).told_again =
        says_why_again(segment.notes) ? std::optional<Seq>(segment.tcp.seq) : std::nullopt;
    arrow_.set(segment, rail, conversation.symbols);
    const bool lost = segment.notes.has(Note::kNotReceived);
    picture_.arrow(conversation, rail, arrow_, lost, lost ? word(Note::kNotReceived) : "");
}

void LadderView::show(const StateEntry& state, Rail rail, Conversation& conversation) {
    auto& end = conversation.end(rail);
    const bool surprising = end.state != state.from;
    end.state = state.to;
    end.inferred = !state.observed;
    append_cause(state.cause);
    append_from(state, surprising);
    picture_.at_rail(conversation, rail, true);
    if (conversation.is_over())
        turns_.is_over(conversation);
}

void LadderView::append_cause(const Cause& cause) {
    auto& remark = picture_.remark();
    const bool known = cause.type != CauseType::kUnknown && !cause.what.empty();
    remark.style(known ? Style::kPlain : Style::kWarning);
    remark.append(known ? cause.what : "unknown cause");
    remark.style(Style::kPlain);
    if (cause.n != 0) {
        remark.append(" #");
        remark.text().append_decimal(cause.n);
    }
}

void LadderView::append_from(const StateEntry& state, bool surprising) {
    auto& remark = picture_.remark();
    const bool timed = state.in_state_ns &&
                       (picture_.is_roomy() || *state.in_state_ns >= kLongState || surprising);
    remark.style(Style::kDim);
    if (state.to == TcpState::kSynRecv && picture_.is_roomy() && !picture_.names_both())
        remark.append(" (SYN-RECEIVED)");
    if (timed || surprising) {
        remark.append(timed ? " (" : " (was ");
        remark.append(name(state.from));
        if (timed) {
            remark.append(" for ");
            append_duration(remark.text(), *state.in_state_ns);
        }
        remark.append(")");
    }
}

void LadderView::show(const RetransmitEntry& retransmit, Rail rail, Conversation& conversation) {
    if (conversation.end(rail).told_again == retransmit.seq && retransmit.error == 0)
        return;  // the arrow above has said it
    auto& remark = picture_.remark();
    const auto append_number = [&](Seq seq) {
        if (format_.absolute) {
            remark.text().append_decimal(seq);
        } else {
            conversation.symbols.append(remark.text(), rail, seq);
        }
    };
    remark.style(Style::kWarning);
    remark.append("sent again: ");
    append_number(retransmit.seq);
    remark.append(":");
    append_number(retransmit.end);
    if (!retransmit.why.empty()) {
        remark.append(" (");
        remark.append(retransmit.why);
        remark.append(")");
    }
    if (retransmit.error != 0) {
        remark.append(" failed: error ");
        remark.text().append_signed(retransmit.error);
    }
    picture_.at_rail(conversation, rail, false);
}

void LadderView::show(const ResetEntry& reset, Rail rail, Conversation& conversation) {
    auto& remark = picture_.remark();
    remark.style(Style::kFailure);
    remark.append(words_of(reset));
    append_reason(remark, reset.reason);
    picture_.at_rail(conversation, rail, false);
}

// Its arrow has been drawn already, and led there. A segment that nobody saw leave has
// no arrow.
void LadderView::show(const DropEntry& drop, Rail rail, Conversation& conversation) {
    auto& remark = picture_.remark();
    remark.style(Style::kFailure);
    remark.append_utf8(picture_.glyphs().cross);
    remark.append(" ");
    if (drop.n != 0) {
        remark.append("#");
        remark.text().append_decimal(drop.n);
    } else {
        append_flags(remark.text(), drop.flags);
    }
    remark.append(" dropped");
    append_reason(remark, drop.reason);
    picture_.at_rail(conversation, drop.n != 0 ? other(rail) : rail, false);
}

void LadderView::show(const NoteEntry& note, Rail rail, Conversation& conversation) {
    append_note(note);
    picture_.at_rail(conversation, rail, false);
}

void LadderView::append_note(const NoteEntry& note) {
    picture_.remark().style(Style::kDim);
    picture_.remark().append_utf8(note.text);
}

// A time of 0: no record came before the gap.
void LadderView::append_lost(const LostEntry& lost, MonoNs time) {
    auto& remark = picture_.remark();
    remark.style(Style::kFailure);
    remark.append_utf8(picture_.glyphs().cross);
    remark.append(" ");
    remark.text().append_decimal(lost.count);
    remark.append(lost.count == 1 ? " event lost " : " events lost ");
    if (lost.from != 0) {
        remark.append("within ");
        append_duration(remark.text(), time_difference(time, lost.from));
    } else {
        remark.append("here");
    }
}

}  // namespace tcpladder

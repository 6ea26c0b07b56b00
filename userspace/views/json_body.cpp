// SPDX-License-Identifier: MIT
#include "views/json_body.h"

#include <algorithm>
#include <array>

#include "views/flag_letters.h"
#include "views/json_summary.h"
#include "views/json_text.h"

namespace tcpladder {
namespace {

// The order of Entry::body. `congestion` is reserved.
constexpr std::array<std::string_view, 8> kKinds{"segment", "state", "retransmit", "reset",
                                                 "lost",    "note",  "summary",    "drop"};
static_assert(kKinds.size() == std::variant_size_v<decltype(Entry::body)>);

void append_member(TextBuffer& out, std::string_view key, std::uint32_t value) {
    out.append(key);
    out.append_decimal(value);
}

void append_ns(TextBuffer& out, std::string_view key, std::int64_t value) {
    out.append(key);
    out.append_signed(value);
}

void append_ns(TextBuffer& out, std::string_view key, const std::optional<std::int64_t>& value) {
    if (value) {
        append_ns(out, key, *value);
    }
}

/// Text of ours or the kernel's; absent if it is empty.
void append_text(TextBuffer& out, std::string_view key, std::string_view text) {
    if (!text.empty()) {
        out.append(key);
        append_json_string(out, text);
    }
}

std::string_view text_of(const ReasonName& reason) {
    return {reason.begin(), std::find(reason.begin(), reason.end(), '\0')};
}

void append_state(TextBuffer& out, std::string_view key, TcpState state) {
    if (state != TcpState::kUnknown) {
        out.append(key);
        out.append(name(state));
        out.append('"');
    }
}

void append_numbers(TextBuffer& out, const SegmentEntry& segment) {
    const bool has_ack = segment.tcp.has(tcp_flag::kAck);
    append_member(out, R"(,"seq":)", segment.tcp.seq);
    append_member(out, R"(,"end":)", segment.tcp.end());
    if (has_ack) {
        append_member(out, R"(,"ack":)", segment.tcp.ack);
    }
    if (!segment.relative_known) {
        return;
    }
    append_member(out, R"(,"rel_seq":)", segment.rel_seq);
    append_member(out, R"(,"rel_end":)", segment.rel_end());
    if (has_ack) {
        append_member(out, R"(,"rel_ack":)", segment.rel_ack);
    }
}

void append_window(TextBuffer& out, const SegmentEntry& segment) {
    append_member(out, R"(,"win":)", segment.tcp.window);
    if (segment.window_scaled) {
        append_member(out, R"(,"win_scaled":)", *segment.window_scaled);
    }
}

/// Nothing in it needs escaping.
void append_options(TextBuffer& out, std::string_view options) {
    if (!options.empty()) {
        out.append(R"(,"options":")");
        out.append(options);
        out.append('"');
    }
}

void append_from(TextBuffer& out, const Side* sender) {
    if (sender != nullptr && sender->role != Role::kUnknown) {
        out.append(sender->role == Role::kClient ? R"(,"from":"client")" : R"(,"from":"server")");
    }
}

void append_aggregate(TextBuffer& out, const SegmentEntry& segment) {
    if (segment.gso_size != 0) {
        append_member(out, R"(,"aggregate":{"size":)", segment.gso_size);
        append_member(out, R"(,"segments":)", segment.gso_segs);
        out.append('}');
    }
}

void append_row(TextBuffer& out, std::string_view key, std::uint64_t n) {
    if (n != 0) {
        out.append(key);
        out.append_decimal(n);
    }
}

void append_notes(TextBuffer& out, const Notes& notes) {
    std::string_view before = R"(,"notes":[")";
    for (const Note note : notes) {
        out.append(before);
        out.append(word(note));
        before = R"(",")";
    }
    out.append(notes.empty() ? "" : R"("])");
}

void append_cause(TextBuffer& out, const Cause& cause) {
    // The order of CauseType.
    constexpr std::array<std::string_view, 4> kTypes{"unknown", "call", "segment", "timer"};
    out.append(R"(,"cause":{"type":")");
    out.append(kTypes[static_cast<std::size_t>(cause.type)]);
    out.append('"');
    append_text(out, R"(,"what":)", cause.what);
    append_row(out, R"(,"n":)", cause.n);
    out.append('}');
}

}  // namespace

std::string_view json_kind(const Entry& entry) {
    return kKinds[entry.body.index()];
}

void JsonBody::append(const Entry& entry) {
    std::visit([&](const auto& body) { append(body, entry); }, entry.body);
}

void JsonBody::append(const SegmentEntry& segment, const Entry& entry) {
    out_.append(R"(,"flags":")");
    append_flags(out_, segment.tcp.flags);
    out_.append('"');
    append_numbers(out_, segment);
    append_member(out_, R"(,"len":)", segment.tcp.payload);
    append_window(out_, segment);
    append_options(out_, options_.of(segment));
    append_ns(out_, R"(,"sent_ns":)", segment.sent);
    append_ns(out_, R"(,"received_ns":)", segment.received);
    append_from(out_, entry.side);
    append_aggregate(out_, segment);
    append_notes(out_, segment.notes);
    append_row(out_, R"(,"copy_of":)", segment.copy_of);
    append_row(out_, R"(,"acks":)", segment.acks);
    append_text(out_, R"(,"reset_reason":)", segment.reset_reason);
}

void JsonBody::append(const StateEntry& state, const Entry& /*entry*/) {
    append_state(out_, R"(,"old":")", state.from);
    append_state(out_, R"(,"new":")", state.to);
    out_.append(state.observed ? R"(,"observed":true)" : R"(,"observed":false)");
    append_cause(out_, state.cause);
    append_ns(out_, R"(,"in_state_ns":)", state.in_state_ns);
}

void JsonBody::append(const RetransmitEntry& retransmit, const Entry& /*entry*/) {
    append_member(out_, R"(,"seq":)", retransmit.seq);
    append_member(out_, R"(,"end":)", retransmit.end);
    append_text(out_, R"(,"why":)", retransmit.why);
}

void JsonBody::append(const ResetEntry& reset, const Entry& /*entry*/) {
    out_.append(reset.sent      ? R"(,"direction":"sent")"
                : reset.by_data ? R"(,"direction":"none")"
                                : R"(,"direction":"received")");
    append_text(out_, R"(,"reason":)", text_of(reset.reason));
}

void JsonBody::append(const DropEntry& drop, const Entry& /*entry*/) {
    append_text(out_, R"(,"reason":)", text_of(drop.reason));
    append_member(out_, R"(,"seq":)", drop.seq);
    append_member(out_, R"(,"end":)", drop.end);
    out_.append(R"(,"flags":")");
    append_flags(out_, drop.flags);
    out_.append('"');
    if (drop.n != 0) {
        out_.append(R"(,"segment":)");
        out_.append_decimal(drop.n);
    }
}

void JsonBody::append(const LostEntry& lost, const Entry& /*entry*/) {
    out_.append(R"(,"count":)");
    out_.append_decimal(lost.count);
    if (lost.from != 0) {
        append_ns(out_, R"(,"from_ns":)", lost.from);
    }
}

void JsonBody::append(const NoteEntry& note, const Entry& /*entry*/) {
    append_text(out_, R"(,"text":)", note.text);
}

void JsonBody::append(const SummaryEntry& summary, const Entry& /*entry*/) {
    append_summary(out_, *summary.connection);
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include "views/json_body.h"

#include <algorithm>
#include <array>

#include "views/flag_letters.h"
#include "views/json_text.h"

namespace tcpladder {
namespace {

// The order of Entry::body. `drop`, `congestion` and `summary` are reserved.
constexpr std::array<std::string_view, 6> kKinds{"segment", "state", "retransmit",
                                                 "reset",   "lost",  "note"};
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

void append_cause(TextBuffer& out, const Cause& cause) {
    // The order of CauseType.
    constexpr std::array<std::string_view, 4> kTypes{"unknown", "call", "segment", "timer"};
    out.append(R"(,"cause":{"type":")");
    out.append(kTypes[static_cast<std::size_t>(cause.type)]);
    out.append('"');
    append_text(out, R"(,"what":)", cause.what);
    if (cause.n != 0) {
        out.append(R"(,"n":)");
        out.append_decimal(cause.n);
    }
    out.append('}');
}

}  // namespace

struct JsonBody::Writer {
    TextBuffer& out;
    OptionText& options;
    const Side* side;

    void operator()(const SegmentEntry& segment) const {
        out.append(R"(,"flags":")");
        append_flags(out, segment.tcp.flags);
        out.append('"');
        append_numbers(out, segment);
        append_member(out, R"(,"len":)", segment.tcp.payload);
        append_window(out, segment);
        append_options(out, options.of(segment));
        append_ns(out, R"(,"sent_ns":)", segment.sent);
        append_ns(out, R"(,"received_ns":)", segment.received);
        append_from(out, side);
        append_aggregate(out, segment);
    }

    void operator()(const StateEntry& state) const {
        append_state(out, R"(,"old":")", state.from);
        append_state(out, R"(,"new":")", state.to);
        out.append(state.observed ? R"(,"observed":true)" : R"(,"observed":false)");
        append_cause(out, state.cause);
        append_ns(out, R"(,"in_state_ns":)", state.in_state_ns);
    }

    void operator()(const RetransmitEntry& retransmit) const {
        append_member(out, R"(,"seq":)", retransmit.seq);
        append_member(out, R"(,"end":)", retransmit.end);
        append_text(out, R"(,"why":)", retransmit.why);
    }

    void operator()(const ResetEntry& reset) const {
        out.append(reset.sent ? R"(,"direction":"sent")" : R"(,"direction":"received")");
        const auto end = std::find(reset.reason.begin(), reset.reason.end(), '\0');
        append_text(out, R"(,"reason":)", std::string_view(reset.reason.begin(), end));
    }

    void operator()(const LostEntry& lost) const {
        out.append(R"(,"count":)");
        out.append_decimal(lost.count);
        append_ns(out, R"(,"from_ns":)", lost.from);
    }

    void operator()(const NoteEntry& note) const { append_text(out, R"(,"text":)", note.text); }
};

std::string_view json_kind(const Entry& entry) {
    return kKinds[entry.body.index()];
}

void JsonBody::append(const Entry& entry) {
    std::visit(Writer{out_, options_, entry.side}, entry.body);
}

}  // namespace tcpladder

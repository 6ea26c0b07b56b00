// SPDX-License-Identifier: MIT
// What must hold of every story.
#include <algorithm>

#include "lab/verdict.h"

namespace tcpladder::lab {
namespace {

// The SYN+ACK of a simultaneous open: to the kernel it is the SYN, sent again.
bool is_syn_again(const Story::SegmentFact& segment, const Story& story) {
    return is_kind(Kind::kSynAck, segment.flags, 0) &&
           std::ranges::any_of(story.segments(), [&](const Story::SegmentFact& other) {
               return other.from == segment.from && other.sent && other.seq == segment.seq &&
                      is_kind(Kind::kSyn, other.flags, 0);
           });
}

bool is_reset(const Story::State& state) {
    return state.to == TcpState::kClose &&
           (state.from == TcpState::kEstablished || state.from == TcpState::kCloseWait);
}

bool is_timeout(const Story::State& state) {
    return state.to == TcpState::kClose && state.cause.type == CauseType::kTimer &&
           state.cause.what == "timeout";
}

std::uint64_t count_states(Host host, const Story& story, bool (*is_it)(const Story::State&)) {
    return static_cast<std::uint64_t>(
        std::ranges::count_if(story.states(), [&](const Story::State& state) {
            return state.host == host && state.observed && is_it(state);
        }));
}

}  // namespace

// OutSegs leaves out what only repeats (RFC 4022), but counts every SYN+ACK of a request
// socket (tcp_make_synack, Linux 6.18).
Verdict judge_counters(Host host, const Story& story, const TcpCounters& before,
                       const TcpCounters& after) {
    TcpCounters shown;
    for (const auto& segment : story.segments()) {
        if (segment.from == host && segment.sent && !is_syn_again(segment, story))
            shown.sent += segment.pieces;
    }
    for (const auto& resend : story.resends()) {
        if (resend.host != host)
            continue;
        shown.resent += resend.pieces;
        // The kernel makes a SYN+ACK anew each time, and counts it as sent.
        if (resend.why != "SYN+ACK timeout" && resend.why != "repeated SYN")
            shown.sent -= resend.pieces;
    }
    shown.reset = count_states(host, story, is_reset);
    shown.timed_out = count_states(host, story, is_timeout);
    const auto row = [](std::string_view what, std::uint64_t first, std::uint64_t last,
                        std::uint64_t seen) {
        std::string expected = std::to_string(first);
        if (last != first)
            expected += " to " + std::to_string(last);
        return Verdict::Row{expected.append(" ").append(what),
                            std::to_string(seen).append(" ").append(what),
                            seen >= first && seen <= last};
    };
    Verdict verdict;
    verdict.text = "the " + std::string(name(host)) + "'s kernel counted the same";
    verdict.rows = {row("sent", before.sent, after.sent, shown.sent),
                    row("sent again", before.resent, after.resent, shown.resent),
                    row("reset", before.reset, after.reset, shown.reset),
                    row("timed out", before.timed_out, after.timed_out, shown.timed_out)};
    verdict.held = std::ranges::all_of(verdict.rows, &Verdict::Row::same);
    return verdict;
}

std::vector<Verdict> judge_always(const Story& story) {
    Verdict known{.held = true, .text = "every transition has a cause", .line = 0, .rows = {}};
    Verdict legal{
        .held = true, .text = "every transition is one that TCP has", .line = 0, .rows = {}};
    for (const auto& state : story.states()) {
        if (state.cause.type == CauseType::kUnknown) {
            known.held = false;
            known.rows.push_back({"a cause", text_of(state), false});
        }
        if (!is_legal(state.from, state.to)) {
            legal.held = false;
            legal.rows.push_back({"a transition of TCP", text_of(state), false});
        }
    }
    return {known, legal};
}

}  // namespace tcpladder::lab

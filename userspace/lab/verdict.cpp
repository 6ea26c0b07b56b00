// SPDX-License-Identifier: MIT
#include "lab/verdict.h"

#include <algorithm>

namespace tcpladder::lab {
namespace {

bool fits(const ExpectedStep& step, const Story::State& seen, const Judging& judging) {
    if (step.from != seen.from || step.to != seen.to)
        return false;
    if (judging.timers && step.inferred == seen.observed)
        return false;
    if (step.causes.empty())
        return seen.cause.type != CauseType::kUnknown;
    return std::ranges::find(step.causes, seen.cause.what) != step.causes.end();
}

// Both lists side by side. A step that may be missing is passed over.
Verdict judge_states(const ExpectedStates& expected, const Story& story, const Judging& judging) {
    Verdict verdict{.held = true, .text = "", .line = 0, .rows = {}};
    const auto seen = states_of(expected, story);
    std::size_t next = 0;
    for (const auto& step : expected.steps) {
        const bool there = next < seen.size();
        const bool same = there && fits(step, *seen[next], judging);
        if (!same && step.maybe)
            continue;
        verdict.held = verdict.held && same;
        verdict.rows.push_back({step.text, there ? text_of(*seen[next]) : "", same});
        next += there ? 1 : 0;
    }
    for (; next < seen.size(); ++next) {
        verdict.held = verdict.held && expected.open_end;
        verdict.rows.push_back(
            {expected.open_end ? "..." : "", text_of(*seen[next]), expected.open_end});
    }
    return verdict;
}

std::string name_of(std::optional<Host> host) {
    return std::string(host ? name(*host) : "?");
}

std::string flags_text(std::uint16_t flags) {
    std::string text;
    for (const auto& [flag, letter] : {std::pair{tcp_flag::kFin, 'F'},
                                       {tcp_flag::kSyn, 'S'},
                                       {tcp_flag::kRst, 'R'},
                                       {tcp_flag::kPsh, 'P'},
                                       {tcp_flag::kUrg, 'U'},
                                       {tcp_flag::kAck, '.'}}) {
        if ((flags & flag) != 0)
            text += letter;
    }
    return text;
}

std::string text_of(const Story::SegmentFact& segment) {
    auto text = name_of(segment.from);
    text += " " + flags_text(segment.flags);
    if (segment.rel_seq)
        text += " seq " + std::to_string(*segment.rel_seq);
    if (segment.rel_ack)
        text += " ack " + std::to_string(*segment.rel_ack);
    text += " len " + std::to_string(segment.payload) + " win " + std::to_string(segment.window);
    if (!segment.received)
        text += " lost";
    if (!segment.sent)
        text += " injected";
    for (const auto note : segment.notes)
        text += " (" + std::string(word(note)) + ")";
    return text;
}

bool has_note(const Notes& notes, std::string_view text) {
    for (const auto note : notes) {
        if (word(note).find(text) != std::string_view::npos)
            return true;
    }
    return false;
}

bool fits(const ExpectedSegment& expected, const Story::SegmentFact& seen, const Judging& judging) {
    // PSH is the sender's whim, and with ECN the SYN has more flags: not looked at.
    constexpr auto kLookedAt = tcp_flag::kFin | tcp_flag::kSyn | tcp_flag::kRst | tcp_flag::kAck;
    if (seen.from != expected.from || ((seen.flags ^ expected.flags) & kLookedAt) != 0)
        return false;
    if (expected.seq && expected.seq != seen.rel_seq)
        return false;
    if (expected.ack && expected.ack != seen.rel_ack)
        return false;
    if (expected.length && *expected.length != seen.payload)
        return false;
    if (expected.window && *expected.window != seen.window)
        return false;
    if (judging.preview)
        return true;
    if (!expected.note.empty() && !has_note(seen.notes, expected.note))
        return false;
    return expected.lost == !seen.received && expected.forged == !seen.sent;
}

Verdict judge_segments(const ExpectedSegments& expected, const Story& story,
                       const Judging& judging) {
    Verdict verdict{.held = true, .text = "", .line = 0, .rows = {}};
    auto next = story.segments().begin();
    const auto end = story.segments().end();
    for (const auto& wanted : expected.segments) {
        const auto found = std::find_if(next, end, [&](const auto& seen) {
            const bool here = expected.connection == 0 || seen.connection == expected.connection;
            return here && fits(wanted, seen, judging);
        });
        if (found == end) {
            verdict.held = false;
            verdict.rows.push_back({wanted.text, "", false});
            continue;
        }
        verdict.rows.push_back({wanted.text, text_of(*found), true});
        next = found + 1;
    }
    if (!verdict.held) {
        verdict.rows.push_back({"", "all segments seen:", false});
        for (const auto& seen : story.segments())
            verdict.rows.push_back({"", text_of(seen), true});
    }
    return verdict;
}

Verdict judge_absence(const ExpectedAbsence& expected, const Story& story) {
    Verdict verdict{.held = true, .text = "", .line = 0, .rows = {}};
    for (const auto& seen : story.segments()) {
        if (seen.from != expected.from || !is_kind(expected.kind, seen.flags, seen.payload))
            continue;
        verdict.held = false;
        verdict.rows.push_back({"no such segment", text_of(seen), false});
    }
    return verdict;
}

Verdict judge_resend(const ExpectedResend& expected, const Story& story) {
    Verdict verdict;
    std::uint32_t count = 0;
    for (const auto& seen : story.resends()) {
        const bool same =
            seen.host == expected.host && (expected.why.empty() || seen.why == expected.why);
        count += same ? 1 : 0;
        verdict.rows.push_back(
            {same ? "this one" : "", name_of(seen.host) + " " + std::string(seen.why), same});
    }
    verdict.held = count >= expected.times;
    if (verdict.rows.empty())
        verdict.rows.push_back({"a resend", "none", false});
    return verdict;
}

// Any will do where none is asked for, or the kernel tells none.
bool is_one_of(const std::vector<std::string>& reasons, const std::string& seen) {
    return reasons.empty() || seen.empty() || std::ranges::find(reasons, seen) != reasons.end();
}

Verdict judge_reset(const ExpectedReset& expected, const Story& story) {
    Verdict verdict;
    for (const auto& seen : story.resets()) {
        const bool same = seen.host == expected.host && seen.sent == expected.sent &&
                          is_one_of(expected.reasons, seen.reason);
        verdict.held = verdict.held || same;
        verdict.rows.push_back(
            {same ? "this one" : "",
             name_of(seen.host) + (seen.sent ? " sent " : " received ") + seen.reason, same});
    }
    if (verdict.rows.empty())
        verdict.rows.push_back({"a reset", "none", false});
    return verdict;
}

Verdict judge_drop(const ExpectedDrop& expected, const Story& story) {
    Verdict verdict;
    for (const auto& seen : story.drops()) {
        const bool same = seen.from == expected.from && is_one_of(expected.reasons, seen.reason);
        verdict.held = verdict.held || same;
        verdict.rows.push_back(
            {same ? "this one" : "", "from " + name_of(seen.from) + " " + seen.reason, same});
    }
    if (verdict.rows.empty())
        verdict.rows.push_back({"a drop", "none", false});
    return verdict;
}

// Of the trace, or of a segment.
Verdict judge_note(const ExpectedNote& expected, const Story& story) {
    Verdict verdict;
    for (const auto note : story.notes()) {
        const bool same = note.find(expected.text) != std::string_view::npos;
        verdict.held = verdict.held || same;
        verdict.rows.push_back({same ? expected.text : "", std::string(note), same});
    }
    for (const auto& segment : story.segments()) {
        if (segment.notes.empty())
            continue;
        const bool same = has_note(segment.notes, expected.text);
        verdict.held = verdict.held || same;
        verdict.rows.push_back({same ? expected.text : "", text_of(segment), same});
    }
    if (!verdict.held)
        verdict.rows.push_back({expected.text, "no such note", false});
    return verdict;
}

Verdict judge_verdict(const ExpectedVerdict& expected, const Story& story, const Judging& judging) {
    Verdict verdict;
    for (const auto& seen : story.summaries()) {
        if (seen.connection != expected.connection)
            continue;
        const bool same = seen.verdict.find(expected.text) != std::string::npos;
        verdict.held = verdict.held || same;
        verdict.rows.push_back({expected.text, seen.verdict, same});
    }
    if (verdict.rows.empty())
        verdict.rows.push_back({expected.text, "no such connection", false});
    verdict.held = verdict.held || judging.preview;  // it comes with the end
    return verdict;
}

}  // namespace

std::vector<const Story::State*> states_of(const ExpectedStates& expected, const Story& story) {
    std::vector<const Story::State*> found;
    for (const auto& state : story.states()) {
        const bool is_it =
            expected.host ? state.host == expected.host && state.connection == expected.connection
                          : state.connection == 0;
        if (is_it)
            found.push_back(&state);
    }
    return found;
}

std::string text_of(const Story::State& state) {
    std::string text(tcpladder::name(state.from));
    text += " -> " + std::string(tcpladder::name(state.to)) + (state.observed ? "" : " *");
    const bool unknown = state.cause.type == CauseType::kUnknown;
    return text + "  " + (unknown ? "unknown" : std::string(state.cause.what));
}

Verdict judge(const Expectation& expectation, const Story& story, const Judging& judging) {
    auto verdict = std::visit(
        [&](const auto& what) {
            using What = std::decay_t<decltype(what)>;
            if constexpr (std::is_same_v<What, ExpectedStates>)
                return judge_states(what, story, judging);
            else if constexpr (std::is_same_v<What, ExpectedSegments>)
                return judge_segments(what, story, judging);
            else if constexpr (std::is_same_v<What, ExpectedAbsence>)
                return judge_absence(what, story);
            else if constexpr (std::is_same_v<What, ExpectedResend>)
                return judge_resend(what, story);
            else if constexpr (std::is_same_v<What, ExpectedReset>)
                return judge_reset(what, story);
            else if constexpr (std::is_same_v<What, ExpectedDrop>)
                return judge_drop(what, story);
            else if constexpr (std::is_same_v<What, ExpectedVerdict>)
                return judge_verdict(what, story, judging);
            else
                return judge_note(what, story);
        },
        expectation.what);
    verdict.text = expectation.text;
    verdict.line = expectation.line;
    return verdict;
}

}  // namespace tcpladder::lab

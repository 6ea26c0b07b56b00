// SPDX-License-Identifier: MIT
// What is expected.
#include "lab/parse_parts.h"

namespace tcpladder::lab {
namespace {

constexpr std::uint64_t kMostTimes = 100'000;

std::vector<std::string> split(std::string_view text, char mark) {
    std::vector<std::string> parts;
    while (true) {
        const auto end = std::min(text.find(mark), text.size());
        parts.emplace_back(text.substr(0, end));
        if (end == text.size())
            return parts;
        text.remove_prefix(end + 1);
    }
}

std::uint32_t parse_connection(Words& words, std::uint32_t otherwise) {
    if (!words.take({"of", "connection"}))
        return otherwise;
    return static_cast<std::uint32_t>(words.number("a connection's number", 1, kMostTimes));
}

// The rest of the line, words joined by blanks; ` | ` between alternatives.
std::vector<std::string> parse_causes(Words& words) {
    std::vector<std::string> causes;
    std::string cause;
    while (!words.empty()) {
        if (words.take("|")) {
            causes.push_back(std::move(cause));
            cause.clear();
            continue;
        }
        cause += (cause.empty() ? "" : " ") + std::string(words.any("a cause"));
    }
    if (!cause.empty())
        causes.push_back(std::move(cause));
    return causes;
}

void parse_state_line(Words& words, ExpectedStates& states, const std::string& text) {
    if (states.open_end)
        words.fail_next("nothing can follow '...'");
    if (words.take("...")) {
        states.open_end = true;
        return;
    }
    if (words.take("nothing")) {
        states.nothing = true;
        return;
    }
    ExpectedStep step;
    step.text = text;
    step.maybe = words.take("maybe");
    step.from = parse_state(words);
    words.must("->");
    step.to = parse_state(words);
    step.inferred = words.take("*");
    step.causes = parse_causes(words);
    states.steps.push_back(std::move(step));
}

void parse_segment_line(Words& words, ExpectedSegments& segments, const std::string& text) {
    constexpr std::uint64_t kMost = 0xffffffff;
    ExpectedSegment segment;
    segment.text = text;
    segment.from = parse_host_word(words);
    segment.flags = parse_flags(words);
    while (!words.empty()) {
        if (words.take("seq"))
            segment.seq = static_cast<std::uint32_t>(words.number("a number", 0, kMost));
        else if (words.take("ack"))
            segment.ack = static_cast<std::uint32_t>(words.number("a number", 0, kMost));
        else if (words.take("len"))
            segment.length = static_cast<std::uint32_t>(words.number("a length", 0, kMost));
        else if (words.take("win"))
            segment.window = static_cast<std::uint16_t>(words.number("a window", 0, 65535));
        else if (words.take("lost"))
            segment.lost = true;
        else if (words.take("injected"))
            segment.forged = true;
        else if (words.take("note"))
            segment.note = words.quoted("part of the note");
        else
            words.fail_next(
                "here must be 'seq N', 'ack N', 'len N', 'win N', 'lost', 'injected' or "
                "'note \"TEXT\"'");
    }
    segments.segments.push_back(std::move(segment));
}

ExpectedResend parse_resend(Words& words) {
    words.must("by");
    ExpectedResend resend{parse_host_word(words), "", 1};
    while (!words.empty()) {
        if (const auto times = words.ordinal()) {
            resend.times = *times;
            words.must("time");
        } else {
            resend.why += (resend.why.empty() ? "" : " ") + std::string(words.any("why"));
        }
    }
    return resend;
}

std::vector<std::string> parse_reasons(Words& words) {
    return words.empty() ? std::vector<std::string>()
                         : split(words.any("the kernel's reason"), '|');
}

ExpectedReset parse_reset(Words& words) {
    ExpectedReset reset;
    reset.sent = words.take("by");
    if (!reset.sent)
        words.must("at");
    reset.host = parse_host_word(words);
    reset.reasons = parse_reasons(words);
    return reset;
}

ExpectedDrop parse_drop(Words& words) {
    words.must("from");
    ExpectedDrop drop;
    drop.from = parse_host_word(words);
    drop.reasons = parse_reasons(words);
    return drop;
}

ExpectedVerdict parse_verdict(Words& words) {
    ExpectedVerdict verdict;
    verdict.connection = parse_connection(words, 1);
    verdict.text = words.quoted("part of the verdict");
    return verdict;
}

}  // namespace

bool parse_expectation(Words& words, Expectation& expectation) {
    if (words.take("segments")) {
        expectation.what = ExpectedSegments{parse_connection(words, 0), {}};
        return true;
    }
    if (words.take("no")) {
        const auto kind = parse_kind(words);
        words.must("from");
        expectation.what = ExpectedAbsence{kind, parse_host_word(words)};
    } else if (words.take("resend")) {
        expectation.what = parse_resend(words);
    } else if (words.take("reset")) {
        expectation.what = parse_reset(words);
    } else if (words.take("drop")) {
        expectation.what = parse_drop(words);
    } else if (words.take("verdict")) {
        expectation.what = parse_verdict(words);
    } else if (words.take("note")) {
        expectation.what = ExpectedNote{words.quoted("part of the note")};
    } else if (words.take("listener")) {
        ExpectedStates states;
        states.connection = 0;
        expectation.what = states;
        return true;
    } else {
        const auto word = words.peek();
        if (word != "client" && word != "server")
            words.fail_next(
                "here must be client, server, listener, segments, no, resend, reset, drop, note or "
                "verdict");
        ExpectedStates states;
        states.host = parse_host_word(words);
        states.connection = parse_connection(words, 1);
        expectation.what = states;
        return true;
    }
    return false;
}

void parse_expected_line(Words& words, Expectation& expectation, const std::string& text) {
    if (auto* states = std::get_if<ExpectedStates>(&expectation.what))
        parse_state_line(words, *states, text);
    else if (auto* segments = std::get_if<ExpectedSegments>(&expectation.what))
        parse_segment_line(words, *segments, text);
}

}  // namespace tcpladder::lab

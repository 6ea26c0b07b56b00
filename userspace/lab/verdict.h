// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "lab/scenario.h"
#include "lab/story.h"
#include "lab/tcp_counters.h"

namespace tcpladder::lab {

/// What became of one expectation.
struct Verdict {
    bool held = false;
    std::string text;  ///< the expectation's first line
    int line = 0;      ///< in the file; 0: it is one that every scenario has
    /// Where it did not hold: what was expected beside what was seen.
    struct Row {
        std::string expected;
        std::string seen;
        bool same = false;
    };
    std::vector<Row> rows;
};

/// Whether timers of small sockets were seen: without them some states are
/// inferred, whatever a scenario says.
struct Judging {
    bool timers = true;
    /// Only whether it may be over: what is said of receipts is not looked at.
    bool preview = false;
};

/// What was seen of the end that `expected` is about, in order.
std::vector<const Story::State*> states_of(const ExpectedStates& expected, const Story& story);

Verdict judge(const Expectation& expectation, const Story& story, const Judging& judging);

/// Whether the story shows what the host's kernel counted: no less than `before` the
/// trace was stopped, no more than `after`.
Verdict judge_counters(Host host, const Story& story, const TcpCounters& before,
                       const TcpCounters& after);

/// What must hold of every story: no transition without a cause, none that TCP
/// does not have.
std::vector<Verdict> judge_always(const Story& story);

/// `SYN_SENT -> ESTABLISHED  rcv SYN+ACK`.
std::string text_of(const Story::State& state);

}  // namespace tcpladder::lab

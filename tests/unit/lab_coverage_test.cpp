// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "lab/coverage.h"
#include "lab/scenario_parser.h"
#include "unit/fixtures.h"

namespace tcpladder::lab {
namespace {

Scenario expects(const std::string& name, const std::string& end) {
    return parse_scenario(
        "title  T\nshows  what it is about\nclient closes\nexpect " + end + "\n  ...\n", name,
        name);
}

/// A transition of the client's end of connection 1.
void state(Story& story, TcpState from, TcpState to, CauseType type, std::string_view what,
           std::uint64_t n = 0) {
    Side side;
    side.local = test::at("192.0.2.1", 40000);
    side.connection = 1;
    Entry entry;
    entry.side = &side;
    entry.body = StateEntry{from, to, true, {type, what, n}, {}};
    story.entry(entry);
}

bool says(const Coverage& coverage, const std::string& text) {
    return coverage.page().find(text) != std::string::npos;
}

TEST_CASE("coverage: an arrow is shown by the transition and its cause") {
    Story story;
    state(story, TcpState::kSynSent, TcpState::kClose, CauseType::kTimer, "timeout");
    Coverage coverage;
    CHECK(says(coverage, "SYN_SENT -> CLOSE, timeout | **not seen**"));
    const auto before = coverage.missing();
    coverage.add(expects("slow-peer", "client"), story);
    CHECK(says(coverage, "SYN_SENT -> CLOSE, timeout | observed | [slow-peer]"));
    CHECK(says(coverage, "SYN_SENT -> CLOSE, rcv RST | **not seen**"));
    CHECK(says(coverage, "| SYN-SENT | observed | [slow-peer]"));
    CHECK(coverage.missing() == before - 3);  // the arrow, and the states CLOSED and SYN-SENT
}

TEST_CASE("coverage: two steps are one arrow if one segment made both") {
    for (const std::uint64_t n : {8U, 9U}) {
        Story story;
        state(story, TcpState::kFinWait1, TcpState::kFinWait2, CauseType::kSegment,
              "rcv ACK of FIN", 8);
        state(story, TcpState::kFinWait2, TcpState::kTimeWait, CauseType::kSegment, "rcv FIN", n);
        Coverage coverage;
        coverage.add(expects("both", "client"), story);
        CHECK(says(coverage, "one segment for both steps | observed | [both]") == (n == 8));
    }
}

TEST_CASE("coverage: the scenario that is about an arrow is named before others") {
    Story story;
    state(story, TcpState::kSynSent, TcpState::kClose, CauseType::kCall, "close()");
    Coverage coverage;
    coverage.add(expects("another", "client"), story);
    coverage.add(expects("connect-given-up", "client"), story);
    CHECK(says(coverage, "SYN_SENT -> CLOSE, close() | observed | [connect-given-up]"));
}

TEST_CASE("coverage: an end of which nothing is expected does not count") {
    Story story;
    state(story, TcpState::kSynSent, TcpState::kClose, CauseType::kCall, "close()");
    Coverage coverage;
    coverage.add(expects("other-end", "server"), story);
    CHECK(says(coverage, "SYN_SENT -> CLOSE, close() | **not seen**"));
}

TEST_CASE("coverage: what was skipped says why, and is not missing") {
    Coverage coverage;
    const auto before = coverage.missing();
    coverage.skip(expects("time-wait-ends", "client"), "it is slow");
    CHECK(says(coverage, "skipped: it is slow | [time-wait-ends]"));
    CHECK(coverage.missing() == before - 1);
}

}  // namespace
}  // namespace tcpladder::lab

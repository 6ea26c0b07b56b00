// SPDX-License-Identifier: MIT
#include "lab/verdict.h"

#include <doctest/doctest.h>

#include "lab/addresses.h"
#include "lab/scenario_parser.h"

namespace tcpladder::lab::test {
namespace {

using enum TcpState;

Expectation expectation(const std::string& lines) {
    return parse_scenario("title T\nshows S\nclient opens\n" + lines, "x.lab", "x")
        .expectations.at(0);
}

/// A story told by hand.
struct Told {
    Story story;
    Side client = side(Host::kClient);
    Side server = side(Host::kServer);

    static Side side(Host host) {
        Side side;
        side.local = {address_of(host, 4), 1};
        side.connection = 1;
        return side;
    }
    Side& of(Host host) { return host == Host::kClient ? client : server; }
    void state(Host host, TcpState from, TcpState to, std::string_view cause,
               bool observed = true) {
        StateEntry state;
        state.from = from;
        state.to = to;
        state.observed = observed;
        state.cause = {cause.empty() ? CauseType::kUnknown : CauseType::kCall, cause, 0};
        put(host, state);
    }
    void segment(Host from, std::uint16_t flags, std::uint32_t seq, bool sent = true,
                 bool received = true) {
        SegmentEntry segment;
        segment.tcp.flags = flags;
        segment.relative_known = true;
        segment.rel_seq = seq;
        if (sent)
            segment.sent = 1;
        if (received)
            segment.received = 2;
        put(from, segment);
    }
    template <typename Body>
    void put(Host host, const Body& body) {
        Entry entry;
        entry.side = &of(host);
        entry.body = body;
        story.entry(entry);
    }
    bool holds(const std::string& lines, const Judging& judging = {}) const {
        return judge(expectation(lines), story, judging).held;
    }
};

Told opening() {
    Told told;
    told.state(Host::kClient, kClose, kSynSent, "connect()");
    told.state(Host::kServer, kListen, kSynRecv, "rcv SYN");
    told.state(Host::kClient, kSynSent, kEstablished, "rcv SYN+ACK");
    return told;
}

TEST_CASE("transitions hold if all are there, in order, with their cause") {
    const auto told = opening();
    CHECK(
        told.holds("expect client\n  CLOSE -> SYN_SENT connect()\n"
                   "  SYN_SENT -> ESTABLISHED rcv SYN+ACK\n"));
    CHECK(told.holds("expect client\n  CLOSE -> SYN_SENT\n  ...\n"));
    CHECK(told.holds("expect server of connection 2\n  nothing\n"));
}

TEST_CASE("transitions do not hold if one is missing, too many, or has another cause") {
    const auto told = opening();
    CHECK_FALSE(told.holds("expect client\n  CLOSE -> SYN_SENT connect()\n"));
    CHECK_FALSE(told.holds("expect client\n  nothing\n"));
    CHECK_FALSE(
        told.holds("expect client\n  CLOSE -> SYN_SENT connect()\n"
                   "  SYN_SENT -> ESTABLISHED rcv ACK\n"));
    CHECK_FALSE(
        told.holds("expect client\n  CLOSE -> SYN_SENT connect()\n"
                   "  SYN_SENT -> ESTABLISHED rcv SYN+ACK\n"
                   "  ESTABLISHED -> CLOSE rcv RST\n"));
    CHECK_FALSE(told.holds("expect server\n  nothing\n"));
}

TEST_CASE("one of several causes will do, and a step may be missing") {
    const auto told = opening();
    CHECK(told.holds("expect server\n  LISTEN -> SYN_RECV accept() | rcv SYN\n"));
    CHECK(
        told.holds("expect server\n  LISTEN -> SYN_RECV rcv SYN\n"
                   "  maybe SYN_RECV -> ESTABLISHED rcv ACK\n"));
}

TEST_CASE("an inferred transition is not an observed one, where timers tell") {
    Told told;
    told.state(Host::kClient, kFinWait2, kTimeWait, "rcv FIN", false);
    CHECK(told.holds("expect client\n  FIN_WAIT2 -> TIME_WAIT * rcv FIN\n"));
    CHECK_FALSE(told.holds("expect client\n  FIN_WAIT2 -> TIME_WAIT rcv FIN\n"));
    CHECK(told.holds("expect client\n  FIN_WAIT2 -> TIME_WAIT rcv FIN\n", {.timers = false}));
}

TEST_CASE("what was expected stands beside what was seen") {
    const auto verdict = judge(expectation("expect client\n  CLOSE -> SYN_SENT connect()\n"
                                           "  SYN_SENT -> CLOSE rcv RST\n"),
                               opening().story, {});
    REQUIRE(verdict.rows.size() == 2);
    CHECK(verdict.line == 4);
    CHECK(verdict.rows[0].same);
    CHECK_FALSE(verdict.rows[1].same);
    CHECK(verdict.rows[1].expected == "SYN_SENT -> CLOSE rcv RST");
    CHECK(verdict.rows[1].seen == "SYN_SENT -> ESTABLISHED  rcv SYN+ACK");
}

TEST_CASE("segments hold in their order, with others between them") {
    Told told;
    told.segment(Host::kClient, tcp_flag::kSyn, 0, true, false);
    told.segment(Host::kClient, tcp_flag::kSyn, 0);
    told.segment(Host::kServer, tcp_flag::kSyn | tcp_flag::kAck, 0);
    told.segment(Host::kServer, tcp_flag::kRst, 1, false);
    CHECK(
        told.holds("expect segments\n  client S lost\n  client S\n  server S. seq 0\n"
                   "  server R injected\n"));
    CHECK_FALSE(told.holds("expect segments\n  server S.\n  client S\n"));
    CHECK_FALSE(told.holds("expect segments\n  client S lost\n  client S lost\n"));
    CHECK_FALSE(told.holds("expect segments\n  server R seq 2 injected\n"));
    CHECK(told.holds("expect no FIN from client\n"));
    CHECK_FALSE(told.holds("expect no RST from server\n"));
}

TEST_CASE("resends, resets and notes are found by who and why") {
    Told told;
    told.put(Host::kClient, RetransmitEntry{0, 1, "RTO", 0});
    ResetEntry reset;
    reset.sent = true;
    std::string_view("NO_SOCKET").copy(reset.reason.data(), reset.reason.size() - 1);
    told.put(Host::kServer, reset);
    told.put(Host::kServer, NoteEntry{"the window is full"});
    CHECK(told.holds("expect resend by client RTO\n"));
    CHECK_FALSE(told.holds("expect resend by client RTO 2nd time\n"));
    CHECK_FALSE(told.holds("expect resend by server\n"));
    CHECK(told.holds("expect reset by server TCP_STATE|NO_SOCKET\n"));
    CHECK_FALSE(told.holds("expect reset by server TCP_STATE\n"));
    CHECK_FALSE(told.holds("expect reset at server\n"));
    CHECK(told.holds("expect note \"window is full\"\n"));
    CHECK_FALSE(told.holds("expect note \"window is small\"\n"));
}

TEST_CASE("drops are found by whose segment it was, and why") {
    Told told;
    DropEntry drop;
    std::string_view("TCP_CSUM").copy(drop.reason.data(), drop.reason.size() - 1);
    told.put(Host::kClient, drop);
    CHECK(told.holds("expect drop from client\n"));
    CHECK(told.holds("expect drop from client NO_SOCKET|TCP_CSUM\n"));
    CHECK_FALSE(told.holds("expect drop from client NO_SOCKET\n"));
    CHECK_FALSE(told.holds("expect drop from server\n"));
}

TEST_CASE("a segment's notes are looked at where one is asked for") {
    Told told;
    told.segment(Host::kClient, tcp_flag::kAck, 1);
    SegmentEntry again;
    again.tcp.flags = tcp_flag::kAck;
    again.sent = again.received = 1;
    again.notes.add(Note::kRetransmission);
    told.put(Host::kClient, again);
    CHECK(told.holds("expect segments\n  client .\n  client . note \"retransmission\"\n"));
    CHECK_FALSE(told.holds("expect segments\n  client . note \"zero window\"\n"));
    CHECK_FALSE(told.holds("expect segments\n  client . note \"retransmission\"\n  client .\n"));
    CHECK(told.holds("expect note \"retransmission\"\n"));
    CHECK_FALSE(told.holds("expect note \"zero window\"\n"));
}

TEST_CASE("a verdict is what the summary says, and is not waited for") {
    Told told;
    const Judging preview{.timers = true, .preview = true};
    CHECK(told.holds("expect verdict \"Refused\"\n", preview));
    CHECK_FALSE(told.holds("expect verdict \"Refused\"\n"));
    ConnectionSummary summary;
    summary.handshake = Handshake::kRefused;
    told.put(Host::kClient, SummaryEntry{&summary});
    CHECK(told.holds("expect verdict \"Refused\"\n"));
    CHECK_FALSE(told.holds("expect verdict \"Orderly\"\n"));
    CHECK_FALSE(told.holds("expect verdict of connection 2 \"Refused\"\n"));
}

TEST_CASE("no story may have a transition without a cause, or one that TCP has not") {
    for (const auto& verdict : judge_always(opening().story))
        CHECK(verdict.held);
    Told told;
    told.state(Host::kClient, kClose, kEstablished, "");
    for (const auto& verdict : judge_always(told.story))
        CHECK_FALSE(verdict.held);
}

TEST_CASE("what the kernel has counted must have been seen, and nothing else") {
    auto told = opening();
    told.segment(Host::kClient, tcp_flag::kSyn, 0);
    told.state(Host::kClient, kEstablished, kClose, "rcv RST");
    told.state(Host::kServer, kCloseWait, kClose, "close(), abort");
    const TcpCounters none;
    const TcpCounters same{.sent = 1, .reset = 1};
    CHECK(judge_counters(Host::kClient, told.story, same, same).held);
    CHECK(judge_counters(Host::kServer, told.story, {.reset = 1}, {.reset = 1}).held);
    // The kernel went on while the trace was stopped.
    CHECK(judge_counters(Host::kClient, told.story, none, {.sent = 2, .reset = 2}).held);
    CHECK_FALSE(judge_counters(Host::kClient, told.story, none, none).held);
    for (const auto& more : {TcpCounters{.sent = 2, .reset = 1}, TcpCounters{.sent = 1, .reset = 2},
                             TcpCounters{.sent = 1, .resent = 1, .reset = 1},
                             TcpCounters{.sent = 1, .reset = 1, .timed_out = 1}})
        CHECK_FALSE(judge_counters(Host::kClient, told.story, more, more).held);
}

TEST_CASE("an end that a timer gave up was counted as one") {
    Told told;
    StateEntry given_up;
    given_up.from = kSynSent;
    given_up.to = kClose;
    given_up.cause = {CauseType::kTimer, "timeout", 0};
    told.put(Host::kClient, given_up);
    CHECK(judge_counters(Host::kClient, told.story, {}, {.timed_out = 1}).held);
    CHECK_FALSE(judge_counters(Host::kClient, told.story, {}, {}).held);
    CHECK(judge_counters(Host::kServer, told.story, {}, {}).held);
}

TEST_CASE("waits count from the start of the story") {
    const auto told = opening();
    CHECK(has_come(StateWait{Host::kClient, kEstablished, 0, 1}, told.story));
    CHECK_FALSE(has_come(StateWait{Host::kClient, kEstablished, 0, 2}, told.story));
    CHECK_FALSE(has_come(StateWait{Host::kServer, kEstablished, 0, 1}, told.story));
    CHECK_FALSE(has_come(StateWait{Host::kClient, kEstablished, 2, 1}, told.story));
    CHECK_FALSE(has_come(StateWait{std::nullopt, kListen, 0, 1}, told.story));
}

}  // namespace
}  // namespace tcpladder::lab::test

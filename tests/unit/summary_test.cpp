// SPDX-License-Identifier: MIT
// What is said of a connection as a whole, over event streams.
#include <doctest/doctest.h>

#include "unit/fixtures.h"
#include "unit/random_events.h"
#include "views/summary_view.h"
#include "views/summary_words.h"

namespace tcpladder::test {
namespace {

using enum TcpState;
constexpr std::uint16_t kAck = tcp_flag::kAck;
constexpr std::uint16_t kFin = tcp_flag::kFin | tcp_flag::kAck;
constexpr std::uint16_t kRst = tcp_flag::kRst | tcp_flag::kAck;

std::string verdict(const ConnectionSummary& summary) {
    TextBuffer text;
    append_verdict(text, summary);
    return std::string(text.view());
}

/// `three-way by client; three segments by server`
std::string form(const ConnectionSummary& summary) {
    std::string text(word(summary.handshake));
    text += " by ";
    text += word(summary.opened_by);
    text += "; ";
    text += word(summary.close);
    text += " by ";
    text += word(summary.closed_by);
    return text;
}

const ConnectionSummary& only_summary(Kernel& kernel) {
    kernel.finish();
    REQUIRE(kernel.rows.summaries.size() == 1);
    return kernel.rows.summaries.front();
}

void open(Kernel& kernel) {
    kernel.listens();
    kernel.connects();
    kernel.accepts();
}

Wire up(std::uint16_t flags, Seq seq, Seq ack, std::uint32_t payload = 0) {
    return {kClient, kServer, flags, kJ + seq, kK + ack, payload, kLoopback, 0, 2};
}
Wire down(std::uint16_t flags, Seq seq, Seq ack, std::uint32_t payload = 0) {
    return {kServer, kClient, flags, kK + seq, kJ + ack, payload, kLoopback, 0, 3};
}

std::vector<TcpState> states_of(const EndSummary& end) {
    std::vector<TcpState> states;
    for (const auto& time : end.states())
        states.push_back(time.state);
    return states;
}

TEST_CASE("the daytime conversation: the server closes first, in three segments") {
    Kernel kernel;
    open(kernel);
    kernel.replies();
    kernel.server_closes();
    kernel.client_closes();
    const auto& summary = only_summary(kernel);
    CHECK(form(summary) == "three-way by client; three segments by server");
    CHECK(verdict(summary) == "Orderly: both ends closed, and nothing was sent twice.");
    CHECK(summary.of_client.bytes == 0);
    CHECK(summary.of_server.bytes == 26);
    CHECK(summary.of_client.segments == 4);
    CHECK(summary.of_server.segments == 4);
    CHECK(states_of(summary.of_client) ==
          std::vector{kSynSent, kEstablished, kCloseWait, kLastAck});
    CHECK(states_of(summary.of_server) ==
          std::vector{kSynRecv, kEstablished, kFinWait1, kFinWait2, kTimeWait});
    CHECK(summary.handshake_ns.value_or(0) > 0);
    CHECK(summary.lifetime_ns.value_or(0) > *summary.handshake_ns);
    CHECK_FALSE(summary.gap);
}

TEST_CASE("the client closes first, and the server answers with an ACK before its FIN") {
    Kernel kernel;
    open(kernel);
    kernel.state(kEstablished, kFinWait1, kClient, kServer, 2, kClientTask, Via::kClose);
    kernel.passes(up(kFin, 1, 1));
    kernel.state(kEstablished, kCloseWait, kServer, kClient, 3, kClientTask);
    kernel.passes(down(kAck, 1, 2));
    kernel.state(kFinWait1, kFinWait2, kClient, kServer, 2, kClientTask);
    kernel.state(kCloseWait, kLastAck, kServer, kClient, 3, kServerTask, Via::kClose);
    kernel.passes(down(kFin, 1, 2));
    kernel.timer(Mini::kTimeWait, TimerStep::kStart, kClient, kServer, 2, kTimeWait);
    kernel.state(kFinWait2, kClose, kClient, kServer, 2, kClientTask, Via::kSegment);
    kernel.passes(up(kAck, 2, 2));
    kernel.state(kLastAck, kClose, kServer, kClient, 3, kClientTask, Via::kSegment);
    const auto& summary = only_summary(kernel);
    CHECK(form(summary) == "three-way by client; four segments by client");
    CHECK(verdict(summary) == "Orderly: both ends closed, and nothing was sent twice.");
}

TEST_CASE("a connection that is refused") {
    Kernel kernel;
    kernel.connects();
    kernel.passes({kServer, kClient, kRst, 0, kJ + 1});
    Reset reset;
    reset.ends = {kClient, kServer};
    kernel.add(reset);
    kernel.state(kSynSent, kClose, kClient, kServer, 2, kClientTask, Via::kReset, 111);
    const auto& summary = only_summary(kernel);
    CHECK(form(summary) == "refused by client; reset by server");
    CHECK(verdict(summary).starts_with("Refused: nobody listens"));
    CHECK_FALSE(summary.handshake_ns);
}

TEST_CASE("a SYN that nobody answers until connect() gives up") {
    Kernel kernel;
    kernel.connects();
    kernel.now += 1'000'000'000;
    kernel.sent({kClient, kServer, tcp_flag::kSyn, kJ, 0, 0, kLoopback, 12, 2, kSynSent});
    kernel.now += 2'000'000'000;
    kernel.state(kSynSent, kClose, kClient, kServer, 2, {}, Via::kTimer, 110);
    const auto& summary = only_summary(kernel);
    CHECK(form(summary) == "no answer by client; timeout by client");
    CHECK(verdict(summary).starts_with("Nobody answered the SYN"));
    CHECK(summary.of_client.retransmits == 1);
}

TEST_CASE("a reset in the middle: the one who sent it ended it") {
    Kernel kernel;
    open(kernel);
    kernel.replies();
    kernel.state(kEstablished, kClose, kClient, kServer, 2, kClientTask, Via::kClose);
    kernel.passes(up(kRst, 1, 27));
    Reset reset;
    reset.ends = {kServer, kClient};
    kernel.add(reset);
    kernel.state(kEstablished, kClose, kServer, kClient, 3, {}, Via::kReset, 104);
    const auto& summary = only_summary(kernel);
    CHECK(form(summary) == "three-way by client; reset by client");
    CHECK(verdict(summary) ==
          "Aborted: a RST of the client ended it, and what was under way is lost.");
}

TEST_CASE("a RST that is challenged ends nothing") {
    Kernel kernel;
    open(kernel);
    kernel.received(up(tcp_flag::kRst, 300, 0));
    kernel.passes(down(kAck, 1, 1));
    kernel.passes(down(kAck, 1, 1, 5));
    const auto& summary = only_summary(kernel);
    CHECK(form(summary) == "three-way by client; open by ");
    CHECK(verdict(summary) == "Still open when the trace ended.");
    CHECK(summary.notes[static_cast<std::size_t>(Note::kChallengeAck)] == 1);
}

TEST_CASE("a half-close: the server goes on sending after the client's FIN") {
    Kernel kernel;
    open(kernel);
    kernel.state(kEstablished, kFinWait1, kClient, kServer, 2, kClientTask, Via::kShutdown);
    kernel.passes(up(kFin, 1, 1));
    kernel.state(kEstablished, kCloseWait, kServer, kClient, 3, kClientTask);
    kernel.passes(down(kAck, 1, 2));
    kernel.state(kFinWait1, kFinWait2, kClient, kServer, 2, kClientTask);
    SUBCASE("and then closes, too") {
        kernel.passes(down(kAck, 1, 2, 100));
        kernel.passes(up(kAck, 2, 101));
        kernel.state(kCloseWait, kLastAck, kServer, kClient, 3, kServerTask, Via::kClose);
        kernel.passes(down(kFin, 101, 2));
        kernel.passes(up(kAck, 2, 102));
        const auto& summary = only_summary(kernel);
        CHECK(form(summary) == "three-way by client; half-close by client");
        CHECK(verdict(summary).starts_with("Orderly"));
    }
    SUBCASE("and has not closed when the trace ends") {
        const auto& summary = only_summary(kernel);
        CHECK(form(summary) == "three-way by client; half-open by client");
        CHECK(verdict(summary) == "Half closed when the trace ended: the server has sent no FIN.");
    }
}

TEST_CASE("both close at once: the FINs cross") {
    Kernel kernel;
    open(kernel);
    kernel.state(kEstablished, kFinWait1, kClient, kServer, 2, kClientTask, Via::kClose);
    kernel.sent(up(kFin, 1, 1));
    kernel.state(kEstablished, kFinWait1, kServer, kClient, 3, kServerTask, Via::kClose);
    kernel.sent(down(kFin, 1, 1));
    kernel.received(up(kFin, 1, 1));
    kernel.received(down(kFin, 1, 1));
    kernel.passes(down(kAck, 2, 2));
    kernel.passes(up(kAck, 2, 2));
    const auto& summary = only_summary(kernel);
    CHECK(form(summary) == "three-way by client; simultaneous by both");
}

TEST_CASE("both open at once") {
    Kernel kernel;
    const auto syn = [](const Endpoint& from, const Endpoint& to, Seq seq) {
        return Wire{from, to, tcp_flag::kSyn, seq, 0, 0, kLoopback};
    };
    kernel.sent(syn(kClient, kServer, kJ));
    kernel.sent(syn(kServer, kClient, kK));
    kernel.received(syn(kClient, kServer, kJ));
    kernel.received(syn(kServer, kClient, kK));
    kernel.passes({kClient, kServer, tcp_flag::kSyn | kAck, kJ, kK + 1});
    kernel.passes({kServer, kClient, tcp_flag::kSyn | kAck, kK, kJ + 1});
    kernel.passes(up(kAck, 1, 1, 10));
    const auto& summary = only_summary(kernel);
    CHECK(summary.handshake == Handshake::kSimultaneous);
    CHECK(summary.opened_by == Who::kBoth);
}

TEST_CASE("a connection that is older than the trace says that its beginning was not seen") {
    Kernel kernel;
    kernel.passes(up(kAck, 500, 700, 10));
    kernel.passes(down(kAck, 700, 510));
    const auto& summary = only_summary(kernel);
    CHECK(summary.handshake == Handshake::kNotSeen);
    CHECK(summary.opened_by == Who::kUnknown);
    CHECK(verdict(summary) == "Still open when the trace ended. Its beginning was not seen.");
}

TEST_CASE("where events were lost in its time no verdict is certain") {
    Kernel kernel;
    open(kernel);
    SUBCASE("in the middle") {
        kernel.add(Lost{12, kernel.now});
        kernel.server_closes();
        kernel.client_closes();
        const auto& summary = only_summary(kernel);
        CHECK(summary.gap);
        CHECK(verdict(summary).find("Uncertain: events were lost") != std::string::npos);
    }
    SUBCASE("at the end, which may have been among them") {
        kernel.add(Lost{12, kernel.now});
        CHECK(only_summary(kernel).gap);
    }
    SUBCASE("after it was over") {
        kernel.server_closes();
        kernel.client_closes();
        kernel.add(Lost{12, kernel.now});
        CHECK_FALSE(only_summary(kernel).gap);
    }
}

TEST_CASE("a summary comes when the connection is over, and is no row") {
    Kernel kernel;
    open(kernel);
    kernel.server_closes();
    kernel.client_closes();
    kernel.timer(Mini::kTimeWait, TimerStep::kExpire, kServer, kClient, 3, kTimeWait);
    kernel.now += 3'000'000'000;
    kernel.listens();
    kernel.tracker.advance(kernel.now + 1);
    CHECK(kernel.rows.summaries.size() == 1);
    kernel.finish();
    CHECK(kernel.rows.summaries.size() == 1);
    for (std::size_t i = 0; i < kernel.rows.entries.size(); ++i)
        CHECK(kernel.rows.entries[i].n == i + 1);
}

class Tables : public EntrySink, public Output {
public:
    Tables() : view(*this, {}) {}
    void entry(const Entry& entry) override { view.entry(entry); }
    void write(std::string_view piece) override { text += piece; }
    SummaryView view;
    std::string text;
};

TEST_CASE("the table of a connection fits 80 columns, IPv6 and hostile names included") {
    Tables tables;
    Tracker tracker(tables, {}, {});
    const auto client = at("2001:db8:1111:2222:3333:4444:5555:6666", 46510);
    const auto server = at("2001:db8:1111:2222:3333:4444:5555:7777", 10000);
    StateChange change;
    change.ends = {client, server};
    change.from = kClose;
    change.to = kSynSent;
    change.cookie = 2;
    change.task = task(4194304, "\x1b[2Jevil\xff name");
    tracker.add({1'000'000, kNetns, 0, change});
    tracker.add({2'000'000, kNetns, 0, segment({client, server, tcp_flag::kSyn, kJ}, true)});
    tracker.add({3'000'000, kNetns, 0, Lost{1, 2'000'000}});
    tracker.finish();
    CHECK(tables.text.find("verdict     Nobody answered the SYN") != std::string::npos);
    std::size_t begin = 0;
    while (begin < tables.text.size()) {
        const auto end = tables.text.find('\n', begin);
        CHECK(end - begin <= 80);
        begin = end + 1;
    }
    CHECK(std::all_of(tables.text.begin(), tables.text.end(),
                      [](char c) { return c == '\n' || (c >= ' ' && c < 0x7f); }));
}

class RowsOnly : public Rows {
public:
    bool wants_summaries() const override { return false; }
};

TEST_CASE("where nobody wants summaries there are none, and all rows are the same") {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        Rows rows;
        RowsOnly rows_only;
        Tracker both(rows, TraceInfo{}, {});
        Tracker one(rows_only, TraceInfo{}, {});
        RandomEvents events(seed);
        for (int i = 0; i < 2000; ++i) {
            const auto event = events.next();
            both.add(event);
            one.add(event);
        }
        both.finish();
        one.finish();
        CHECK(rows.texts == rows_only.texts);
        CHECK_FALSE(rows.summaries.empty());
        CHECK(rows_only.summaries.empty());
    }
}

}  // namespace
}  // namespace tcpladder::test

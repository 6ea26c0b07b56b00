// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "model/state_inference.h"
#include "unit/fixtures.h"

namespace tcpladder::test {
namespace {

void converse(Kernel& kernel) {
    kernel.listens();
    kernel.connects();
    kernel.accepts();
    kernel.replies();
    kernel.server_closes();
    kernel.client_closes();
}

TEST_CASE("the daytime conversation reads as in the book, with the cause of every transition") {
    Kernel kernel;
    converse(kernel);
    kernel.finish();
    const std::vector<std::string> expected = {
        "server CLOSE>LISTEN listen()",
        "client CLOSE>SYN_SENT connect()",
        "client S 0:1",
        "server LISTEN>SYN_RECV rcv SYN #3",
        "server S. 0:1 ack 1",
        "client SYN_SENT>ESTABLISHED rcv SYN+ACK #5",
        "client . 1:1 ack 1",
        "server SYN_RECV>ESTABLISHED rcv ACK #7",
        "server P. 1:27 ack 1",
        "client . 1:1 ack 27",
        "server ESTABLISHED>FIN_WAIT1 close()",
        "server F. 27:28 ack 1",
        "client ESTABLISHED>CLOSE_WAIT rcv FIN #12",
        "client CLOSE_WAIT>LAST_ACK close()",
        "client F. 1:2 ack 28",
        "server FIN_WAIT1>FIN_WAIT2 rcv ACK of FIN #15",
        "server . 28:28 ack 2",
        "server FIN_WAIT2>TIME_WAIT rcv FIN #15",
        "client LAST_ACK>CLOSE rcv ACK of FIN #17",
    };
    CHECK(kernel.rows.texts == expected);
    CHECK(kernel.tracker.totals().unknown_causes == 0);
    CHECK(kernel.tracker.open_connections() == 0);
}

TEST_CASE("every row has its owner, also where somebody else was on the CPU") {
    Kernel kernel;
    converse(kernel);
    kernel.finish();
    for (const auto& side : kernel.rows.sides) {
        const auto& owner = side.role == Role::kClient ? kClientTask : kServerTask;
        CHECK(side.owner.pid == owner.pid);
        CHECK(side.owner.name() == owner.name());
    }
}

TEST_CASE("every row has both ports, also before the kernel has chosen one") {
    Kernel kernel;
    converse(kernel);
    kernel.finish();
    for (const auto& side : kernel.rows.sides) {
        CHECK(side.local.port != 0);
        if (side.connection != 0)
            CHECK(side.remote.port != 0);
    }
}

TEST_CASE("without timers TIME_WAIT is inferred, and says so") {
    Kernel kernel(false);
    converse(kernel);
    kernel.finish();
    CHECK(kernel.rows.has("server FIN_WAIT2>TIME_WAIT* rcv FIN #15"));
    CHECK(kernel.tracker.totals().inferred == 1);
}

TEST_CASE("TIME_WAIT ends when its timer does, with the time that it lasted") {
    Kernel kernel;
    converse(kernel);
    kernel.now += 60'400'000'000;
    kernel.timer(Mini::kTimeWait, TimerStep::kCancel, kServer, kClient, 3, TcpState::kTimeWait);
    kernel.timer(Mini::kTimeWait, TimerStep::kExpire, kServer, kClient, 3, TcpState::kTimeWait);
    kernel.finish();
    CHECK(kernel.rows.texts.back() == "server TIME_WAIT>CLOSE 2MSL");
    const auto& row = std::get<StateEntry>(kernel.rows.entries.back().body);
    CHECK(row.in_state_ns.value_or(0) > 60'000'000'000);
}

TEST_CASE("a TIME_WAIT timer that starts again has not ended anything") {
    Kernel kernel;
    converse(kernel);
    kernel.timer(Mini::kTimeWait, TimerStep::kCancel, kServer, kClient, 3, TcpState::kTimeWait);
    kernel.timer(Mini::kTimeWait, TimerStep::kStart, kServer, kClient, 3, TcpState::kTimeWait);
    kernel.finish();
    CHECK(kernel.rows.texts.size() == 19);
}

TEST_CASE("a new SYN on the same 4-tuple ends the TIME_WAIT, and is its cause") {
    Kernel kernel;
    converse(kernel);
    Endpoint unbound = kClient;
    unbound.port = 0;
    kernel.state(TcpState::kClose, TcpState::kSynSent, unbound, kServer, 4, kClientTask);
    kernel.passes(
        {kClient, kServer, tcp_flag::kSyn, kJ + 70000, 0, 0, kLoopback, 21, 4, TcpState::kSynSent});
    kernel.timer(Mini::kTimeWait, TimerStep::kCancel, kServer, kClient, 3, TcpState::kTimeWait);
    kernel.timer(Mini::kRequest, TimerStep::kStart, kServer, kClient);
    kernel.finish();
    CHECK(kernel.rows.has("server TIME_WAIT>CLOSE rcv SYN #21"));
    CHECK(kernel.rows.has("server LISTEN>SYN_RECV rcv SYN #21"));
    CHECK(kernel.rows.sides.back().connection == 2);
}

TEST_CASE("a small socket that keeps FIN_WAIT2 is not TIME_WAIT before the peer's FIN") {
    Kernel kernel;
    kernel.listens();
    kernel.connects();
    kernel.accepts();
    kernel.server_closes();
    kernel.passes({kClient, kServer, tcp_flag::kAck, kJ + 1, kK + 28, 0, kLoopback, 31, 2});
    kernel.state(TcpState::kFinWait1, TcpState::kFinWait2, kServer, kClient, 3, kClientTask);
    kernel.timer(Mini::kTimeWait, TimerStep::kStart, kServer, kClient, 3, TcpState::kFinWait2);
    kernel.state(TcpState::kFinWait2, TcpState::kClose, kServer, kClient, 3, kClientTask,
                 Via::kSegment);
    kernel.passes({kClient, kServer, tcp_flag::kFin | tcp_flag::kAck, kJ + 1, kK + 28, 0, kLoopback,
                   32, 2, TcpState::kLastAck});
    kernel.passes({kServer, kClient, tcp_flag::kAck, kK + 28, kJ + 2, 0, kLoopback, 33, 3,
                   TcpState::kTimeWait, TcpState::kTimeWait});
    kernel.finish();
    const auto& texts = kernel.rows.texts;
    CHECK(texts[texts.size() - 2].starts_with("server FIN_WAIT2>TIME_WAIT rcv FIN #"));
    CHECK_FALSE(kernel.rows.has("server FIN_WAIT2>CLOSE unknown"));
}

TEST_CASE("a port filter keeps the connection's first row when the port comes later") {
    Kernel kernel(true, {kClient.port});
    converse(kernel);
    kernel.finish();
    CHECK(kernel.rows.has("client CLOSE>SYN_SENT connect()"));
    CHECK(kernel.rows.sides[1].local.port == kClient.port);
    CHECK(kernel.rows.sides[1].connection == 1);
}

TEST_CASE("a socket whose port turns out to be another is not shown and gets no number") {
    Kernel kernel(true, {kClient.port});
    const auto elsewhere = at("127.0.0.1", 80);
    kernel.state(TcpState::kClose, TcpState::kSynSent, at("127.0.0.1", 0), elsewhere, 77,
                 kClientTask);
    kernel.now += 100'000'000;
    kernel.connects();
    kernel.finish();
    CHECK(kernel.rows.texts.size() == 2);
    CHECK(kernel.rows.sides[0].connection == 1);
    CHECK(kernel.rows.sides[0].remote == kServer);
}

TEST_CASE("rows do not depend on when the clock is looked at") {
    Kernel rarely;
    converse(rarely);
    rarely.finish();
    Kernel again;
    const auto step = [&](void (Kernel::*piece)()) {
        (again.*piece)();
        again.tracker.advance(again.now);
        again.tracker.advance(again.now + 5'000);
    };
    step(&Kernel::listens);
    step(&Kernel::connects);
    step(&Kernel::accepts);
    step(&Kernel::replies);
    step(&Kernel::server_closes);
    step(&Kernel::client_closes);
    again.finish();
    CHECK(again.rows.texts == rarely.rows.texts);
}

TEST_CASE("a segment that never arrives holds the rows behind it no longer than the hold") {
    Kernel kernel;
    kernel.listens();
    kernel.connects();
    kernel.accepts();
    kernel.sent({kServer, kClient, tcp_flag::kAck, kK + 1, kJ + 1, 5, kLoopback, 41, 3});
    kernel.passes({kClient, kServer, tcp_flag::kAck, kJ + 1, kK + 1, 3, kLoopback, 42, 2});
    const auto shown = kernel.rows.texts.size();
    kernel.tracker.advance(kernel.now);
    CHECK(kernel.rows.texts.size() == shown);
    kernel.tracker.advance(kernel.now + Timeline::kHold);
    CHECK(kernel.rows.texts.size() == shown + 2);
    CHECK(kernel.rows.texts[shown] == "server . 1:6 ack 1 (not seen received)");
}

TEST_CASE("a port is waited for as long as a busy machine may take to choose it") {
    Kernel kernel;
    kernel.listens();
    Endpoint unbound = kClient;
    unbound.port = 0;
    kernel.state(TcpState::kClose, TcpState::kSynSent, unbound, kServer, 2, kClientTask);
    kernel.now += 100'000'000;
    kernel.tracker.advance(kernel.now);
    CHECK(kernel.rows.texts.size() == 1);
    kernel.passes(
        {kClient, kServer, tcp_flag::kSyn, kJ, 0, 0, kLoopback, 11, 2, TcpState::kSynSent});
    kernel.finish();
    REQUIRE(kernel.rows.sides.size() > 1);
    CHECK(kernel.rows.sides[1].local == kClient);
}

TEST_CASE("a large segment that arrives in pieces, and small ones glued together, are paired") {
    Kernel kernel;
    kernel.listens();
    kernel.connects();
    kernel.accepts();
    kernel.sent({kServer, kClient, tcp_flag::kAck, kK + 1, kJ + 1, 3000, kLoopback, 0, 3});
    kernel.received({kServer, kClient, tcp_flag::kAck, kK + 1, kJ + 1, 1000});
    kernel.received({kServer, kClient, tcp_flag::kAck, kK + 1001, kJ + 1, 2000});
    kernel.sent({kServer, kClient, tcp_flag::kAck, kK + 3001, kJ + 1, 10, kLoopback, 0, 3});
    kernel.sent({kServer, kClient, tcp_flag::kAck, kK + 3011, kJ + 1, 10, kLoopback, 0, 3});
    kernel.received({kServer, kClient, tcp_flag::kAck, kK + 3001, kJ + 1, 20});
    kernel.finish();
    const auto& texts = kernel.rows.texts;
    REQUIRE(texts.size() >= 3);
    CHECK(texts[texts.size() - 3] == "server . 1:3001 ack 1");
    CHECK(texts[texts.size() - 2] == "server . 3001:3011 ack 1");
    CHECK(texts[texts.size() - 1] == "server . 3011:3021 ack 1");
}

TEST_CASE("one packet on stacked devices is one segment") {
    Kernel kernel;
    const auto here = at("192.0.2.1", 5000);
    const auto there = at("198.51.100.1", 443);
    kernel.sent({here, there, tcp_flag::kSyn, kJ, 0, 0, 5, 51, 7, TcpState::kSynSent});
    kernel.sent({here, there, tcp_flag::kSyn, kJ, 0, 0, kEth, 51, 7, TcpState::kSynSent});
    kernel.received({there, here, tcp_flag::kSyn | tcp_flag::kAck, kK, kJ + 1, 0, kEth, 52});
    kernel.received({there, here, tcp_flag::kSyn | tcp_flag::kAck, kK, kJ + 1, 0, 5, 52});
    kernel.finish();
    CHECK(kernel.rows.texts == std::vector<std::string>{"client S 0:1 (not seen received)",
                                                        "server S. 0:1 ack 1 (not seen sent)"});
}

TEST_CASE("a packet that another namespace only forwards is not a second segment") {
    Kernel kernel;
    const auto here = at("192.0.2.1", 5000);
    const auto there = at("198.51.100.1", 443);
    const Wire syn{here, there, tcp_flag::kSyn, kJ, 0, 0, kEth, 61, 7, TcpState::kSynSent};
    kernel.sent(syn);
    kernel.netns = 99;
    kernel.received(syn);
    Wire forwarded = syn;
    forwarded.sk_state = TcpState::kUnknown;
    forwarded.cookie = 0;
    kernel.sent(forwarded);
    kernel.finish();
    CHECK(kernel.rows.texts.size() == 1);
}

TEST_CASE("a refused connection ends by the RST that was received") {
    Kernel kernel;
    kernel.connects();
    kernel.add(Reset{{kServer, kClient}, 0, true, TcpState::kUnknown, {"NO_SOCKET"}});
    kernel.passes({kServer, kClient, tcp_flag::kRst | tcp_flag::kAck, 0, kJ + 1, 0, kLoopback, 71,
                   0, TcpState::kClose});
    kernel.add(Reset{{kClient, kServer}, 2, false, TcpState::kSynSent, {}});
    kernel.state(TcpState::kSynSent, TcpState::kClose, kClient, kServer, 2, kClientTask,
                 Via::kSegment, 111);
    kernel.finish();
    CHECK(kernel.rows.has("server sends reset NO_SOCKET"));
    CHECK(kernel.rows.texts.back() == "client SYN_SENT>CLOSE rcv RST #4");
}

TEST_CASE("a request that a RST ends, and one that is given up, leave SYN_RECV") {
    Kernel kernel;
    kernel.listens();
    kernel.connects();
    kernel.timer(Mini::kRequest, TimerStep::kStart, kServer, kClient);
    SUBCASE("RST") {
        kernel.passes({kClient, kServer, tcp_flag::kRst, kJ + 1, 0, 0, kLoopback, 81, 2});
        kernel.timer(Mini::kRequest, TimerStep::kCancel, kServer, kClient);
        kernel.finish();
        CHECK(kernel.rows.texts.back() == "server SYN_RECV>CLOSE rcv RST #5");
    }
    SUBCASE("the third segment is refused (tcp_abort_on_overflow)") {
        kernel.passes({kClient, kServer, tcp_flag::kAck, kJ + 1, kK + 1, 0, kLoopback, 81, 2});
        kernel.add(Reset{{kServer, kClient}, 0, true, TcpState::kUnknown, {"INVALID_SYN"}});
        kernel.timer(Mini::kRequest, TimerStep::kCancel, kServer, kClient);
        kernel.finish();
        CHECK(kernel.rows.has("server SYN_RECV>CLOSE rcv ACK, no room #5"));
    }
    SUBCASE("SYN+ACK sent again") {
        kernel.timer(Mini::kRequest, TimerStep::kCancel, kServer, kClient);
        kernel.timer(Mini::kRequest, TimerStep::kExpire, kServer, kClient);
        kernel.timer(Mini::kRequest, TimerStep::kStart, kServer, kClient);
        kernel.finish();
        CHECK(kernel.rows.texts.back() == "server LISTEN>SYN_RECV rcv SYN #3");
    }
    SUBCASE("SYN+ACK sent again before its timer starts again") {
        const Wire syn_ack{kServer,
                           kClient,
                           tcp_flag::kSyn | tcp_flag::kAck,
                           kK,
                           kJ + 1,
                           0,
                           kLoopback,
                           82,
                           0,
                           TcpState::kNewSynRecv};
        kernel.passes(syn_ack);
        kernel.timer(Mini::kRequest, TimerStep::kExpire, kServer, kClient);
        kernel.passes(syn_ack);
        kernel.timer(Mini::kRequest, TimerStep::kStart, kServer, kClient);
        kernel.finish();
        CHECK(kernel.rows.texts.back() == "server S. 0:1 ack 1");
        CHECK(kernel.rows.texts.size() == 6);
    }
    SUBCASE("given up") {
        kernel.timer(Mini::kRequest, TimerStep::kCancel, kServer, kClient);
        kernel.timer(Mini::kRequest, TimerStep::kExpire, kServer, kClient);
        kernel.finish();
        CHECK(kernel.rows.texts.back() == "server SYN_RECV>CLOSE SYN+ACK timeout");
    }
}

TEST_CASE("an accepted socket is its listener's until a worker uses it") {
    Kernel kernel;
    kernel.listens();
    kernel.connects();
    kernel.accepts();
    const auto worker = task(6000, "worker");
    kernel.add(Owner{{kServer, kClient}, worker, 3, OwnerHow::kUse, TcpState::kEstablished});
    kernel.replies();
    kernel.finish();
    for (std::size_t i = 0; i < kernel.rows.sides.size(); ++i) {
        const auto& side = kernel.rows.sides[i];
        if (side.role != Role::kServer)
            continue;
        CHECK(side.owner.pid == (i < 8 ? kServerTask.pid : worker.pid));
    }
}

TEST_CASE("a socket that is older than the trace has the owner that held it at the start") {
    Kernel kernel;
    kernel.add(Owner{{kServer, kClient}, kServerTask, 3, OwnerHow::kSeed, TcpState::kEstablished});
    kernel.replies();
    kernel.finish();
    REQUIRE(kernel.rows.sides.size() == 2);
    CHECK(kernel.rows.sides[0].owner.pid == kServerTask.pid);
    CHECK(kernel.rows.texts[0] == "? P. 1:27 ack 1");
}

TEST_CASE("a gap is a row at its place") {
    Kernel kernel;
    kernel.listens();
    kernel.add(Lost{17, kernel.now});
    kernel.connects();
    kernel.finish();
    CHECK(kernel.rows.texts[1] == "- lost 17");
    CHECK(kernel.tracker.totals().lost == 17);
}

Drop drop_of(const Wire& wire, const std::string& reason) {
    Drop drop{.ends = {wire.from, wire.to},
              .cookie = wire.cookie,
              .skb = wire.skb,
              .seq = wire.seq,
              .ack = wire.ack,
              .payload = wire.payload,
              .flags = wire.flags};
    std::copy(reason.begin(), reason.end(), drop.reason.begin());
    return drop;
}

TEST_CASE("a drop is told of the very segment, not of its earlier copy") {
    Kernel kernel;
    kernel.listens();
    kernel.connects();
    kernel.accepts();
    const auto rows = [&] { return kernel.rows.texts.size(); };
    const Wire first{kClient, kServer, tcp_flag::kAck, kJ + 1, kK + 1, 5, kLoopback, 71, 2};
    auto second = first;
    second.skb = 72;
    kernel.passes(first);
    const auto n = rows();
    kernel.passes(second);
    kernel.add(drop_of(second, "TCP_OLD_DATA"));
    kernel.add(drop_of(first, "TCP_CSUM"));
    kernel.finish();
    CHECK(kernel.rows.texts[rows() - 2] ==
          "client dropped #" + std::to_string(n + 2) + " TCP_OLD_DATA");
    CHECK(kernel.rows.texts[rows() - 1] ==
          "client dropped #" + std::to_string(n + 1) + " TCP_CSUM");
    CHECK(kernel.tracker.totals().drops == 2);
}

TEST_CASE("a segment that is dropped on its way is not waited for") {
    Kernel kernel;
    kernel.listens();
    kernel.connects();
    kernel.accepts();
    const Wire wire{kClient, kServer, tcp_flag::kAck, kJ + 1, kK + 1, 5, kLoopback, 71, 2};
    kernel.sent(wire);
    kernel.add(drop_of(wire, "QDISC_DROP"));
    kernel.passes({kServer, kClient, tcp_flag::kAck, kK + 1, kJ + 1, 0, kLoopback, 73, 3});
    const auto& row = kernel.rows.entries.back();  // before any time has passed
    REQUIRE(std::holds_alternative<DropEntry>(row.body));
    CHECK(std::get<DropEntry>(row.body).n == row.n - 1);
    const auto& dropped = kernel.rows.entries[kernel.rows.entries.size() - 2].body;
    CHECK(std::get<SegmentEntry>(dropped).notes.has(Note::kNotReceived));
    kernel.finish();
}

TEST_CASE("a SYN that nobody saw leave tells the port of its connection") {
    Kernel kernel;
    kernel.state(TcpState::kClose, TcpState::kSynSent, at("127.0.0.1", 0), kServer, 2, kClientTask);
    kernel.add(
        drop_of({kClient, kServer, tcp_flag::kSyn, kJ, 0, 0, kLoopback, 71, 2}, "NETFILTER_DROP"));
    kernel.finish();
    CHECK(kernel.rows.texts == std::vector<std::string>{"client CLOSE>SYN_SENT connect()",
                                                        "client dropped NETFILTER_DROP"});
    CHECK(kernel.rows.sides[0].local == kClient);
    CHECK(kernel.tracker.totals().connections == 1);
}

TEST_CASE("a process that connects to itself has one socket for both ends") {
    Kernel kernel;
    kernel.state(TcpState::kClose, TcpState::kSynSent, kServer, kServer, 9, kClientTask);
    kernel.passes(
        {kServer, kServer, tcp_flag::kSyn, kJ, 0, 0, kLoopback, 91, 9, TcpState::kSynSent});
    kernel.state(TcpState::kSynSent, TcpState::kSynRecv, kServer, kServer, 9, kClientTask);
    kernel.finish();
    CHECK(kernel.rows.texts.back() == "client SYN_SENT>SYN_RECV rcv SYN #2");
}

TEST_CASE("memory does not grow with connections that are over") {
    Kernel kernel(false);
    kernel.listens();
    for (int i = 0; i < 2000; ++i) {
        kernel.connects();
        kernel.accepts();
        kernel.server_closes();
        kernel.client_closes();
        kernel.now += 3'000'000'000;
    }
    kernel.finish();
    CHECK(kernel.tracker.totals().connections == 2000);
    CHECK(kernel.tracker.known_connections() <= 4);
}

// recv() on a socket that a RST has closed, long ago, is a use; of the connection nothing is known
// any more.
TEST_CASE("who still holds a closed socket does not own the next connection of that name") {
    Kernel kernel;
    kernel.listens();
    const Task late{555, 555, 0, {"late"}, false};
    kernel.add(Owner{{kServer, kClient}, late, 77, OwnerHow::kUse, TcpState::kClose});
    kernel.received({kClient, kServer, tcp_flag::kSyn, kJ, 0, 0, kEth});  // from another host
    kernel.timer(Mini::kRequest, TimerStep::kStart, kServer, kClient);
    kernel.finish();
    const auto row = std::find(kernel.rows.texts.begin(), kernel.rows.texts.end(),
                               "server LISTEN>SYN_RECV rcv SYN #2");
    REQUIRE(row != kernel.rows.texts.end());
    const auto& owner =
        kernel.rows.sides[static_cast<std::size_t>(row - kernel.rows.texts.begin())].owner;
    CHECK(owner.pid == kServerTask.pid);
}

// Neither the FIN nor the RST behind it was answered, and meanwhile another connection went on.
TEST_CASE("a FIN that a RST followed stands before it, though both are told late") {
    Kernel kernel;
    StateInference inference;
    const auto at_ms = [&](MonoNs ms, const Wire& wire) {
        auto event = Event{ms * 1'000'000, kNetns, 0, segment(wire, true)};
        std::get<Segment>(event.body).ifindex = kEth;
        inference.add(event);
        for (Event next; inference.next(next);)
            kernel.tracker.add(next);
    };
    const auto ack = tcp_flag::kAck;
    const auto fin = static_cast<std::uint16_t>(tcp_flag::kFin | ack);
    const Endpoint other = at("192.0.2.9", 9);
    at_ms(0, {kClient, kServer, tcp_flag::kSyn, kJ});
    at_ms(1, {kServer, kClient, tcp_flag::kSyn | ack, kK, kJ + 1});
    at_ms(2, {kClient, kServer, ack, kJ + 1, kK + 1});
    at_ms(50, {kServer, kClient, fin, kK + 1, kJ + 1});
    at_ms(60, {kClient, kServer, ack, kJ + 1, kK + 1, 5});
    at_ms(70, {kServer, kClient, tcp_flag::kRst, kK + 2, 0});
    for (MonoNs ms = 100; ms < 600; ms += 50)
        at_ms(ms, {other, kServer, ack, static_cast<Seq>(ms), 1, 50});
    kernel.finish();
    const auto row = [&](const std::string& text) {
        return std::find(kernel.rows.texts.begin(), kernel.rows.texts.end(), text) -
               kernel.rows.texts.begin();
    };
    const auto end = static_cast<std::ptrdiff_t>(kernel.rows.texts.size());
    const auto fin_came = row("client ESTABLISHED>CLOSE_WAIT* rcv FIN");
    const auto reset_came = row("client CLOSE_WAIT>CLOSE* rcv RST");
    REQUIRE(fin_came < end);
    CHECK(reset_came == fin_came + 1);
}

// Of their TIME_WAIT nobody tells the end, but the next connection has their names.
TEST_CASE("memory does not grow with captured connections whose names are used again") {
    Kernel kernel;
    StateInference inference;
    const auto passes = [&](const Wire& wire) {
        for (const bool sent : {true, false})
            inference.add({kernel.now += 10'000, kNetns, 0, segment(wire, sent)});
        for (Event event; inference.next(event);)
            kernel.tracker.add(event);
    };
    for (Seq i = 0; i < 2000; ++i) {
        const Seq j = kJ + i * 1000;
        const Seq k = kK + i * 1000;
        passes({kClient, kServer, tcp_flag::kSyn, j});
        passes({kServer, kClient, tcp_flag::kSyn | tcp_flag::kAck, k, j + 1});
        passes({kClient, kServer, tcp_flag::kAck, j + 1, k + 1});
        passes({kServer, kClient, tcp_flag::kFin | tcp_flag::kAck, k + 1, j + 1});
        passes({kClient, kServer, tcp_flag::kFin | tcp_flag::kAck, j + 1, k + 2});
        passes({kServer, kClient, tcp_flag::kAck, k + 2, j + 2});
        kernel.now += 3'000'000'000;
    }
    CHECK(kernel.tracker.known_connections() <= 4);
    kernel.finish();
    CHECK(kernel.tracker.totals().connections == 2000);
    CHECK(kernel.rows.summaries.size() == 2000);
}

TEST_CASE("conversations that this host only forwards are forgotten when they fall silent") {
    Kernel kernel;
    for (std::uint16_t port = 1; port <= 1000; ++port) {
        kernel.received({at("192.0.2.1", port), at("198.51.100.1", 443), tcp_flag::kAck, kJ, kK, 5,
                         kEth, port});
        kernel.now += 1'000'000'000;
    }
    kernel.finish();
    CHECK(kernel.tracker.totals().connections == 1000);
    CHECK(kernel.tracker.known_connections() < 450);
}

}  // namespace
}  // namespace tcpladder::test

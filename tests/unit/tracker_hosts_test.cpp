// SPDX-License-Identifier: MIT
// The model fed with the events of several hosts, as the merge hands them over.
#include <doctest/doctest.h>

#include <algorithm>

#include "unit/fixtures.h"

namespace tcpladder::test {
namespace {

constexpr MonoNs kOneWay = 30'000'000;  // longer than any wait on one machine
constexpr NetNs kNear = netns_of(0, kNetns);
constexpr NetNs kFar = netns_of(1, kNetns);  // the same number on another host
const Endpoint kNearEnd = at("192.0.2.1", 40000);
const Endpoint kFarEnd = at("198.51.100.1", 443);

TraceInfo two_hosts() {
    TraceInfo info;
    info.hosts = {"near", "far"};
    info.hold = 200'000'000;
    return info;
}

/// A kernel per host, and a wire between them that takes its time.
struct TwoHosts : Kernel {
    explicit TwoHosts(const TraceInfo& info = two_hosts()) : Kernel(info) {}

    void near() { netns = kNear; }
    void far() { netns = kFar; }
    void crosses(const Wire& wire) {
        netns = wire.from == kNearEnd ? kNear : kFar;
        sent(wire);
        now += kOneWay;
        netns = wire.from == kNearEnd ? kFar : kNear;
        received(wire);
    }
};

Wire syn(TcpState state = TcpState::kSynSent) {
    return {kNearEnd, kFarEnd, tcp_flag::kSyn, kJ, 0, 0, kEth, 0, 0, state};
}
Wire syn_ack(TcpState state = TcpState::kNewSynRecv) {
    return {kFarEnd, kNearEnd, tcp_flag::kSyn | tcp_flag::kAck, kK, kJ + 1, 0, kEth, 0, 0, state};
}
Wire ack(TcpState state = TcpState::kEstablished) {
    return {kNearEnd, kFarEnd, tcp_flag::kAck, kJ + 1, kK + 1, 0, kEth, 0, 0, state};
}
Wire data(Seq offset, TcpState state = TcpState::kEstablished) {
    return {kNearEnd, kFarEnd, tcp_flag::kAck, kJ + 1 + offset, kK + 1, 100, kEth, 0, 0, state};
}

void handshake(TwoHosts& hosts) {
    hosts.far();
    hosts.state(TcpState::kClose, TcpState::kListen, at("0.0.0.0", 443), {}, 101, kServerTask);
    hosts.near();
    hosts.state(TcpState::kClose, TcpState::kSynSent, at("192.0.2.1", 0), kFarEnd, 2, kClientTask);
    auto first = syn();
    first.cookie = 2;
    hosts.crosses(first);
    hosts.timer(Mini::kRequest, TimerStep::kStart, kFarEnd, kNearEnd);
    hosts.crosses(syn_ack());
    hosts.state(TcpState::kSynSent, TcpState::kEstablished, kNearEnd, kFarEnd, 2, kClientTask);
    hosts.crosses(ack());
    hosts.state(TcpState::kListen, TcpState::kSynRecv, kFarEnd, kNearEnd, 103, kServerTask);
    hosts.state(TcpState::kSynRecv, TcpState::kEstablished, kFarEnd, kNearEnd, 103, kServerTask);
}

TEST_CASE("two hosts: one connection, one row per segment, the states of both with causes") {
    TwoHosts hosts;
    handshake(hosts);
    hosts.finish();
    const std::vector<std::string> expected = {
        "server CLOSE>LISTEN listen()",
        "client CLOSE>SYN_SENT connect()",
        "client S 0:1",
        "server LISTEN>SYN_RECV rcv SYN #3",
        "server S. 0:1 ack 1",
        "client SYN_SENT>ESTABLISHED rcv SYN+ACK #5",
        "client . 1:1 ack 1",
        "server SYN_RECV>ESTABLISHED rcv ACK #7",
    };
    CHECK(hosts.rows.texts == expected);
    CHECK(hosts.tracker.totals().connections == 1);
    CHECK(hosts.tracker.totals().unknown_causes == 0);
    const auto& row = std::get<SegmentEntry>(hosts.rows.entries[2].body);
    CHECK(row.received.value_or(0) - row.sent.value_or(0) == kOneWay + 10'000);
    CHECK(hosts.rows.sides[2].netns == kNear);
    CHECK(hosts.rows.sides[4].netns == kFar);
}

TEST_CASE("two hosts: a new SYN ends the TIME_WAIT on the other host, and is its cause") {
    TwoHosts hosts;
    handshake(hosts);
    hosts.far();
    hosts.timer(Mini::kTimeWait, TimerStep::kStart, kFarEnd, kNearEnd, 103, TcpState::kTimeWait);
    hosts.near();
    hosts.state(TcpState::kEstablished, TcpState::kClose, kNearEnd, kFarEnd, 2, kClientTask);
    hosts.state(TcpState::kClose, TcpState::kSynSent, kNearEnd, kFarEnd, 4, kClientTask);
    auto again = syn();
    again.seq += 70000;
    again.cookie = 4;
    hosts.crosses(again);
    hosts.timer(Mini::kTimeWait, TimerStep::kCancel, kFarEnd, kNearEnd, 103, TcpState::kTimeWait);
    hosts.timer(Mini::kRequest, TimerStep::kStart, kFarEnd, kNearEnd);
    hosts.finish();
    const auto ends = [](const std::string& text) {
        return text.starts_with("server TIME_WAIT>CLOSE rcv SYN #");
    };
    CHECK(std::ranges::any_of(hosts.rows.texts, ends));
    CHECK(hosts.rows.sides.back().connection == 2);
}

TEST_CASE("two hosts: on one machine a segment is given up before it could cross the wire") {
    TwoHosts hosts{TraceInfo{}};
    handshake(hosts);
    hosts.finish();
    CHECK(hosts.rows.has("client S 0:1 (not seen received)"));
}

TEST_CASE("two hosts: captures that know no sockets give one row per segment, too") {
    TwoHosts hosts;
    hosts.crosses(syn(TcpState::kUnknown));
    hosts.crosses(syn_ack(TcpState::kUnknown));
    hosts.crosses(ack(TcpState::kUnknown));
    hosts.crosses(data(0, TcpState::kUnknown));
    hosts.finish();
    CHECK(hosts.rows.texts == std::vector<std::string>{"client S 0:1", "server S. 0:1 ack 1",
                                                       "client . 1:1 ack 1",
                                                       "client . 1:101 ack 1"});
}

TEST_CASE("two hosts: a capture that began later joins the connection in its midst") {
    TwoHosts hosts;
    hosts.near();
    hosts.sent(syn());
    hosts.received(syn_ack());
    hosts.sent(ack());
    hosts.crosses(data(0));
    hosts.far();
    hosts.state(TcpState::kEstablished, TcpState::kCloseWait, kFarEnd, kNearEnd, 103, kServerTask);
    hosts.finish();
    CHECK(hosts.rows.has("client . 1:101 ack 1"));
    CHECK(hosts.tracker.totals().connections == 1);
}

TEST_CASE("two hosts: a router between them is no end once a socket is seen behind it") {
    TwoHosts hosts;
    const NetNs router = netns_of(2, kNetns);
    hosts.near();
    hosts.sent(syn());
    hosts.netns = router;
    hosts.received(syn());
    hosts.sent(syn(TcpState::kUnknown));
    hosts.far();
    hosts.received(syn());
    hosts.sent(syn_ack());
    hosts.netns = router;
    hosts.received(syn_ack());
    hosts.sent(syn_ack(TcpState::kUnknown));
    hosts.near();
    hosts.received(syn_ack());
    hosts.crosses(ack());
    hosts.finish();
    CHECK(hosts.rows.texts ==
          std::vector<std::string>{"client S 0:1", "server LISTEN>SYN_RECV rcv SYN #1",
                                   "server S. 0:1 ack 1", "client . 1:1 ack 1"});
    CHECK(hosts.rows.sides[2].netns == kFar);
}

/// With a time stamp option, as every copy of a segment has its own.
Segment stamped(const Wire& wire, bool sent, std::uint8_t stamp) {
    auto result = segment(wire, sent);
    const std::uint8_t option[] = {1, 1, 8, 10, 0, 0, 0, stamp, 0, 0, 0, 1};
    std::copy(std::begin(option), std::end(option), result.headers.begin() + 40);
    result.tcp.header_bytes = 52;
    result.captured = 52;
    result.length += 12;
    return result;
}

TEST_CASE("two hosts: the receipt of a retransmission is not that of the lost segment") {
    for (const bool cut : {false, true}) {
        CAPTURE(cut);
        TwoHosts hosts;
        handshake(hosts);
        hosts.near();
        hosts.add(stamped(data(0), true, 1));
        hosts.now += 100'000'000;
        hosts.add(stamped(data(0), true, 2));
        hosts.now += kOneWay;
        hosts.far();
        if (cut) {
            auto part = data(0);
            part.payload = 60;
            hosts.add(stamped(part, false, 2));
            part.seq += 60;
            part.payload = 40;
            hosts.add(stamped(part, false, 2));
        } else {
            hosts.add(stamped(data(0), false, 2));
        }
        hosts.finish();
        const auto count = hosts.rows.texts.size();
        CHECK(hosts.rows.texts[count - 2] == "client . 1:101 ack 1 (not seen received)");
        CHECK(hosts.rows.texts[count - 1] == "client . 1:101 ack 1");
    }
}

}  // namespace
}  // namespace tcpladder::test

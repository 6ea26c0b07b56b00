// SPDX-License-Identifier: MIT
#include "model/tcp_state.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using tcpladder::is_legal;
using tcpladder::name;
using tcpladder::tcp_state_from;
using tcpladder::TcpState;
using enum TcpState;

constexpr std::array kAll{kUnknown,  kEstablished, kSynSent,   kSynRecv, kFinWait1, kFinWait2,
                          kTimeWait, kClose,       kCloseWait, kLastAck, kListen,   kClosing};

using Edge = std::pair<TcpState, TcpState>;

/// All of them; everything else is not legal.
const std::vector<Edge> kEdges{
    // opening
    {kClose, kListen},
    {kClose, kSynSent},
    {kListen, kSynRecv},
    {kSynSent, kSynRecv},  // simultaneous open
    {kSynSent, kEstablished},
    {kSynRecv, kEstablished},
    // closing
    {kSynRecv, kFinWait1},
    {kSynRecv, kCloseWait},  // a FIN before the handshake is complete
    {kEstablished, kFinWait1},
    {kEstablished, kCloseWait},
    {kFinWait1, kFinWait2},
    {kFinWait1, kClosing},
    {kFinWait1, kTimeWait},  // FIN and the ACK of ours in one segment
    {kFinWait2, kTimeWait},
    {kClosing, kTimeWait},
    {kCloseWait, kLastAck},
    // the end, and the one way out of it
    {kLastAck, kClose},
    {kTimeWait, kClose},
    {kTimeWait, kSynRecv},
    // abort, reset or timeout
    {kListen, kClose},
    {kSynSent, kClose},
    {kSynRecv, kClose},
    {kEstablished, kClose},
    {kFinWait1, kClose},
    {kFinWait2, kClose},
    {kClosing, kClose},
    {kCloseWait, kClose},
};

bool is_edge(TcpState from, TcpState to) {
    return std::find(kEdges.begin(), kEdges.end(), Edge{from, to}) != kEdges.end();
}

}  // namespace

TEST_CASE("the kernel's numbers 1 to 12 are states, and no other number is") {
    for (unsigned number = 1; number <= 12; ++number) {
        const auto state = tcp_state_from(number);
        REQUIRE(state.has_value());
        CHECK(static_cast<unsigned>(*state) == number);
    }
    for (const unsigned number : {0U, 13U, 255U, 256U + 1U, std::numeric_limits<unsigned>::max()}) {
        CHECK_FALSE(tcp_state_from(number).has_value());
    }
}

TEST_CASE("states have Linux's names") {
    CHECK(name(kEstablished) == "ESTABLISHED");
    CHECK(name(kSynSent) == "SYN_SENT");
    CHECK(name(kSynRecv) == "SYN_RECV");
    CHECK(name(kFinWait1) == "FIN_WAIT1");
    CHECK(name(kFinWait2) == "FIN_WAIT2");
    CHECK(name(kTimeWait) == "TIME_WAIT");
    CHECK(name(kClose) == "CLOSE");
    CHECK(name(kCloseWait) == "CLOSE_WAIT");
    CHECK(name(kLastAck) == "LAST_ACK");
    CHECK(name(kListen) == "LISTEN");
    CHECK(name(kClosing) == "CLOSING");
}

TEST_CASE("a request socket shows as SYN_RECV, and a state that is not known as ?") {
    CHECK(name(kNewSynRecv) == "SYN_RECV");
    CHECK(name(kUnknown) == "?");
}

TEST_CASE("exactly the ways of RFC 9293 are legal") {
    for (const TcpState from : kAll) {
        for (const TcpState to : kAll) {
            CAPTURE(name(from));
            CAPTURE(name(to));
            CHECK(is_legal(from, to) == is_edge(from, to));
        }
    }
}

TEST_CASE("a request socket has the ways of SYN_RECV") {
    for (const TcpState other : kAll) {
        CAPTURE(name(other));
        CHECK(is_legal(kNewSynRecv, other) == is_legal(kSynRecv, other));
        CHECK(is_legal(other, kNewSynRecv) == is_legal(other, kSynRecv));
    }
    CHECK_FALSE(is_legal(kNewSynRecv, kNewSynRecv));
}

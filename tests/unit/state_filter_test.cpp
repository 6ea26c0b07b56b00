// SPDX-License-Identifier: MIT
#include "model/state_filter.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "unit/fixtures.h"

namespace tcpladder::test {
namespace {

/// The daytime conversation through the filter, as the rows' positions.
std::vector<std::string> through(std::vector<TcpState> states) {
    Rows rows;
    StateFilter filter(rows, std::move(states));
    Kernel kernel;
    kernel.listens();
    kernel.connects();
    kernel.accepts();
    kernel.replies();
    kernel.server_closes();
    kernel.client_closes();
    kernel.finish();
    for (std::size_t i = 0; i < kernel.rows.entries.size(); ++i) {
        auto entry = kernel.rows.entries[i];
        entry.side = &kernel.rows.sides[i];
        filter.entry(entry);
    }
    return rows.texts;
}

bool is_state(const std::string& text) {
    return text.find('>') != std::string::npos;
}

TEST_CASE("rows pass from the transition into the state to the one out of it") {
    const auto rows = through({TcpState::kSynSent});
    REQUIRE(rows.size() > 2);
    CHECK(rows.front() == "client CLOSE>SYN_SENT connect()");
    CHECK(rows.back().starts_with("client SYN_SENT>ESTABLISHED"));
    for (const auto& row : rows)
        CHECK(row.find("FIN") == std::string::npos);
}

TEST_CASE("a listener is a state, too, and no connection") {
    const auto rows = through({TcpState::kListen});
    REQUIRE_FALSE(rows.empty());
    CHECK(rows.front() == "server CLOSE>LISTEN listen()");
    for (const auto& row : rows)
        CHECK(is_state(row));  // no segments: what the listener does is not its children's
}

TEST_CASE("with two states it is as long as one of the ends is in one of them") {
    const auto rows = through({TcpState::kCloseWait, TcpState::kLastAck});
    REQUIRE(rows.size() >= 3);
    CHECK(rows.front().starts_with("client ESTABLISHED>CLOSE_WAIT"));
    CHECK(rows.back().starts_with("client LAST_ACK>CLOSE"));
}

TEST_CASE("a state that is never reached shows nothing") {
    CHECK(through({TcpState::kClosing}).empty());
}

TEST_CASE("rows about the trace itself pass") {
    Rows rows;
    StateFilter filter(rows, {TcpState::kClosing});
    filter.entry({1, 0, nullptr, LostEntry{3, 0}});
    CHECK(rows.texts.size() == 1);
}

TEST_CASE("states go by the names of Linux, RFC 9293 and ss") {
    for (const auto* name : {"SYN_RECV", "SYN-RECEIVED", "syn-recv", "SYN_RCVD"})
        CHECK_MESSAGE(tcp_state_named(name) == TcpState::kSynRecv, name);
    for (const auto* name : {"FIN_WAIT1", "FIN-WAIT-1", "fin-wait-1"})
        CHECK_MESSAGE(tcp_state_named(name) == TcpState::kFinWait1, name);
    for (const auto* name : {"ESTABLISHED", "estab", "Established"})
        CHECK_MESSAGE(tcp_state_named(name) == TcpState::kEstablished, name);
    CHECK(tcp_state_named("CLOSED") == TcpState::kClose);
    CHECK(tcp_state_named("unconnected") == TcpState::kClose);
    CHECK(tcp_state_named("listening") == TcpState::kListen);
    CHECK(tcp_state_named("time-wait") == TcpState::kTimeWait);
    for (const auto* name : {"", "-", "SYN", "FIN_WAIT", "FIN_WAIT3", "ESTABLISHED "})
        CHECK_MESSAGE(!tcp_state_named(name), name);
    for (unsigned i = 1; i < 12; ++i)
        CHECK(tcp_state_named(name(*tcp_state_from(i))) == tcp_state_from(i));
}

}  // namespace
}  // namespace tcpladder::test

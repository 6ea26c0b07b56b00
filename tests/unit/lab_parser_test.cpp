// SPDX-License-Identifier: MIT
#include "lab/scenario_parser.h"

#include <cerrno>

#include <doctest/doctest.h>

#include "lab/catalog.h"
#include "model/packet.h"
#include "support/error.h"

namespace tcpladder::lab::test {
namespace {

constexpr std::string_view kHead = "title T\nshows S\n";
constexpr std::string_view kTail = "expect client\n  CLOSE -> SYN_SENT connect()\n";

Scenario parse(const std::string& text) {
    return parse_scenario(text, "x.lab", "x");
}
/// A whole scenario with this line as its only step.
Step step(const std::string& line) {
    return parse(std::string(kHead) + line + "\n" + std::string(kTail)).steps.at(0);
}
template <typename What>
What step_of(const std::string& line) {
    return std::get<What>(step(line).what);
}
Expectation expectation(const std::string& lines) {
    return parse(std::string(kHead) + "client opens\n" + lines).expectations.at(0);
}
std::string refusal(const std::string& text) {
    try {
        parse(text);
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}
std::string step_refusal(const std::string& line) {
    return refusal(std::string(kHead) + line + "\n" + std::string(kTail));
}

TEST_CASE("a scenario's head is prose, which goes on with indented lines") {
    const auto scenario = parse(
        "# a comment\ntitle A title # is whole\nshows one\n  and two\nlook here\nlook there\n"
        "client opens  # a comment\nexpect client\n  nothing\n");
    CHECK(scenario.title == "A title # is whole");
    CHECK(scenario.shows == "one and two");
    CHECK(scenario.look == std::vector<std::string>{"here", "there"});
    REQUIRE(scenario.steps.size() == 1);
    CHECK(scenario.steps[0].line == 7);
    CHECK(scenario.steps[0].text == "client opens");
}

TEST_CASE("an actor's socket has a name of its own, or the usual one") {
    CHECK(step_of<Call>("client connects").socket == "conn");
    CHECK(step_of<Call>("server listens").socket == "listener");
    CHECK(step_of<Call>("client.second connects").socket == "second");
    CHECK(step_of<Call>("server.c accepts from other").listener == "other");
}

TEST_CASE("calls carry their numbers and the error they have to give") {
    const auto connect = step_of<Call>("client connects from port 4000 port 81 -> ECONNREFUSED");
    CHECK(connect.verb == Verb::kConnect);
    CHECK(connect.from_port == 4000);
    CHECK(connect.port == 81);
    CHECK(connect.error == ECONNREFUSED);
    CHECK(step_of<Call>("client starts to connect").verb == Verb::kStartConnect);
    CHECK(step_of<Call>("client connects with 5 bytes").verb == Verb::kFastOpen);
    CHECK(step_of<Call>("server listens backlog 1 port 80").number == 1);
    CHECK(step_of<Call>("client sends 1000 bytes").number == 1000);
    CHECK(step_of<Call>("server receives the end").verb == Verb::kReceiveEnd);
    CHECK(step_of<Call>("client sets TCP_LINGER2 -1").number == -1);
    CHECK(step_of<Call>("client shuts down writing").verb == Verb::kShutdown);
    CHECK(step_of<Call>("server is killed").verb == Verb::kKill);
}

TEST_CASE("a sysctl without a dot is one of IPv4, and both hosts are two steps") {
    const auto scenario =
        parse(std::string(kHead) + "both sysctl tcp_rmem 4096 8192 16384\n" + std::string(kTail));
    REQUIRE(scenario.steps.size() == 2);
    const auto& second = std::get<Sysctl>(scenario.steps[1].what);
    CHECK(second.host == Host::kServer);
    CHECK(second.name == "net.ipv4.tcp_rmem");
    CHECK(second.value == "4096 8192 16384");
}

TEST_CASE("a rule of the wire says which segments and what becomes of them") {
    const auto rule = step_of<WireRule>("wire drops the 2nd SYN+ACK from server");
    CHECK(rule.deed == Deed::kDrop);
    CHECK(rule.which.kind == Kind::kSynAck);
    CHECK(rule.which.from == Host::kServer);
    CHECK(rule.which.first == 2);
    CHECK(rule.which.count == 1);
    CHECK(step_of<WireRule>("wire holds every FIN from client").which.count == 0);
    CHECK(step_of<WireRule>("wire drops first 3 data from client").which.count == 3);
    const auto chance = step_of<WireRule>("wire swaps 5% of segment from server seed 7").which;
    CHECK(chance.percent == 5);
    CHECK(chance.seed == 7);
    const auto answer = step_of<WireRule>("wire answers next SYN from client with R. from server");
    CHECK(answer.deed == Deed::kAnswer);
    CHECK(answer.answer.flags == (tcp_flag::kRst | tcp_flag::kAck));
}

TEST_CASE("an injected segment has its numbers relative to the connection") {
    const auto forged =
        step_of<Forged>("wire injects RST from server seq next-1 ack start+1 len 3 win 0 port 9");
    CHECK(forged.flags == tcp_flag::kRst);
    CHECK(forged.seq.base == Place::Base::kNext);
    CHECK(forged.seq.offset == -1);
    CHECK(forged.ack.base == Place::Base::kStart);
    CHECK(forged.ack.offset == 1);
    CHECK(forged.length == 3);
    CHECK(forged.window == 0);
    CHECK(forged.port == 9);
    CHECK(step_of<Forged>("wire injects SYN from client seq 77").seq.base ==
          Place::Base::kAbsolute);
    CHECK(step_of<Forged>("wire injects ICMP host-unreachable from server").icmp);
}

TEST_CASE("a wait is for a state, a segment, a resend, a reset or the wire") {
    const auto state = step_of<StateWait>("wait until client of connection 2 is CLOSE 2nd time");
    CHECK(state.host == Host::kClient);
    CHECK(state.connection == 2);
    CHECK(state.state == TcpState::kClose);
    CHECK(state.times == 2);
    CHECK_FALSE(step_of<StateWait>("wait until listener is LISTEN").host);
    CHECK(step_of<SegmentWait>("wait for 2nd SYN from client").times == 2);
    CHECK(step_of<SegmentWait>("wait for SYN+ACK at client").arrival);
    CHECK(step_of<ResendWait>("wait for resend by client TLP").why == "TLP");
    CHECK(step_of<ResetWait>("wait for reset by server").sent);
    CHECK(step_of<WireWait>("wait until wire holds 2").held);
    CHECK(step_of<Pause>("time passes 1100ms").time == std::chrono::milliseconds(1100));
}

TEST_CASE("expected transitions have causes, alternatives, a star, and an open end") {
    const auto states = std::get<ExpectedStates>(
        expectation("expect server of connection 3\n  LISTEN -> SYN_RECV * rcv SYN\n"
                    "  maybe SYN_RECV -> CLOSE rcv RST | SYN+ACK timeout\n  ...\n")
            .what);
    CHECK(states.host == Host::kServer);
    CHECK(states.connection == 3);
    CHECK(states.open_end);
    REQUIRE(states.steps.size() == 2);
    CHECK(states.steps[0].inferred);
    CHECK(states.steps[1].maybe);
    CHECK(states.steps[1].causes == std::vector<std::string>{"rcv RST", "SYN+ACK timeout"});
}

TEST_CASE("other expectations are one line or a list of segments") {
    const auto segments = std::get<ExpectedSegments>(
        expectation("expect segments\n  client S seq 0 lost\n  server RST+ACK injected\n").what);
    REQUIRE(segments.segments.size() == 2);
    CHECK(segments.segments[0].lost);
    CHECK(segments.segments[1].forged);
    CHECK(std::get<ExpectedAbsence>(expectation("expect no RST from server\n").what).kind ==
          Kind::kRst);
    CHECK(std::get<ExpectedResend>(expectation("expect resend by client RTO 2nd time\n").what)
              .times == 2);
    CHECK(
        std::get<ExpectedReset>(expectation("expect reset by server A|B\n").what).reasons.size() ==
        2);
}

TEST_CASE("an error gives file, line and the words that offend") {
    CHECK(step_refusal("client dances") ==
          "x.lab:3: 'dances': an actor opens, binds, listens, sets, connects, starts, finishes "
          "connecting, accepts, sends, receives, shuts down, closes, disconnects, is destroyed, is "
          "killed or sysctl");
    CHECK(step_refusal("wire drops 1st SIN from client") ==
          "x.lab:3: 'SIN': here must be SYN, SYN+ACK, ACK, data, FIN, RST or segment");
    CHECK(step_refusal("client connects port 99999") ==
          "x.lab:3: '99999': here must be a port, a number from 1 to 65535");
    CHECK(step_refusal("client closes now") == "x.lab:3: 'now': the line should end before this");
    CHECK(step_refusal("wait until client is") == "x.lab:3: after 'is': here must be a state");
    CHECK(step_refusal("client sends 5") == "x.lab:3: after '5': here must be 'byte'");
    CHECK(step_refusal("client opens\n  client opens")
              .starts_with("x.lab:4: 'client': an indented line"));
    CHECK(step_refusal("wait for \"SYN").ends_with("the closing \" is missing"));
    CHECK(step_refusal("time passes 1h").starts_with("x.lab:3: '1h': here must be a time"));
    CHECK(step_refusal("client connects -> EWHAT").starts_with("x.lab:3: 'EWHAT'"));
    CHECK(step_refusal("client sysctl ../x 1").starts_with("x.lab:3: '../x'"));
}

TEST_CASE("a scenario without its parts is refused") {
    CHECK(refusal("") == "x.lab:0: the scenario has no 'title'");
    CHECK(refusal("title T\n").ends_with("no 'shows'"));
    CHECK(refusal("title T\ntitle U\n") == "x.lab:2: 'title': there is one already");
    CHECK(refusal(std::string(kHead) + std::string(kTail)).ends_with("no step"));
    CHECK(refusal(std::string(kHead) + "client opens\n").find("expects nothing") !=
          std::string::npos);
    CHECK(refusal(std::string(kHead) + "client opens\nexpect client\n")
              .starts_with("x.lab:4: 'expect client': indented lines"));
    CHECK(refusal(std::string(kHead) + "client opens\n" + std::string(kTail) + "client closes\n")
              .find("after the first 'expect'") != std::string::npos);
    CHECK(refusal(std::string(2 << 20, 'x')).find("larger") != std::string::npos);
    CHECK(refusal(std::string("title\0", 6)).find("NUL") != std::string::npos);
}

TEST_CASE("a file that is cut anywhere is read or refused, never worse") {
    for (const auto& entry : catalog()) {
        for (std::size_t size = 0; size < entry.text.size(); ++size) {
            const auto problem = refusal(std::string(entry.text.substr(0, size)));
            CHECK((problem.empty() || problem.starts_with("x.lab:")));
        }
    }
}

TEST_CASE("every scenario of the catalog is well-formed") {
    CHECK_FALSE(catalog().empty());
    for (const auto& entry : catalog())
        CHECK_NOTHROW(parse_scenario(entry.text, std::string(entry.name), std::string(entry.name)));
}

}  // namespace
}  // namespace tcpladder::lab::test

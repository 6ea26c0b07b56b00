// SPDX-License-Identifier: MIT
// Two ACKs of one request on two CPUs: as kernels tell it, after recordings of 6.1.
#include <doctest/doctest.h>

#include "unit/fixtures.h"

namespace tcpladder::test {
namespace {

constexpr std::uint64_t kChild = 3;
constexpr std::uint64_t kOtherChild = 4;

/// Up to the moment when the third segment has come to CPU 1 and the client's first data to CPU 0,
/// and neither has been handled.
struct Race : Kernel {
    Race() {
        cpu = 1;
        listens();
        connects();
        timer(Mini::kRequest, TimerStep::kStart, kServer, kClient);
        passes({kServer, kClient, tcp_flag::kSyn | tcp_flag::kAck, kK, kJ + 1, 0, kLoopback, 12, 0,
                TcpState::kNewSynRecv});
        state(TcpState::kSynSent, TcpState::kEstablished, kClient, kServer, 2, kClientTask);
        passes({kClient, kServer, tcp_flag::kAck, kJ + 1, kK + 1, 0, kLoopback, 13, 2});
        cpu = 0;
        passes({kClient, kServer, tcp_flag::kPsh | tcp_flag::kAck, kJ + 1, kK + 1, 18, kLoopback,
                14, 2});
    }

    /// Before 6.17 a child is born as its listener.
    void born_as_listener() { state(TcpState::kListen, TcpState::kSynRecv, kServer, {}, 1, {}); }
    void wins(std::uint16_t on_cpu) {
        cpu = on_cpu;
        timer(Mini::kRequest, TimerStep::kCancel, kServer, kClient);
        state(TcpState::kSynRecv, TcpState::kEstablished, kServer, kClient, kChild, {});
    }
    void undone(std::uint16_t on_cpu, Via via = Via::kSegment) {
        cpu = on_cpu;
        state(TcpState::kSynRecv, TcpState::kClose, kServer, kClient, kOtherChild, kClientTask,
              via);
    }

    std::vector<std::string> states_of_server() {
        finish();
        std::vector<std::string> found;
        for (const auto& text : rows.texts) {
            if (text.starts_with("server ") && text.find('>') != std::string::npos)
                found.push_back(text);
        }
        return found;
    }
};

std::vector<std::string> established_by(const std::string& cause) {
    return {"server CLOSE>LISTEN listen()", "server LISTEN>SYN_RECV rcv SYN #3",
            "server SYN_RECV>ESTABLISHED " + cause};
}

TEST_CASE("of two ACKs on two CPUs, the one that came to the transition's made it") {
    Race race;
    race.born_as_listener();
    SUBCASE("the later one") {
        race.wins(0);
        CHECK(race.states_of_server() == established_by("rcv ACK #8"));
    }
    SUBCASE("the earlier one") {
        race.wins(1);
        CHECK(race.states_of_server() == established_by("rcv ACK #7"));
    }
    SUBCASE("on a CPU that no segment came to: the latest") {
        race.wins(2);
        CHECK(race.states_of_server() == established_by("rcv ACK #8"));
    }
}

TEST_CASE("a child that comes too late and is undone is not the connection") {
    Race race;
    SUBCASE("born as its listener") {
        race.born_as_listener();
        race.wins(0);
        race.born_as_listener();
        race.undone(1);
    }
    SUBCASE("born under its own name") {
        race.born(kChild);
        race.wins(0);
        race.born(kOtherChild);
        race.undone(1);
    }
    SUBCASE("without a call chain") {
        race.born_as_listener();
        race.wins(0);
        race.undone(1, Via::kNotTaken);
    }
    SUBCASE("undone before the other one is established") {
        race.born(kChild);
        race.born(kOtherChild);
        race.undone(1);
        race.wins(0);
    }
    CHECK(race.states_of_server() == established_by("rcv ACK #8"));
}

TEST_CASE("a child that is undone when the connection is over does not bring it back") {
    Race race;
    race.born(kChild);
    race.wins(0);
    race.state(TcpState::kEstablished, TcpState::kClose, kServer, kClient, kChild, kServerTask,
               Via::kClose);
    race.born(kOtherChild);
    race.undone(1);
    CHECK(race.states_of_server().back() == "server ESTABLISHED>CLOSE close(), abort");
}

TEST_CASE("a child that ends with an error was the connection") {
    Race race;
    race.born(kChild);
    race.state(TcpState::kSynRecv, TcpState::kClose, kServer, kClient, kChild, {}, Via::kTimer,
               110);
    CHECK(race.states_of_server().back() == "server SYN_RECV>CLOSE timeout");
}

}  // namespace
}  // namespace tcpladder::test

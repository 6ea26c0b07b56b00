// SPDX-License-Identifier: MIT
#include "model/selection.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "unit/fixtures.h"

namespace tcpladder::test {
namespace {

constexpr MonoNs kMs = 1'000'000;
constexpr std::uint64_t kForeign = 77;  // cookie of another process's socket

/// What comes through, by its time in ms.
struct Gate {
    Selection selection;
    std::vector<MonoNs> passed;

    void add(MonoNs ms, const decltype(Event::body)& body, bool undecided, NetNs netns = kNetns) {
        selection.add({ms * kMs, netns, 0, body, undecided});
    }
    void until(MonoNs ms) {
        selection.release(ms * kMs, [&](const Event& event) {
            CHECK_FALSE(event.undecided);
            passed.push_back(event.time / kMs);
        });
    }
};

StateChange connects(const Endpoint& to, std::uint64_t cookie) {
    StateChange change;
    change.ends = {{kClient.address, 0}, to};
    change.cookie = cookie;
    change.from = TcpState::kClose;
    change.to = TcpState::kSynSent;
    return change;
}

Segment syn(const Endpoint& from, const Endpoint& to, bool sent, std::uint64_t cookie) {
    return segment({from, to, tcp_flag::kSyn, kJ, 0, 0, kEth, 5, cookie}, sent);
}

TEST_CASE("what is decided passes at once, in order") {
    Gate gate;
    gate.add(1, connects(kServer, 2), false);
    gate.add(2, syn(kClient, kServer, true, 2), false);
    gate.until(2);
    CHECK(gate.passed == std::vector<MonoNs>{1, 2});
    CHECK(gate.selection.empty());
}

TEST_CASE("another process's connect and SYN pass if the SYN arrives at a chosen listener") {
    const auto client = at("192.0.2.1", 4000);
    const auto server = at("192.0.2.2", 80);
    Gate gate;
    gate.add(1, connects(server, kForeign), true);
    gate.add(2, syn(client, server, true, kForeign), true);
    gate.until(3);
    CHECK(gate.passed.empty());
    gate.add(4, syn(client, server, false, 0), false, kNetns + 1);
    gate.until(4);
    CHECK(gate.passed == std::vector<MonoNs>{1, 2, 4});
}

TEST_CASE("over loopback the SYN is decided when it leaves, and its connect with it") {
    Gate gate;
    gate.add(1, connects(kServer, kForeign), true);
    gate.add(2, syn(kClient, kServer, true, kForeign), false);
    gate.until(2);
    CHECK(gate.passed == std::vector<MonoNs>{1, 2});
}

TEST_CASE("a SYN that arrives nowhere is another's, and holds back the rest for 20 ms only") {
    Gate gate;
    gate.add(1, connects(kServer, kForeign), true);
    gate.add(2, syn(kClient, kServer, true, kForeign), true);
    gate.add(3, Lost{}, false);
    gate.until(20);
    CHECK(gate.passed.empty());
    CHECK(gate.selection.complete_until(20 * kMs) == 1 * kMs);
    gate.until(22);
    CHECK(gate.passed == std::vector<MonoNs>{3});
    CHECK(gate.selection.complete_until(22 * kMs) == 22 * kMs);
}

TEST_CASE("the same loopback ends in two namespaces are two connections") {
    Gate gate;
    gate.add(1, syn(kClient, kServer, true, kForeign), true, kNetns);
    gate.add(2, syn(kClient, kServer, false, 0), false, kNetns + 1);
    gate.until(50);
    CHECK(gate.passed == std::vector<MonoNs>{2});
}

TEST_CASE("a noisy neighbour does not use up memory, nor disturb the order") {
    Gate gate;
    for (MonoNs ms = 1; ms < 50'000; ++ms) {
        gate.add(ms, syn(at("10.0.0.1", 99), kServer, true, kForeign), true);
        gate.add(ms, syn(at("192.0.2.1", static_cast<std::uint16_t>(ms)), kServer, false, 0),
                 false);
        gate.until(ms);
    }
    gate.until(60'000);
    CHECK(gate.passed.size() == 49'999);
    CHECK(std::is_sorted(gate.passed.begin(), gate.passed.end()));
    CHECK(gate.selection.empty());
}

}  // namespace
}  // namespace tcpladder::test

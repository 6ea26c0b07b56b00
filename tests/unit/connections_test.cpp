// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "model/connections.h"

namespace tcpladder::test {
namespace {

constexpr NetNs kHere = 1;
constexpr NetNs kThere = 2;
constexpr MonoNs kLater = 1'000;

Endpoint endpoint(std::uint16_t port) {
    return {parse_address("127.0.0.1"), port};
}
SocketEnds ends(std::uint16_t local, std::uint16_t remote) {
    return {endpoint(local), endpoint(remote)};
}

TEST_CASE("both ends are found by their names, in their namespace") {
    Connections connections;
    auto& client = connections.open(kHere, ends(1000, 80), true);
    auto& other = connections.open(kHere, ends(1001, 80), true);
    CHECK(connections.find(kHere, ends(1000, 80)) == &client);
    CHECK(connections.find(kHere, ends(80, 1000)) == client.peer);
    CHECK(connections.find(kHere, ends(80, 1001)) == other.peer);
    CHECK(connections.find(kHere, ends(1001, 80)) == &other);
    CHECK(connections.find(kThere, ends(1001, 80)) == nullptr);
    CHECK(connections.find(kHere, ends(1002, 80)) == nullptr);
}

// What was found last is tried first: so each finding follows one of what it must not give.
TEST_CASE("a name or cookie that another end has taken is its own") {
    Connections connections;
    auto& old = connections.open(kHere, ends(1000, 80), true);
    connections.set_cookie(old, 7);
    CHECK(connections.find_cookie(7) == &old);
    CHECK(connections.find(kHere, ends(1000, 80)) == &old);

    auto& next = connections.open(kHere, ends(1000, 80), true);
    CHECK(connections.find_cookie(7) == &old);
    CHECK(connections.find(kHere, ends(1000, 80)) == &next);
    CHECK(connections.find_cookie(7) == &old);
    CHECK(connections.find(kHere, ends(80, 1000)) == next.peer);

    CHECK(connections.find_cookie(7) == &old);
    connections.set_cookie(next, 7);
    CHECK(connections.find_cookie(7) == &next);
    connections.set_cookie(next, 8);
    CHECK(connections.find_cookie(7) == nullptr);
    CHECK(connections.find_cookie(8) == &next);
}

TEST_CASE("an end that has another port or namespace has its old name no more") {
    Connections connections;
    auto& side = connections.open(kHere, ends(1000, 80), true);
    CHECK(connections.find(kHere, ends(1000, 80)) == &side);
    connections.set_local(side, endpoint(2000));
    CHECK(connections.find(kHere, ends(1000, 80)) == nullptr);
    CHECK(connections.find(kHere, ends(80, 1000)) == nullptr);
    CHECK(connections.find(kHere, ends(2000, 80)) == &side);
    CHECK(connections.find(kHere, ends(80, 2000)) == side.peer);
    connections.set_netns(side, kThere);
    CHECK(connections.find(kHere, ends(2000, 80)) == nullptr);
    CHECK(connections.find(kThere, ends(2000, 80)) == &side);
}

TEST_CASE("what is retired is not found, though it was found last") {
    Connections connections;
    auto& side = connections.open(kHere, ends(1000, 80), true);
    connections.set_cookie(side, 7);
    connections.retire(*side.connection, kLater);
    CHECK(connections.find_cookie(7) == &side);
    CHECK(connections.retire_next(kLater) == side.connection);
    CHECK(connections.find_cookie(7) == nullptr);
    CHECK(connections.find(kHere, ends(1000, 80)) == nullptr);
    connections.forget_retired();
    CHECK(connections.find(kHere, ends(80, 1000)) == nullptr);
    auto& again = connections.open(kHere, ends(1000, 80), true);
    CHECK(connections.alive() == 1);
    CHECK(connections.find_cookie(7) == nullptr);
    CHECK(connections.find(kHere, ends(1000, 80)) == &again);
}

TEST_CASE("among many, each is found") {
    constexpr std::uint16_t kMany = 20'000;  // the table becomes large
    Connections connections;
    for (std::uint16_t port = 1; port <= kMany; ++port)
        connections.set_cookie(connections.open(kHere, ends(port, 0xffff), true), port);
    std::size_t wrong = 0;
    for (std::uint16_t port = 1; port <= kMany; ++port) {
        const auto* side = connections.find(kHere, ends(0xffff, port));
        wrong += side == nullptr || connections.find_cookie(port) != side->peer ? 1 : 0;
    }
    CHECK(wrong == 0);
}

}  // namespace
}  // namespace tcpladder::test

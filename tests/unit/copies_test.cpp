// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include "recording/copies.h"
#include "unit/fixtures.h"

namespace tcpladder::test {
namespace {

constexpr MonoNs kMicrosecond = 1'000;

ForeignPacket packet(MonoNs time, Seq seq, std::uint32_t path) {
    ForeignPacket result;
    result.time = time;
    result.segment = segment({kClient, kServer, tcp_flag::kAck, seq}, true);
    result.link.path = path;
    result.ip_id = 7;
    return result;
}

ForeignPacket over_loopback(MonoNs time, Seq seq, Direction direction) {
    auto result = packet(time, seq, 0);
    result.link.loopback = true;
    result.link.direction = direction;
    return result;
}

// More of them than there is room for at first.
TEST_CASE("a copy is found among thousands that were seen since, and forgotten in time") {
    Copies copies;
    constexpr Seq kMany = 5'000;
    for (Seq i = 0; i < kMany; ++i) {
        const auto now = MonoNs{i} * 2 * kMicrosecond;
        CAPTURE(i);
        REQUIRE(copies.look(packet(now, i, 1)) == Copies::Kind::kFirst);
        REQUIRE(copies.look(packet(now, i, 2)) == Copies::Kind::kAgain);
        if (i >= 900)  // 1.8 ms ago
            REQUIRE(copies.look(packet(now, i - 900, 3)) == Copies::Kind::kAgain);
    }
    const auto end = MonoNs{kMany} * 2 * kMicrosecond;
    CHECK(copies.look(packet(end, 0, 4)) == Copies::Kind::kFirst);  // 10 ms ago: sent again
}

TEST_CASE("over loopback each sending has one receipt, for 20 ms") {
    Copies copies;
    CHECK(copies.look(over_loopback(0, 1, Direction::kOut)) == Copies::Kind::kFirst);
    CHECK(copies.look(over_loopback(kMicrosecond, 1, Direction::kIn)) == Copies::Kind::kReceipt);
    CHECK(copies.look(over_loopback(30'000 * kMicrosecond, 2, Direction::kOut)) ==
          Copies::Kind::kFirst);
    CHECK(copies.look(over_loopback(49'000 * kMicrosecond, 2, Direction::kIn)) ==
          Copies::Kind::kReceipt);
    CHECK(copies.look(over_loopback(60'000 * kMicrosecond, 3, Direction::kOut)) ==
          Copies::Kind::kFirst);
    CHECK(copies.look(over_loopback(81'000 * kMicrosecond, 3, Direction::kIn)) ==
          Copies::Kind::kFirst);
}

}  // namespace
}  // namespace tcpladder::test

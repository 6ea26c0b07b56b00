// SPDX-License-Identifier: MIT
#include "model/seq.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <initializer_list>
#include <limits>

namespace {

using tcpladder::Seq;
using tcpladder::seq_at_or_after;
using tcpladder::seq_before;
using tcpladder::seq_diff;

constexpr Seq kMax = std::numeric_limits<Seq>::max();
constexpr Seq kHalf = 0x80000000U;

}  // namespace

TEST_CASE("the difference of sequence numbers has a sign") {
    CHECK(seq_diff(1000, 1000) == 0);
    CHECK(seq_diff(1001, 1000) == 1);
    CHECK(seq_diff(1000, 1001) == -1);
}

TEST_CASE("sequence numbers wrap at 2^32") {
    CHECK(seq_diff(0, kMax) == 1);
    CHECK(seq_diff(kMax, 0) == -1);
    CHECK(seq_diff(999, kMax - 1000) == 2000);
    CHECK(seq_before(kMax, 0));
    CHECK(seq_at_or_after(0, kMax));
    CHECK_FALSE(seq_before(0, kMax));
    CHECK_FALSE(seq_at_or_after(kMax, 0));
}

TEST_CASE("a number is at or after itself, and not before") {
    for (const Seq seq : {Seq{0}, Seq{1}, kHalf - 1, kHalf, kMax}) {
        CHECK(seq_at_or_after(seq, seq));
        CHECK_FALSE(seq_before(seq, seq));
    }
}

TEST_CASE("order holds up to half of the space away, from everywhere") {
    for (const Seq seq : {Seq{0}, Seq{1}, kHalf - 1, kHalf, kHalf + 1, kMax}) {
        for (const Seq distance : {Seq{1}, Seq{65535}, kHalf - 1}) {
            const Seq later = seq + distance;
            CHECK(seq_before(seq, later));
            CHECK_FALSE(seq_before(later, seq));
            CHECK(seq_at_or_after(later, seq));
            CHECK(seq_diff(later, seq) == static_cast<std::int32_t>(distance));
        }
    }
}

TEST_CASE("at exactly half of the space each number is before the other") {
    CHECK(seq_diff(kHalf, 0) == std::numeric_limits<std::int32_t>::min());
    CHECK(seq_before(kHalf, 0));
    CHECK(seq_before(0, kHalf));
}

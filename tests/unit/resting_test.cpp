// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "model/connection.h"
#include "model/packed.h"
#include "unit/fixtures.h"

namespace tcpladder::test {
namespace {

TEST_CASE("packed numbers come back, whatever they are") {
    const std::vector<std::uint64_t> numbers = {
        0, 1, 127, 128, 300, UINT32_MAX, 1ULL << 63, UINT64_MAX, UINT64_MAX - 1};
    PackedWriter writer;
    for (const auto number : numbers) {
        writer.number(number);
        writer.id(number >> 1);
        writer.time(static_cast<MonoNs>(number));
        writer.seq(static_cast<Seq>(number), 0xfffffff0U);
    }
    const auto bytes = writer.take();
    PackedReader reader(bytes.get());
    for (const auto number : numbers) {
        std::uint64_t value = 7;
        std::uint64_t id = 7;
        MonoNs time = 7;
        Seq seq = 7;
        reader.number(value);
        reader.id(id);
        reader.time(time);
        reader.seq(seq, 0xfffffff0U);
        CHECK(value == number);
        CHECK(id == number >> 1);
        CHECK(time == static_cast<MonoNs>(number));
        CHECK(seq == static_cast<Seq>(number));
    }
}

void connect_ends(Connection& connection) {
    auto& [here, there] = connection.sides;
    for (auto* side : {&here, &there})
        side->connection = &connection;
    here.peer = &there;
    there.peer = &here;
    here.base = 0xfffffffeU;
    there.base = 1000;
}

TEST_CASE("a connection that rests knows afterwards what it knew before, and gives room") {
    constexpr MonoNs kLater = 10'000'000'000;
    Pool<Activity> pool;
    Connection connection(pool);
    connect_ends(connection);
    const auto* room = &connection.active();
    for (auto& side : connection.sides) {
        auto& end = side.active();
        const bool first = &side == connection.sides.data();
        end.flow.next = side.base + 100;
        end.flow.ack = side.peer->base + 28;
        end.flow.acked = side.base + 90;
        end.flow.known = end.flow.past_syn = end.flow.heard_shut = true;
        end.flow.window = 65535;
        end.flow.advanced = 5'000'000'000;
        end.flow.duplicate_acks = 3;
        end.flow.heard = Flow::Heard::kProbe;
        if (first)
            end.flow.heard_window = 1U << 30;
        for (std::uint32_t i = 0; i < 9; ++i)  // more than have room without memory of their own
            end.flow.ranges.add(side.base + 10 * i, side.base + 10 * i + 10, 40 + i);
        end.flow.ranges.add_again(side.base, side.base + 10, 60);
        end.flow.ranges.mark_lost(44);
        end.story.bytes = 1ULL << 40;
        end.story.left(TcpState::kEstablished, 3'000'000'000);
        end.story.left(TcpState::kFinWait1, 0);
        end.story.fin = end.story.saw_fin = true;
        if (first)
            end.story.established = 4'000'000'000;
        end.received.fin = 58;
        end.received.last = 59;
        end.last_received.time = 6'000'000'000;
        end.previous_cookie = 77;
    }
    connection.active().story.happened(4'000'000'000, 2);
    Notes notes;
    notes.add(Note::kDuplicateAck);
    connection.active().story.count(notes);

    PackedWriter writer;
    connection.rest(kLater, writer);
    CHECK(&pool.take() == room);

    const auto& story = connection.active().story;
    CHECK(&connection.active() != room);
    CHECK(story.first == 4'000'000'000);
    CHECK(!story.first_syn);
    CHECK(story.gaps_before == 2);
    REQUIRE(story.notes != nullptr);
    CHECK(story.notes->at(static_cast<std::size_t>(Note::kDuplicateAck)) == 1);
    for (const auto& side : connection.sides) {
        auto& end = side.active();
        const bool first = &side == connection.sides.data();
        CHECK(end.flow.next == side.base + 100);
        CHECK(end.flow.ack == side.peer->base + 28);
        CHECK(end.flow.acked == side.base + 90);
        CHECK(end.flow.known);
        CHECK(end.flow.past_syn);
        CHECK(!end.flow.began);
        CHECK(end.flow.heard_shut);
        CHECK(end.flow.window == 65535);
        CHECK(end.flow.advanced == 5'000'000'000);
        CHECK(end.flow.duplicate_acks == 3);
        CHECK(end.flow.heard == Flow::Heard::kProbe);
        CHECK(end.flow.heard_window.has_value() == first);
        CHECK(end.flow.heard_window.value_or(1U << 30) == 1U << 30);
        CHECK(end.flow.ranges.first_with(side.base + 85) == 48);
        CHECK(end.flow.ranges.first_with(side.base) == 40);
        CHECK(end.flow.ranges.acknowledge(side.base + 50) == 44);
        CHECK(end.flow.ranges.acknowledge(side.base + 60) == 45);
        CHECK(end.story.bytes == 1ULL << 40);
        CHECK(end.story.state_count == 2);
        CHECK(end.story.fin);
        CHECK(end.story.saw_fin);
        CHECK(!end.story.reset);
        CHECK(end.story.established.has_value() == first);
        CHECK(end.received.fin == 58);
        CHECK(end.received.last == 59);
        CHECK(end.received.syn == 0);
        CHECK(end.last_received.time == 6'000'000'000);
        CHECK(end.previous_cookie == 77);
    }
}

TEST_CASE("a connection does not rest while a segment may still pass another device") {
    Pool<Activity> pool;
    Connection connection(pool);
    connect_ends(connection);
    auto& end = connection.sides[1].active();
    end.last_sent.time = 5'000'000'000;
    end.last_sent.skb = 9;
    PackedWriter writer;
    connection.rest(5'000'000'000 - 1, writer);
    CHECK(connection.sides[1].active().last_sent.skb == 9);
    CHECK(&connection.sides[1].active() == &end);
}

/// A whole connection, its last segments sent again `pause` later.
Rows late_segments(MonoNs pause) {
    Kernel kernel;
    kernel.listens();
    kernel.connects();
    kernel.accepts();
    kernel.replies();
    kernel.server_closes();
    kernel.client_closes();
    for (int i = 0; i < 2; ++i) {  // time goes by for the model as events come
        kernel.now += pause;
        kernel.received({at("192.0.2.1", 1), at("198.51.100.1", 443), tcp_flag::kAck, kJ, kK, 0,
                         kEth, std::uint64_t(200 + i)});
    }
    kernel.passes(
        {kClient, kServer, tcp_flag::kFin | tcp_flag::kAck, kJ + 1, kK + 28, 0, kLoopback, 90});
    kernel.sent({kServer, kClient, tcp_flag::kAck, kK + 28, kJ + 2, 0, kLoopback, 91});
    kernel.timer(Mini::kTimeWait, TimerStep::kExpire, kServer, kClient, 3, TcpState::kTimeWait);
    kernel.finish();
    return kernel.rows;
}

TEST_CASE("what comes late in TIME_WAIT is judged as what comes at once") {
    const auto at_once = late_segments(30'000'000);
    const auto late = late_segments(20'000'000'000);
    CHECK(late.texts == at_once.texts);
    REQUIRE(late.entries.size() == at_once.entries.size());
    std::size_t repeated = 0;
    for (std::size_t i = 0; i < late.entries.size(); ++i) {
        const auto* now = std::get_if<SegmentEntry>(&at_once.entries[i].body);
        const auto* then = std::get_if<SegmentEntry>(&late.entries[i].body);
        REQUIRE((now == nullptr) == (then == nullptr));
        if (now == nullptr)
            continue;
        CHECK(then->copy_of == now->copy_of);
        CHECK(then->acks == now->acks);
        for (const Note note : now->notes)
            CHECK(then->notes.has(note));
        repeated += then->copy_of != 0 ? 1 : 0;
    }
    CHECK(repeated > 0);
}

}  // namespace
}  // namespace tcpladder::test

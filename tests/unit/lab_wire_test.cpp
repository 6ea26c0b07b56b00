// SPDX-License-Identifier: MIT
#include "lab/wire.h"

#include <string>

#include <doctest/doctest.h>

#include "lab/addresses.h"
#include "lab/craft.h"
#include "support/error.h"

namespace tcpladder::lab::test {
namespace {

using namespace tcp_flag;

TcpHeader header(Host from, std::uint16_t flags, Seq seq, Seq ack, std::uint32_t payload = 0) {
    TcpHeader tcp;
    tcp.source = {address_of(from, 4),
                  static_cast<std::uint16_t>(from == Host::kClient ? 4000 : 7000)};
    tcp.destination = {address_of(other(from), 4),
                       static_cast<std::uint16_t>(from == Host::kClient ? 7000 : 4000)};
    tcp.flags = flags;
    tcp.seq = seq;
    tcp.ack = ack;
    tcp.payload = payload;
    return tcp;
}

/// A wire without delay, and what comes out of it.
struct Bench {
    Wire wire{4};
    std::vector<TcpHeader> out;
    MonoNs now = 1;

    Bench() { wire.delay(0); }
    void put(const TcpHeader& tcp) { wire.take(host_of_source(tcp), craft_segment(tcp), ++now); }
    static Host host_of_source(const TcpHeader& tcp) {
        return tcp.source.address == address_of(Host::kClient, 4) ? Host::kClient : Host::kServer;
    }
    void get() {
        wire.deliver(now, [this](Host, const Packet& packet) {
            out.push_back(parse_tcp(packet, static_cast<std::uint32_t>(packet.size())).value());
        });
    }
    void handshake() {
        put(header(Host::kClient, kSyn, 1000, 0));
        get();
        put(header(Host::kServer, kSyn | kAck, 5000, 1001));
        get();
        put(header(Host::kClient, kAck, 1001, 5001));
        get();
        out.clear();
    }
    std::vector<Seq> sequence() {
        get();
        std::vector<Seq> numbers;
        for (const auto& tcp : out)
            numbers.push_back(tcp.seq);
        return numbers;
    }
};

Which data(std::uint32_t first, std::uint32_t count = 1) {
    return {Kind::kData, Host::kClient, first, count};
}

TEST_CASE("a rule by chance takes its share, and the same seed the same segments") {
    const auto passed = [](std::uint32_t seed) {
        Bench bench;
        bench.wire.add({Deed::kDrop, {Kind::kData, Host::kClient, 1, 1, 20, seed}, {}});
        for (Seq i = 0; i < 1000; ++i)
            bench.put(header(Host::kClient, kAck, 1000 + i, 1, 1));
        return bench.sequence();
    };
    const auto first = passed(7);
    CHECK(first.size() > 750);
    CHECK(first.size() < 850);
    CHECK(passed(7) == first);
    CHECK(passed(8) != first);
}

TEST_CASE("a packet comes out at the other end when its delay is over") {
    Wire wire{4};
    wire.take(Host::kClient, craft_segment(header(Host::kClient, kSyn, 1, 0)), 100);
    int count = 0;
    const auto take = [&](Host to, const Packet&) {
        CHECK(to == Host::kServer);
        ++count;
    };
    CHECK(wire.next_due() == 100 + Wire::kDelay);
    wire.deliver(100 + Wire::kDelay - 1, take);
    CHECK(count == 0);
    wire.deliver(100 + Wire::kDelay, take);
    CHECK(count == 1);
    CHECK_FALSE(wire.next_due());
}

TEST_CASE("the wire drops just the segments that are meant") {
    Bench bench;
    bench.handshake();
    bench.wire.add({Deed::kDrop, data(2, 2), {}});
    for (Seq i = 0; i < 5; ++i)
        bench.put(header(Host::kClient, kAck, 1001 + i, 5001, 1));
    CHECK(bench.sequence() == std::vector<Seq>{1001, 1004, 1005});
    CHECK(bench.wire.dropped() == 2);
}

TEST_CASE("segments that are held come out in their order when they are released") {
    Bench bench;
    bench.handshake();
    bench.wire.add({Deed::kHold, data(1, 0), {}});
    for (Seq i = 0; i < 3; ++i)
        bench.put(header(Host::kClient, kAck, 1001 + i, 5001, 1));
    CHECK(bench.sequence().empty());
    CHECK(bench.wire.held() == 3);
    bench.wire.release(1, bench.now);
    CHECK(bench.sequence() == std::vector<Seq>{1001});
    bench.wire.release(0, bench.now);
    CHECK(bench.sequence() == std::vector<Seq>{1001, 1002, 1003});
}

TEST_CASE("swapped segments change places, a duplicate comes twice") {
    Bench bench;
    bench.handshake();
    bench.wire.add({Deed::kSwap, data(1), {}});
    bench.wire.add({Deed::kDuplicate, data(3), {}});
    for (Seq i = 0; i < 3; ++i)
        bench.put(header(Host::kClient, kAck, 1001 + i, 5001, 1));
    CHECK(bench.sequence() == std::vector<Seq>{1002, 1001, 1003, 1003});
}

TEST_CASE("a corrupted segment has a wrong checksum") {
    Bench bench;
    bench.handshake();
    bench.wire.add({Deed::kCorrupt, data(1), {}});
    const auto good = craft_segment(header(Host::kClient, kAck, 1001, 5001, 1));
    bench.wire.take(Host::kClient, good, bench.now);
    Packet seen;
    bench.wire.deliver(bench.now, [&](Host, const Packet& packet) { seen = packet; });
    CHECK(seen != good);
    CHECK(seen.size() == good.size());
}

TEST_CASE("an injected segment is exactly where the receiver waits for the next one") {
    Bench bench;
    bench.handshake();
    bench.put(header(Host::kServer, kAck, 5001, 1001, 10));  // not acknowledged yet
    bench.get();
    bench.out.clear();
    Forged reset;
    reset.from = Host::kServer;
    reset.flags = kRst;
    bench.wire.inject(reset, bench.now);
    reset.seq = {Place::Base::kStart, 3};
    bench.wire.inject(reset, bench.now);
    CHECK(bench.sequence() == std::vector<Seq>{5011, 5003});
    CHECK(bench.out[0].source == header(Host::kServer, 0, 0, 0).source);
    CHECK(bench.out[0].destination == header(Host::kServer, 0, 0, 0).destination);
}

TEST_CASE("what was dropped is not what the receiver waits after") {
    Bench bench;
    bench.handshake();
    bench.wire.add({Deed::kDrop, data(1), {}});
    bench.put(header(Host::kClient, kAck, 1001, 5001, 10));
    Forged fin;
    fin.flags = kFin | kAck;
    bench.wire.inject(fin, bench.now);
    CHECK(bench.sequence() == std::vector<Seq>{1001});
    CHECK(bench.out[0].ack == 5001);
}

TEST_CASE("a connection of injected segments only needs no socket at the client") {
    Bench bench;
    Forged syn;
    syn.flags = kSyn;
    syn.port = 40000;
    syn.seq = {Place::Base::kAbsolute, 77};
    bench.wire.inject(syn, bench.now);
    CHECK(bench.sequence() == std::vector<Seq>{77});
    CHECK(bench.out[0].destination.port == kDefaultPort);
    auto reply = header(Host::kServer, kSyn | kAck, 9000, 78);
    reply.destination.port = 40000;
    bench.put(reply);
    bench.get();
    bench.out.clear();
    Forged ack;
    ack.flags = kAck;
    bench.wire.inject(ack, bench.now);
    CHECK(bench.sequence() == std::vector<Seq>{78});
    CHECK(bench.out[0].ack == 9001);
}

TEST_CASE("the wire does not guess a connection") {
    Wire wire{4};
    CHECK_THROWS_AS(wire.inject(Forged{}, 1), Error);
    Forged about;
    about.icmp = true;
    CHECK_THROWS_AS(wire.inject(about, 1), Error);
}

TEST_CASE("what is no TCP passes") {
    Wire wire{6};
    wire.add({Deed::kDrop, {Kind::kAny, Host::kClient, 1, 0}, {}});
    wire.take(Host::kClient, Packet{0x60, 0, 0}, 1);
    CHECK(wire.next_due());
}

TEST_CASE("a crafted segment is read as what it should be, over IPv4 and IPv6") {
    for (const auto version : {std::uint8_t{4}, std::uint8_t{6}}) {
        auto tcp = header(Host::kClient, kSyn | kAck, 123456789, 987654321, 3);
        tcp.source.address = address_of(Host::kClient, version);
        tcp.destination.address = address_of(Host::kServer, version);
        tcp.window = 4321;
        const auto packet = craft_segment(tcp);
        const auto read = parse_tcp(packet, static_cast<std::uint32_t>(packet.size()));
        REQUIRE(read);
        CHECK(read->source == tcp.source);
        CHECK(read->destination == tcp.destination);
        CHECK(read->seq == tcp.seq);
        CHECK(read->ack == tcp.ack);
        CHECK(read->flags == tcp.flags);
        CHECK(read->window == tcp.window);
        CHECK(read->payload == 3);
    }
}

}  // namespace
}  // namespace tcpladder::lab::test

// SPDX-License-Identifier: MIT
#include "recording/packet_filter.h"

#include <doctest/doctest.h>

#include <string>

#include "support/error.h"
#include "unit/fixtures.h"

namespace tcpladder::test {
namespace {

using Verdict = PacketFilter::Verdict;

const Endpoint kHere = at("192.0.2.1", 40000);
const Endpoint kThere = at("192.0.2.2", 443);
const Endpoint kHere6 = at("2001:db8::1", 40000);
const Endpoint kThere6 = at("2001:db8::2", 443);

/// With the bytes of its headers, as the kernel sends them.
Segment real_segment(const Endpoint& from, const Endpoint& to, std::uint16_t flags,
                     std::uint32_t payload) {
    auto segment = test::segment({from, to, flags, kJ, kK, payload, kEth}, true);
    const bool v6 = from.address.version == 6;
    const std::size_t ip = v6 ? 40 : 20;
    auto* bytes = segment.headers.data();
    bytes[0] = v6 ? 0x60 : 0x45;
    bytes[v6 ? 6 : 9] = 6;
    const std::size_t size = v6 ? 16 : 4;
    std::copy_n(from.address.bytes.begin(), size, bytes + (v6 ? 8 : 12));
    std::copy_n(to.address.bytes.begin(), size, bytes + (v6 ? 24 : 16));
    const auto put = [&](std::size_t offset, unsigned value) {
        bytes[ip + offset] = static_cast<std::uint8_t>(value >> 8);
        bytes[ip + offset + 1] = static_cast<std::uint8_t>(value);
    };
    put(0, from.port);
    put(2, to.port);
    put(12, 0x5000U | flags);
    segment.captured = static_cast<std::uint16_t>(ip + 20);
    segment.length = segment.captured + payload;
    return segment;
}

Verdict of_segment(const std::string& filter, const Endpoint& from, const Endpoint& to,
                   std::uint16_t flags = tcp_flag::kAck, std::uint32_t payload = 0) {
    return PacketFilter(filter).judge({0, kNetns, 0, real_segment(from, to, flags, payload)});
}

Verdict of_state(const std::string& filter, const Endpoint& local, const Endpoint& remote) {
    StateChange change;
    change.ends = {local, remote};
    return PacketFilter(filter).judge({0, kNetns, 0, change});
}

TEST_CASE("words about ends take a connection's segments both ways, and its states") {
    for (const auto* filter :
         {"port 443", "tcp port 443", "host 192.0.2.2", "host 192.0.2.1 and tcp port 443",
          "net 192.0.2.0/24", "portrange 400-500", "ip and port 40000", "src port 443",
          "dst host 192.0.2.1", "tcp", "not port 80", "src host 192.0.2.2 and dst port 40000"}) {
        CAPTURE(filter);
        CHECK(PacketFilter(filter).of_connections());
        CHECK(of_segment(filter, kHere, kThere) == Verdict::kYes);
        CHECK(of_segment(filter, kThere, kHere) == Verdict::kYes);
        CHECK(of_state(filter, kHere, kThere) == Verdict::kYes);
        CHECK(of_state(filter, kThere, kHere) == Verdict::kYes);
    }
    for (const auto* filter : {"port 80", "host 192.0.2.3", "ip6", "udp", "net 10.0.0.0/8",
                               "host 192.0.2.1 and port 80"}) {
        CAPTURE(filter);
        CHECK(PacketFilter(filter).of_connections());
        CHECK(of_segment(filter, kHere, kThere) == Verdict::kNo);
        CHECK(of_state(filter, kHere, kThere) == Verdict::kNo);
    }
}

TEST_CASE("the same of IPv6") {
    for (const auto* filter : {"port 443", "host 2001:db8::2", "ip6 and tcp", "net 2001:db8::/32",
                               "tcp and host 2001:db8::1 and port 443"}) {
        CAPTURE(filter);
        CHECK(PacketFilter(filter).of_connections());
        CHECK(of_segment(filter, kThere6, kHere6) == Verdict::kYes);
        CHECK(of_state(filter, kHere6, kThere6) == Verdict::kYes);
    }
    CHECK(of_segment("ip", kHere6, kThere6) == Verdict::kNo);
    CHECK(of_state("port 80", kHere6, kThere6) == Verdict::kNo);
}

TEST_CASE("words about single segments take those, and no states") {
    const std::string syns = "tcp[tcpflags] & tcp-syn != 0";
    for (const auto& filter : {syns, "port 443 and " + syns, std::string("less 60"),
                               std::string("tcp[13] = 2"), std::string("ip[8] < 64")})
        CHECK_FALSE_MESSAGE(PacketFilter(filter).of_connections(), filter);
    CHECK(of_segment(syns, kHere, kThere, tcp_flag::kSyn) == Verdict::kYes);
    CHECK(of_segment(syns, kThere, kHere, tcp_flag::kSyn | tcp_flag::kAck) == Verdict::kYes);
    CHECK(of_segment(syns, kHere, kThere) == Verdict::kNo);
    CHECK(of_segment("greater 1000", kHere, kThere, tcp_flag::kAck, 1000) == Verdict::kYes);
    CHECK(of_segment("greater 1000", kHere, kThere, tcp_flag::kAck, 100) == Verdict::kNo);
    CHECK(of_state(syns, kHere, kThere) == Verdict::kNo);
}

TEST_CASE("single segments do not speak of states") {
    for (const auto* text : {"tcp[13] = 0x12", "port 443"}) {
        const PacketFilter filter(text);
        auto segment = real_segment(kThere, kHere, tcp_flag::kSyn | tcp_flag::kAck, 0);
        segment.sk_state = TcpState::kNewSynRecv;
        Event event{0, kNetns, 0, segment};
        CHECK(filter.apply(event) == Verdict::kYes);
        CHECK((std::get<Segment>(event.body).sk_state == TcpState::kUnknown) ==
              !filter.of_connections());
    }
}

TEST_CASE("a connect() may still get the port that is asked for") {
    const Endpoint unbound{kHere.address, 0};
    CHECK(of_state("port 443", unbound, kThere) == Verdict::kYes);
    CHECK(of_state("port 40000", unbound, kThere) == Verdict::kUnknown);
    CHECK(of_state("port 40000", kHere, at("192.0.2.2", 80)) == Verdict::kYes);
}

TEST_CASE("what is about the trace itself passes, and what a listener's owner is") {
    CHECK(PacketFilter("port 1").judge({0, 0, 0, Lost{1, 0}}) == Verdict::kYes);
    Owner owner;
    owner.ends = {at("0.0.0.0", 443), {}};
    owner.state = TcpState::kListen;
    CHECK(PacketFilter("host 192.0.2.2").judge({0, 0, 0, owner}) == Verdict::kYes);
    CHECK(of_state("port 443", at("0.0.0.0", 443), {}) == Verdict::kYes);
    CHECK(of_state("port 80", at("0.0.0.0", 443), {}) == Verdict::kNo);
}

TEST_CASE("what is no filter is refused with libpcap's words") {
    for (const auto* filter : {"prot 443", "port", "host 1.2.3.4 and", "ether host 1:2:3:4:5:6"}) {
        try {
            const PacketFilter wrong(filter);
            FAIL_CHECK(filter);
        } catch (const UsageError& error) {
            CHECK(std::string(error.what())
                      .starts_with("'" + std::string(filter) + "' is no filter: "));
        }
    }
}

}  // namespace
}  // namespace tcpladder::test

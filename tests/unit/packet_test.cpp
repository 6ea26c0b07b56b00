// SPDX-License-Identifier: MIT
#include "model/packet.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <tuple>
#include <vector>

namespace {

using tcpladder::parse_tcp;
using tcpladder::parse_tcp_options;
using tcpladder::TcpHeader;
using tcpladder::TcpOptions;
using tcpladder::to_string;
namespace flag = tcpladder::tcp_flag;

using Bytes = std::vector<std::uint8_t>;

// IPv4, 198.51.100.1 -> 192.0.2.80
const Bytes kIpv4{
    0x45, 0x00,              // version 4, header of 5 words; DSCP and ECN
    0x00, 0x40,              // total length 64
    0x12, 0x34, 0x40, 0x00,  // identification; don't fragment, offset 0
    0x40, 0x06, 0x00, 0x00,  // TTL 64, TCP, checksum
    198,  51,   100,  1,     // source
    192,  0,    2,    80,    // destination
};
constexpr std::size_t kIpv4Total = 2;
constexpr std::size_t kIpv4Fragment = 6;
constexpr std::size_t kIpv4Protocol = 9;

// IPv6, 2001:db8::1 -> 2001:db8::80
const Bytes kIpv6{
    0x60, 0x00, 0x00, 0x00,                                         // version 6, class, flow
    0x00, 0x2c,                                                     // payload length 44
    0x06, 0x40,                                                     // TCP, hop limit 64
    0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,     // source
    0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80,  // destination
};
constexpr std::size_t kIpv6Payload = 4;
constexpr std::size_t kIpv6Next = 6;

// TCP, port 40000 -> 80, P., with timestamps
const Bytes kTcp{
    0x9c, 0x40, 0x00, 0x50,  // source port, destination port
    0x01, 0x02, 0x03, 0x04,  // sequence number
    0xf1, 0xf2, 0xf3, 0xf4,  // acknowledgment number
    0x80, 0x18, 0xfe, 0xdc,  // data offset of 8 words; PSH and ACK; window
    0x00, 0x00, 0x00, 0x00,  // checksum, urgent pointer
    0x01, 0x01, 0x08, 0x0a,  // NOP, NOP, timestamps
    0x00, 0x00, 0x00, 0x07,  // value
    0x00, 0x00, 0x00, 0x09,  // echo
};
constexpr std::size_t kTcpOffset = 12;

const Bytes kPayload(12, 0x61);

// IPv6 extension headers; the first byte, the next header, is set by chain().
const Bytes kHopByHop{
    0,    0x00,              // next header, 8 bytes
    0xc2, 0x04,              // jumbo payload option
    0x00, 0x01, 0x86, 0xa0,  // 100000
};
const Bytes kRouting{
    0,    0x02, 0x00, 0x00,                                         // 24 bytes, type 0, none left
    0x00, 0x00, 0x00, 0x00,                                         // reserved
    0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x53,  // an address
};
const Bytes kFragment{
    0,    0x00, 0x00, 0x01,  // offset 0, more fragments
    0x00, 0x00, 0x00, 0x2a,  // identification
};
const Bytes kDestinationOptions{
    0,    0x00,                          // next header, 8 bytes
    0x01, 0x04, 0x00, 0x00, 0x00, 0x00,  // PadN
};

Bytes join(std::initializer_list<Bytes> parts) {
    Bytes result;
    for (const Bytes& part : parts) {
        result.insert(result.end(), part.begin(), part.end());
    }
    return result;
}

struct Extension {
    std::uint8_t kind;
    Bytes bytes;
};

const Extension kAllExtensions[] = {
    {0, kHopByHop}, {60, kDestinationOptions}, {43, kRouting}, {44, kFragment}};

/// An IPv6 packet of length 0 with these extension headers, then kTcp and kPayload.
Bytes chain(std::span<const Extension> extensions) {
    Bytes packet = kIpv6;
    packet[kIpv6Payload] = packet[kIpv6Payload + 1] = 0;
    std::size_t next = kIpv6Next;
    for (const Extension& extension : extensions) {
        packet[next] = extension.kind;
        next = packet.size();
        packet.insert(packet.end(), extension.bytes.begin(), extension.bytes.end());
    }
    packet[next] = 6;
    return join({packet, kTcp, kPayload});
}

Bytes chain(const Extension& extension) {
    return chain(std::span(&extension, 1));
}

Bytes with(Bytes bytes, std::size_t offset, std::initializer_list<std::uint8_t> values) {
    std::copy(values.begin(), values.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset));
    return bytes;
}

/// A copy of exactly `size` bytes, so that a sanitizer sees what is read beyond them.
Bytes cut(const Bytes& bytes, std::size_t size) {
    return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)};
}

std::uint32_t size_of(const Bytes& bytes) {
    return static_cast<std::uint32_t>(bytes.size());
}

std::optional<TcpHeader> parse(const Bytes& packet) {
    return parse_tcp(packet, size_of(packet));
}

auto fields(const TcpHeader& h) {
    return std::tie(h.source, h.destination, h.seq, h.ack, h.payload, h.flags, h.window, h.ip_bytes,
                    h.header_bytes);
}

/// Cut within the headers there is nothing, cut behind them no difference.
void check_every_length(const Bytes& packet) {
    const auto whole = parse(packet);
    REQUIRE(whole.has_value());
    for (std::size_t size = 0; size <= packet.size(); ++size) {
        CAPTURE(size);
        const auto part = parse_tcp(cut(packet, size), size_of(packet));
        REQUIRE(part.has_value() == (size >= whole->header_bytes));
        if (part) {
            CHECK(fields(*part) == fields(*whole));
        }
    }
}

// All options that we know, 40 bytes and more: no real header has them all.
const Bytes kOptions{
    0x02, 0x04, 0x05, 0xb4,                                      // MSS 1460
    0x04, 0x02,                                                  // SACK permitted
    0x08, 0x0a, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x02, 0x00,  // timestamps 256, 512
    0x01,                                                        // NOP
    0x03, 0x03, 0x07,                                            // window scale 7
    0x22, 0x02,                                                  // Fast Open, asks for a cookie
    0xfd, 0x04, 0x12, 0x34,                                      // an experiment, skipped
    0x05, 0x12,                                                  // SACK, two blocks
    0x00, 0x00, 0x00, 0x0a, 0x00, 0x00, 0x00, 0x14,              // 10 to 20
    0xff, 0xff, 0xff, 0xf0, 0x00, 0x00, 0x00, 0x10,              // across the wrap
};

/// Where an option of kOptions ends: cut there, it is well formed.
constexpr std::size_t kOptionEnds[] = {0, 4, 6, 16, 17, 20, 22, 26, 44};

std::size_t known_options(const TcpOptions& options) {
    return std::size_t{options.mss.has_value()} + std::size_t{options.sack_permitted} +
           std::size_t{options.timestamp.has_value()} +
           std::size_t{options.window_scale.has_value()} + std::size_t{options.fast_open} +
           std::size_t{options.sack_blocks > 0};
}

}  // namespace

TEST_CASE("an IPv4 segment is read field by field") {
    const auto header = parse(join({kIpv4, kTcp, kPayload}));
    REQUIRE(header.has_value());
    CHECK(to_string(header->source) == "198.51.100.1:40000");
    CHECK(to_string(header->destination) == "192.0.2.80:80");
    CHECK(header->seq == 0x01020304U);
    CHECK(header->ack == 0xf1f2f3f4U);
    CHECK(header->payload == 12);
    CHECK(header->flags == (flag::kPsh | flag::kAck));
    CHECK(header->window == 0xfedc);
    CHECK(header->ip_bytes == 20);
    CHECK(header->header_bytes == 52);
    CHECK(header->end() == 0x01020304U + 12);
}

TEST_CASE("an IPv6 segment is read field by field") {
    const auto header = parse(join({kIpv6, kTcp, kPayload}));
    REQUIRE(header.has_value());
    CHECK(to_string(header->source) == "[2001:db8::1]:40000");
    CHECK(to_string(header->destination) == "[2001:db8::80]:80");
    CHECK(header->seq == 0x01020304U);
    CHECK(header->payload == 12);
    CHECK(header->ip_bytes == 40);
    CHECK(header->header_bytes == 72);
}

TEST_CASE("a packet cut at any length gives nothing or the whole header") {
    check_every_length(join({kIpv4, kTcp, kPayload}));
    check_every_length(join({kIpv6, kTcp, kPayload}));
    check_every_length(chain(kAllExtensions));
}

TEST_CASE("every flag is read, the ones that ECN brought too, and reserved bits are not") {
    for (unsigned bit = 0; bit < 12; ++bit) {
        const auto high = static_cast<std::uint8_t>(0x80U | (1U << bit) >> 8U);
        const auto low = static_cast<std::uint8_t>(1U << bit);
        const auto header = parse(join({kIpv4, with(kTcp, kTcpOffset, {high, low}), kPayload}));
        REQUIRE(header.has_value());
        CHECK(header->flags == (bit < 9 ? 1U << bit : 0U));
    }
    CHECK(flag::kAe == 1U << 8U);
}

TEST_CASE("SYN and FIN count one sequence number each, across the wrap too") {
    TcpHeader header;
    header.seq = 0xfffffff0U;
    header.payload = 15;
    CHECK(header.end() == 0xffffffffU);
    header.flags = flag::kSyn;
    CHECK(header.end() == 0);
    header.flags = flag::kSyn | flag::kFin;
    CHECK(header.end() == 1);
    header.flags = flag::kRst | flag::kAck | flag::kPsh;
    CHECK(header.end() == 0xffffffffU);
}

TEST_CASE("IPv4 options move the TCP header") {
    const Bytes nops(4, 0x01);
    const Bytes packet = join({with(kIpv4, 0, {0x46, 0, 0, 68}), nops, kTcp, kPayload});
    const auto header = parse(packet);
    REQUIRE(header.has_value());
    CHECK(header->ip_bytes == 24);
    CHECK(header->header_bytes == 56);
    CHECK(header->payload == 12);
    CHECK(header->source.port == 40000);
    check_every_length(packet);
}

TEST_CASE("padding of a short Ethernet frame is no payload") {
    const Bytes padding(6, 0x00);
    const Bytes tcp = with(cut(kTcp, 20), kTcpOffset, {0x50, 0x10});

    const auto v4 = parse(join({with(kIpv4, kIpv4Total, {0, 40}), tcp, padding}));
    REQUIRE(v4.has_value());
    CHECK(v4->payload == 0);

    const auto v6 = parse(join({with(kIpv6, kIpv6Payload, {0, 20}), tcp, padding}));
    REQUIRE(v6.has_value());
    CHECK(v6->payload == 0);
}

TEST_CASE("a packet that is shorter than its IP header says has the payload that is there") {
    for (const Bytes& ip :
         {with(kIpv4, kIpv4Total, {0xff, 0xff}), with(kIpv6, kIpv6Payload, {0xff, 0xff})}) {
        const auto header = parse(join({ip, kTcp, kPayload}));
        REQUIRE(header.has_value());
        CHECK(header->payload == 12);
    }
}

TEST_CASE("an aggregate with an IP length of 0 has the payload of its real length") {
    const auto v4 = parse_tcp(join({with(kIpv4, kIpv4Total, {0, 0}), kTcp}), 20 + 32 + 180000);
    REQUIRE(v4.has_value());
    CHECK(v4->payload == 180000);

    const auto v6 = parse_tcp(join({with(kIpv6, kIpv6Payload, {0, 0}), kTcp}), 40 + 32 + 180000);
    REQUIRE(v6.has_value());
    CHECK(v6->payload == 180000);

    const Bytes jumbogram = cut(chain({0, kHopByHop}), 40 + 8 + 32);
    const auto jumbo = parse_tcp(jumbogram, 40 + 100000);
    REQUIRE(jumbo.has_value());
    CHECK(jumbo->payload == 100000 - 8 - 32);
}

TEST_CASE("the payload is never negative") {
    const Bytes v4 = join({with(kIpv4, kIpv4Total, {0, 1}), kTcp, kPayload});
    const Bytes v6 = join({with(kIpv6, kIpv6Payload, {0, 1}), kTcp, kPayload});
    for (const Bytes& packet : {v4, v6}) {
        for (const std::uint32_t length : {0U, 51U, 1000U, 0xffffffffU}) {
            const auto header = parse_tcp(packet, length);
            REQUIRE(header.has_value());
            CHECK(header->payload == 0);
        }
    }
}

TEST_CASE("IPv6 extension headers are skipped, alone and in a row") {
    for (const Extension& extension : kAllExtensions) {
        CAPTURE(extension.kind);
        const auto header = parse(chain(extension));
        REQUIRE(header.has_value());
        CHECK(header->ip_bytes == 40 + extension.bytes.size());
        CHECK(header->header_bytes == 40 + extension.bytes.size() + 32);
        CHECK(header->payload == 12);
        CHECK(header->seq == 0x01020304U);
    }
    const auto header = parse(chain(kAllExtensions));
    REQUIRE(header.has_value());
    CHECK(header->ip_bytes == 40 + 8 + 8 + 24 + 8);
    CHECK(header->payload == 12);
}

TEST_CASE("an extension header that we do not know hides the segment") {
    for (const int kind : {17, 50, 51, 59, 135, 255}) {
        const Extension extension{static_cast<std::uint8_t>(kind), kDestinationOptions};
        CHECK_FALSE(parse(chain(extension)).has_value());
    }
}

TEST_CASE("an extension header longer than the packet gives nothing") {
    CHECK_FALSE(parse(chain({60, with(kDestinationOptions, 1, {0xff})})).has_value());
}

TEST_CASE("extension headers beyond what the offsets can hold give nothing") {
    constexpr std::size_t kLargest = 2048;
    Bytes large(kLargest, 0x00);
    large[1] = 0xff;
    const std::vector<Extension> most(31, Extension{60, large});
    const std::vector<Extension> too_many(32, Extension{60, large});

    const auto header = parse(chain(most));
    REQUIRE(header.has_value());
    CHECK(header->ip_bytes == 40 + 31 * kLargest);
    CHECK_FALSE(parse(chain(too_many)).has_value());
}

TEST_CASE("only the first fragment has a TCP header") {
    const auto v4 = [](std::uint8_t high, std::uint8_t low) {
        return parse(join({with(kIpv4, kIpv4Fragment, {high, low}), kTcp, kPayload}));
    };
    CHECK(v4(0x20, 0x00).has_value());
    CHECK_FALSE(v4(0x20, 0x01).has_value());
    CHECK_FALSE(v4(0x10, 0x00).has_value());
    CHECK_FALSE(v4(0x01, 0x00).has_value());

    const auto v6 = [](std::uint8_t high, std::uint8_t low) {
        return parse(chain({44, with(kFragment, 2, {high, low})}));
    };
    CHECK(v6(0x00, 0x00).has_value());
    CHECK(v6(0x00, 0x07).has_value());  // no offset: reserved bits and more fragments
    CHECK_FALSE(v6(0x00, 0x08).has_value());
    CHECK_FALSE(v6(0xff, 0xf8).has_value());
}

TEST_CASE("what is no TCP in IP gives nothing") {
    CHECK_FALSE(parse({}).has_value());
    CHECK_FALSE(parse(join({with(kIpv4, kIpv4Protocol, {17}), kTcp})).has_value());
    for (const int first : {0x05, 0x15, 0x55, 0x75, 0xf5}) {
        const auto version = static_cast<std::uint8_t>(first);
        CHECK_FALSE(parse(join({with(kIpv4, 0, {version}), kTcp, kPayload})).has_value());
    }
}

TEST_CASE("an IPv4 header of less than 20 bytes gives nothing") {
    for (std::uint8_t words = 0; words < 5; ++words) {
        const auto first = static_cast<std::uint8_t>(0x40 | words);
        CHECK_FALSE(parse(join({with(kIpv4, 0, {first}), kTcp, kPayload})).has_value());
    }
}

TEST_CASE("a data offset below 5 or beyond the packet gives nothing") {
    for (unsigned words = 0; words < 16; ++words) {
        CAPTURE(words);
        const auto offset = static_cast<std::uint8_t>(words << 4U);
        const auto header = parse(join({kIpv4, with(kTcp, kTcpOffset, {offset}), kPayload}));
        REQUIRE(header.has_value() == (words >= 5 && words <= 11));  // 44 bytes follow
        if (header) {
            CHECK(header->header_bytes == 20 + 4 * words);
            CHECK(header->payload == 44 - 4 * words);
        }
    }
}

TEST_CASE("an IPv4-mapped address on the wire is IPv4") {
    const Bytes ip = with(kIpv6, 8, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1});
    const auto header = parse(join({ip, kTcp, kPayload}));
    REQUIRE(header.has_value());
    CHECK(to_string(header->source) == "192.0.2.1:40000");
}

TEST_CASE("random bytes are never read beyond their end") {
    std::mt19937 random(9293);  // NOLINT(*-msc51-cpp): the same ones in every run
    const Bytes seeds[] = {join({kIpv4, kTcp}), join({kIpv6, kTcp}), chain(kAllExtensions)};
    for (int i = 0; i < 20000; ++i) {
        Bytes packet = seeds[static_cast<std::size_t>(i) % std::size(seeds)];
        for (int change = 0; change < 4; ++change) {
            packet[random() % packet.size()] = static_cast<std::uint8_t>(random() & 0xff);
        }
        packet = cut(packet, random() % (packet.size() + 1));
        const auto header = parse_tcp(packet, 100);
        if (header) {
            CHECK(header->header_bytes <= packet.size());
            CHECK(header->ip_bytes + 20 <= header->header_bytes);
            CHECK(header->payload <= 100);
        }
        parse_tcp_options(packet);
    }
}

TEST_CASE("every option is read") {
    const TcpOptions options = parse_tcp_options(kOptions);
    CHECK(options.mss == 1460);
    CHECK(options.sack_permitted);
    REQUIRE(options.timestamp.has_value());
    CHECK(options.timestamp->value == 256);
    CHECK(options.timestamp->echo == 512);
    CHECK(options.window_scale == 7);
    CHECK(options.fast_open);
    REQUIRE(options.sack_blocks == 2);
    CHECK(options.sack[0].first == 10);
    CHECK(options.sack[0].last == 20);
    CHECK(options.sack[1].first == 0xfffffff0U);
    CHECK(options.sack[1].last == 16);
    CHECK_FALSE(options.malformed);
}

TEST_CASE("options cut at any length are malformed unless one ends there, and keep the rest") {
    std::size_t previous = 0;
    for (std::size_t size = 0; size <= kOptions.size(); ++size) {
        CAPTURE(size);
        const TcpOptions options = parse_tcp_options(cut(kOptions, size));
        const bool at_end = std::count(std::begin(kOptionEnds), std::end(kOptionEnds), size) > 0;
        CHECK(options.malformed == !at_end);
        CHECK(known_options(options) >= previous);
        CHECK((at_end || known_options(options) == previous));
        previous = known_options(options);
    }
    CHECK(previous == 6);
}

TEST_CASE("an option of any kind with any wrong length is malformed, what came before is valid") {
    struct Row {
        std::uint8_t kind;
        std::vector<std::size_t> right;
    };
    const Row rows[] = {{2, {4}}, {3, {3}}, {4, {2}}, {5, {10, 18, 26, 34}}, {8, {10}}};
    for (const Row& row : rows) {
        for (std::size_t length = 0; length <= 60; ++length) {
            CAPTURE(row.kind);
            CAPTURE(length);
            Bytes bytes{0x22, 0x02, row.kind, static_cast<std::uint8_t>(length)};
            bytes.resize(100, 0x01);
            const TcpOptions options = parse_tcp_options(bytes);
            const bool right = std::count(row.right.begin(), row.right.end(), length) > 0;
            CHECK(options.malformed == !right);
            CHECK(options.fast_open);
            CHECK(known_options(options) == (right ? 2 : 1));
        }
    }
}

TEST_CASE("an option that we do not know is skipped by its length, and needs one of at least 2") {
    for (const std::uint8_t length : {std::uint8_t{0}, std::uint8_t{1}}) {
        const TcpOptions options = parse_tcp_options(Bytes{0xfd, length, 0x04, 0x02});
        CHECK(options.malformed);
        CHECK_FALSE(options.sack_permitted);
    }
    CHECK(parse_tcp_options(Bytes{0xfd, 0x02, 0x04, 0x02}).sack_permitted);
    CHECK(parse_tcp_options(Bytes{0xfd, 0x03, 0x00, 0x04, 0x02}).sack_permitted);
    CHECK(parse_tcp_options(Bytes{0xfd}).malformed);
}

TEST_CASE("nothing after the end of the option list counts") {
    const TcpOptions options = parse_tcp_options(Bytes{0x01, 0x00, 0x04, 0x02, 0x02, 0xff});
    CHECK(known_options(options) == 0);
    CHECK_FALSE(options.malformed);
}

TEST_CASE("a window scale above 14 counts as 14") {
    CHECK(parse_tcp_options(Bytes{0x03, 0x03, 14}).window_scale == 14);
    CHECK(parse_tcp_options(Bytes{0x03, 0x03, 15}).window_scale == 14);
    CHECK(parse_tcp_options(Bytes{0x03, 0x03, 255}).window_scale == 14);
}

TEST_CASE("a Fast Open cookie is recognised") {
    const TcpOptions options = parse_tcp_options(Bytes{0x22, 0x06, 1, 2, 3, 4, 0x04, 0x02});
    CHECK(options.fast_open);
    CHECK(options.sack_permitted);
    CHECK_FALSE(options.malformed);
}

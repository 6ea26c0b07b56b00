// SPDX-License-Identifier: MIT
#include "model/address.h"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>

namespace {

using namespace std::string_view_literals;
using tcpladder::Address;
using tcpladder::Endpoint;
using tcpladder::parse_address;
using tcpladder::to_string;
using tcpladder::unmapped;

Address ipv6_of(std::array<std::uint8_t, 16> bytes) {
    return {bytes, 6};
}

std::string by_inet_ntop(const Address& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = address.version == 4 ? AF_INET : AF_INET6;
    REQUIRE(inet_ntop(family, address.bytes.data(), text.data(), text.size()) != nullptr);
    return text.data();
}

/// Whether to_string() agrees with inet_ntop() and parse_address() undoes it.
bool round_trips(const Address& address) {
    const std::string text = to_string(address);
    return text == by_inet_ntop(address) && parse_address(text) == unmapped(address);
}

constexpr std::array<std::uint8_t, 16> kMapped{
    0,   0, 0,    0,    0, 0, 0, 0,  // eight bytes of zero
    0,   0, 0xff, 0xff,              // rest of ::ffff:0:0/96
    192, 0, 2,    1,                 // 192.0.2.1
};

}  // namespace

TEST_CASE("an IPv4 address prints in decimal without leading zeros") {
    for (const std::string_view text : {"0.0.0.0", "192.0.2.1", "198.51.100.10", "203.0.113.199",
                                        "9.10.99.100", "255.255.255.255"}) {
        CHECK(to_string(parse_address(text)) == text);
    }
}

TEST_CASE("an IPv6 address prints as RFC 5952 recommends") {
    const auto canonical = [](std::string_view text) { return to_string(parse_address(text)); };

    CHECK(canonical("2001:0DB8:0000:0000:0000:0000:0000:0001") == "2001:db8::1");
    CHECK(canonical("2001:db8:0:0:1:0:0:1") == "2001:db8::1:0:0:1");     // first of equal runs
    CHECK(canonical("2001:db8:0:1:0:0:0:1") == "2001:db8:0:1::1");       // longest run
    CHECK(canonical("2001:db8::1:1:1:1:1") == "2001:db8:0:1:1:1:1:1");   // not for one word
    CHECK(canonical("2001:db8:1:1:1:1:0:0") == "2001:db8:1:1:1:1::");    // at the end
    CHECK(canonical("0:0:2001:db8:1:2:3:4") == "::2001:db8:1:2:3:4");    // at the start
    CHECK(canonical("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2:3:4:5:6");  // nowhere
    CHECK(canonical("2001:db8:10:200:3000:4:50:600") == "2001:db8:10:200:3000:4:50:600");
    CHECK(canonical("0:0:0:0:0:0:0:0") == "::");
    CHECK(canonical("0:0:0:0:0:0:0:1") == "::1");
}

TEST_CASE("every pattern of zero words prints as inet_ntop() prints it and parses back") {
    for (unsigned pattern = 0; pattern < 256; ++pattern) {
        for (const std::uint8_t value : {std::uint8_t{0x0a}, std::uint8_t{0xff}}) {
            Address address{{}, 6};
            for (std::size_t word = 0; word < 8; ++word) {
                const bool set = (pattern >> word & 1U) != 0;
                address.bytes[2 * word] = set ? value : std::uint8_t{0};
                address.bytes[2 * word + 1] = set ? value : std::uint8_t{0};
            }
            CAPTURE(to_string(address));
            CHECK(round_trips(address));
        }
    }
}

TEST_CASE("random addresses print as inet_ntop() prints them and parse back") {
    std::mt19937 random(5952);  // NOLINT(*-msc51-cpp): the same ones in every run
    for (int i = 0; i < 2000; ++i) {
        Address address{{}, i % 2 == 0 ? std::uint8_t{4} : std::uint8_t{6}};
        const std::size_t size = address.version == 4 ? 4 : 16;
        for (std::size_t byte = 0; byte < size; ++byte) {
            address.bytes[byte] = static_cast<std::uint8_t>(random() >> random() % 9 & 0xff);
        }
        CAPTURE(to_string(address));
        CHECK(round_trips(address));
    }
}

TEST_CASE("an address that is not known prints as nothing") {
    CHECK(to_string(Address{}).empty());
}

TEST_CASE("an endpoint prints its port, and brackets around IPv6") {
    CHECK(to_string(Endpoint{parse_address("192.0.2.1"), 80}) == "192.0.2.1:80");
    CHECK(to_string(Endpoint{parse_address("2001:db8::1"), 65535}) == "[2001:db8::1]:65535");
    CHECK(to_string(Endpoint{parse_address("192.0.2.1"), 0}) == "192.0.2.1:?");
    CHECK(to_string(Endpoint{parse_address("::"), 0}) == "[::]:?");
    CHECK(to_string(Endpoint{}) == ":?");
}

TEST_CASE("the longest endpoint keeps within its bound, and nothing follows the text") {
    std::array<char, tcpladder::kMaxEndpointText + 1> out{};
    out.fill('#');
    const Address longest = parse_address("2001:db8:1111:2222:3333:4444:5555:6666");
    const auto text = "[2001:db8:1111:2222:3333:4444:5555:6666]:65535"sv;

    char* end = tcpladder::format_to(out.data(), Endpoint{longest, 65535});

    CHECK(std::string_view(out.data(), static_cast<std::size_t>(end - out.data())) == text);
    CHECK(std::all_of(end, out.data() + out.size(), [](char c) { return c == '#'; }));
}

TEST_CASE("an IPv4-mapped address becomes IPv4") {
    const Address address = unmapped(ipv6_of(kMapped));
    CHECK(address.version == 4);
    CHECK(address == parse_address("192.0.2.1"));  // no rest in the other twelve bytes
    CHECK(parse_address("::ffff:192.0.2.1") == address);
    CHECK(parse_address("::ffff:c000:201") == address);
}

TEST_CASE("an address that is not IPv4-mapped stays") {
    for (std::size_t byte = 0; byte < 12; ++byte) {
        auto bytes = kMapped;
        bytes[byte] ^= 1U;
        CHECK(unmapped(ipv6_of(bytes)) == ipv6_of(bytes));
    }
    const Address ipv4 = parse_address("192.0.2.1");
    CHECK(unmapped(ipv4) == ipv4);
    CHECK(unmapped(Address{}) == Address{});
    CHECK(unmapped(Address{kMapped, 0}) == Address{kMapped, 0});
}

TEST_CASE("text that is no literal address has version 0 and no bytes") {
    for (const auto text :
         {""sv, "localhost"sv, "192.0.2"sv, "192.0.2.256"sv, "192.0.2.1 "sv, " 192.0.2.1"sv,
          "192.0.2.1.1"sv, "192.0.2.1:80"sv, "[2001:db8::1]"sv, "2001:db8::1::2"sv, "2001:db8"sv,
          ":::"sv, "2001:db8::g"sv, "2001:db8::1%lo"sv, "192.0.2.1\0"sv, "2001:db8::1\0x"sv}) {
        CAPTURE(text);
        CHECK(parse_address(text) == Address{});
    }
    CHECK(parse_address(std::string(1000, '1')) == Address{});
}

TEST_CASE("a part of a longer text is parsed without what follows it") {
    CHECK(parse_address("192.0.2.123"sv.substr(0, 9)) == parse_address("192.0.2.1"));
}

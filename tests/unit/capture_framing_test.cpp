// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <cstdint>
#include <string>

#include "recording/capture_framing.h"

namespace tcpladder::test {
namespace {

std::string word(std::uint32_t value, bool big_endian) {
    std::string text(4, '\0');
    for (std::size_t i = 0; i < 4; ++i)
        text[big_endian ? 3 - i : i] = static_cast<char>(value >> 8 * i & 0xff);
    return text;
}

struct Pcap {
    std::uint32_t magic;
    bool big_endian;
    std::size_t packet_header;

    std::string start() const { return word(magic, big_endian) + std::string(20, '\0'); }
    std::string packet(std::uint32_t size) const {
        auto text = word(1, big_endian) + word(2, big_endian) + word(size, big_endian) +
                    word(size + 100, big_endian);
        text.resize(packet_header + size, 'x');
        return text;
    }
};

std::string block(std::uint32_t type, const std::string& body, bool big_endian) {
    const auto size = word(static_cast<std::uint32_t>(body.size() + 12), big_endian);
    return word(type, big_endian) + size + body + size;
}

std::string section(bool big_endian) {
    return block(0x0a0d0d0a, word(0x1a2b3c4d, big_endian) + std::string(12, '\0'), big_endian);
}

// The first packet is whole once its last byte is there, whatever stands behind it.
void check_cuts(const CaptureFraming& framing, const std::string& stream, std::size_t first) {
    for (std::size_t size = 0; size <= stream.size(); ++size) {
        CAPTURE(size);
        auto asked = framing;  // who has found a packet goes on behind it
        const auto found = asked.next_packet(std::string_view(stream).substr(0, size));
        REQUIRE(found.has_value() == (size >= first));
        if (found)
            REQUIRE(*found == first);
    }
}

TEST_CASE("pcap: a packet is whole at its last byte, in each of the formats") {
    for (const auto& pcap : {Pcap{0xa1b2c3d4, false, 16}, Pcap{0xa1b2c3d4, true, 16},
                             Pcap{0xa1b23c4d, false, 16}, Pcap{0xa1b2cd34, true, 24}}) {
        CaptureFraming framing;
        framing.begin(pcap.start());
        check_cuts(framing, pcap.packet(54) + pcap.packet(0), pcap.packet_header + 54);
    }
}

TEST_CASE("pcapng: other blocks belong to the packet behind them, also a section of other order") {
    for (const std::uint32_t type : {2U, 3U, 6U}) {
        CaptureFraming framing;
        framing.begin(section(false));
        const auto before = block(5, std::string(8, 's'), false) + section(true) +
                            block(1, std::string(8, 'i'), true);
        const auto packet = block(type, std::string(40, 'p'), true);
        check_cuts(framing, before + packet + packet, before.size() + packet.size());
        CHECK(framing.next_packet(before + packet) == before.size() + packet.size());
        CHECK(framing.next_packet(packet) == packet.size());
    }
}

TEST_CASE("what no reader takes does not keep it waiting: libpcap says what is wrong") {
    CaptureFraming pcap;
    pcap.begin(Pcap{0xa1b2c3d4, false, 16}.start());
    CHECK(pcap.next_packet(std::string(16, '\xff')).has_value());
    CaptureFraming pcapng;
    pcapng.begin(section(false));
    CHECK(pcapng.next_packet(std::string(12, '\0')).has_value());
    CaptureFraming unknown;
    unknown.begin("no capture at all");
    CHECK(unknown.next_packet("x").has_value());
}

}  // namespace
}  // namespace tcpladder::test

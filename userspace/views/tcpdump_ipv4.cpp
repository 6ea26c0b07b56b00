// SPDX-License-Identifier: MIT
#include "views/tcpdump_checksum.h"
#include "views/tcpdump_ip.h"
#include "views/tcpdump_ipv4_options.h"

namespace tcpladder {
namespace {

constexpr std::size_t kMinHeader = 20;
constexpr std::size_t kSourceAt = 12;
constexpr std::size_t kDestinationAt = 16;

std::string_view congestion_text(unsigned tos) {
    constexpr std::string_view kTexts[] = {"", ",ECT(1)", ",ECT(0)", ",CE"};
    return kTexts[tos & 0x03];
}

void print_fragment_flags(TcpdumpLine& line, unsigned word) {
    struct Flag {
        unsigned bit;
        std::string_view name;
    };
    constexpr Flag kFlags[] = {{0x2000, "+"}, {0x4000, "DF"}, {0x8000, "rsvd"}};
    std::string_view separator;
    for (const Flag& flag : kFlags) {
        if ((word & flag.bit) != 0) {
            line.put(separator, flag.name);
            separator = ", ";
        }
    }
    line.put(separator.empty() ? "none" : "");
}

void print_header_checksum(TcpdumpPacket& packet, std::size_t size) {
    TcpdumpChecksum checksum;
    checksum.add(packet.bytes(0, size));
    if (!checksum.correct()) {
        const std::uint16_t field = packet.be16(10);
        packet.line().put(", bad cksum ", Hex{field}, " (->", Hex{checksum.should_be(field)}, ")!");
    }
}

/// -v: what stands before the addresses, on a line of its own. False: the row ends.
bool print_header(TcpdumpPacket& packet, std::size_t size) {
    TcpdumpLine& line = packet.line();
    const unsigned tos = packet.u8(1);
    const unsigned fragment = packet.be16(6);
    const unsigned ttl = packet.u8(8);
    line.put("(tos 0x", Hex{tos}, congestion_text(tos));
    if (ttl > 0) {
        line.put(", ttl ", ttl);
    }
    line.put(", id ", packet.be16(4), ", offset ", (fragment & 0x1fff) * 8, ", flags [");
    print_fragment_flags(line, fragment);
    line.put("], proto TCP (6), length ", packet.be16(2));
    bool complete = true;
    if (size > kMinHeader) {
        line.put(", options (");
        complete = print_ipv4_options(packet, kMinHeader, size);
        line.put(complete ? ")" : " [truncated-option])");
    }
    print_header_checksum(packet, size);
    line.put(")\n    ");
    if (!complete) {
        line.put(packet.address(kSourceAt, 4), " > ", packet.address(kDestinationAt, 4), ": ");
        packet.truncate();
    }
    return complete;
}

}  // namespace

std::optional<TcpdumpIp> print_ipv4(TcpdumpPacket& packet, std::uint32_t length) {
    TcpdumpLine& line = packet.line();
    packet.enter("ip");
    line.put("IP ");
    if (!packet.has(0, kMinHeader)) {
        packet.truncate();
        return std::nullopt;
    }
    const std::size_t size = (packet.u8(0) & 0x0fU) * std::size_t{4};
    const std::uint32_t total = packet.be16(2);
    if (length < total) {
        line.put("truncated-ip - ", total - length, " bytes missing! ");
    }
    if (total < size) {  // 0: an aggregate beyond 64 KiB
        line.put("bad-len ", total);
        return std::nullopt;
    }
    packet.end_at(total);
    if (!packet.has(0, size)) {
        packet.truncate();
        return std::nullopt;
    }
    TcpdumpIp ip;
    ip.source = packet.address(kSourceAt, 4);
    ip.destination = packet.address(kDestinationAt, 4);
    if (packet.format().verbose > 0) {
        if (!print_header(packet, size)) {
            return std::nullopt;
        }
        ip.final_destination = source_route_end(packet, kMinHeader, size).value_or(ip.destination);
    }
    ip.tcp = size;
    ip.tcp_length = total - static_cast<std::uint32_t>(size);
    ip.fragmented = (packet.be16(6) & 0x2000) != 0;
    return ip;
}

}  // namespace tcpladder

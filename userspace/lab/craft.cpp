// SPDX-License-Identifier: MIT
#include "lab/craft.h"

#include <algorithm>
#include <span>

namespace tcpladder::lab {
namespace {

constexpr std::size_t kTcpBytes = 20;
constexpr std::size_t kIpv4Bytes = 20;
constexpr std::size_t kIpv6Bytes = 40;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kIcmp = 1;
constexpr std::uint8_t kIcmpv6 = 58;

using Bytes = std::vector<std::uint8_t>;

void put16(Bytes& out, std::size_t at, std::uint16_t value) {
    out[at] = static_cast<std::uint8_t>(value >> 8);
    out[at + 1] = static_cast<std::uint8_t>(value);
}
void put32(Bytes& out, std::size_t at, std::uint32_t value) {
    put16(out, at, static_cast<std::uint16_t>(value >> 16));
    put16(out, at + 2, static_cast<std::uint16_t>(value));
}

std::uint32_t sum(std::span<const std::uint8_t> bytes, std::uint32_t total = 0) {
    for (std::size_t i = 0; i < bytes.size(); ++i)
        total += i % 2 == 0 ? std::uint32_t{bytes[i]} << 8 : bytes[i];
    return total;
}

// RFC 1071.
std::uint16_t checksum(std::uint32_t total) {
    while (total >> 16 != 0)
        total = (total & 0xffff) + (total >> 16);
    return static_cast<std::uint16_t>(~total);
}

// Header and room for `payload` bytes; the upper layer's checksum is the caller's.
Bytes ip_packet(const Address& source, const Address& destination, std::uint8_t protocol,
                std::size_t payload) {
    if (source.version == 4) {
        Bytes out(kIpv4Bytes + payload);
        out[0] = 0x45;
        put16(out, 2, static_cast<std::uint16_t>(out.size()));
        out[6] = 0x40;  // don't fragment
        out[8] = 64;
        out[9] = protocol;
        std::copy_n(source.bytes.begin(), 4, out.begin() + 12);
        std::copy_n(destination.bytes.begin(), 4, out.begin() + 16);
        put16(out, 10, checksum(sum(std::span(out).first(kIpv4Bytes))));
        return out;
    }
    Bytes out(kIpv6Bytes + payload);
    out[0] = 0x60;
    put16(out, 4, static_cast<std::uint16_t>(payload));
    out[6] = protocol;
    out[7] = 64;
    std::copy_n(source.bytes.begin(), 16, out.begin() + 8);
    std::copy_n(destination.bytes.begin(), 16, out.begin() + 24);
    return out;
}

std::uint32_t pseudo_header(const Address& source, const Address& destination,
                            std::uint8_t protocol, std::size_t length) {
    const std::size_t bytes = source.version == 4 ? 4 : 16;
    auto total = sum(std::span(source.bytes).first(bytes));
    total = sum(std::span(destination.bytes).first(bytes), total);
    return total + protocol + static_cast<std::uint32_t>(length);
}

Address address_at(const Bytes& packet, std::size_t at, std::uint8_t version) {
    Address address;
    address.version = version;
    std::copy_n(packet.begin() + static_cast<std::ptrdiff_t>(at), version == 4 ? 4 : 16,
                address.bytes.begin());
    return address;
}

}  // namespace

std::vector<std::uint8_t> craft_segment(const TcpHeader& tcp) {
    const auto& source = tcp.source.address;
    const auto& destination = tcp.destination.address;
    auto out = ip_packet(source, destination, kTcp, kTcpBytes + tcp.payload);
    const std::size_t at = source.version == 4 ? kIpv4Bytes : kIpv6Bytes;
    put16(out, at, tcp.source.port);
    put16(out, at + 2, tcp.destination.port);
    put32(out, at + 4, tcp.seq);
    put32(out, at + 8, tcp.ack);
    out[at + 12] = (kTcpBytes / 4) << 4;
    out[at + 13] = static_cast<std::uint8_t>(tcp.flags);
    put16(out, at + 14, tcp.window);
    const auto start = pseudo_header(source, destination, kTcp, out.size() - at);
    put16(out, at + 16, checksum(sum(std::span(out).subspan(at), start)));
    return out;
}

std::vector<std::uint8_t> craft_unreachable(const std::vector<std::uint8_t>& packet) {
    constexpr std::size_t kIcmpBytes = 8;
    const std::uint8_t version = packet[0] >> 4 == 4 ? 4 : 6;
    const std::size_t ip = version == 4 ? kIpv4Bytes : kIpv6Bytes;
    const auto source = address_at(packet, version == 4 ? 12 : 8, version);
    const auto destination = address_at(packet, version == 4 ? 16 : 24, version);
    const auto quoted = std::min(packet.size(), ip + kTcpBytes);
    const auto protocol = version == 4 ? kIcmp : kIcmpv6;
    auto out = ip_packet(destination, source, protocol, kIcmpBytes + quoted);
    out[ip] = version == 4 ? 3 : 1;      // destination unreachable
    out[ip + 1] = version == 4 ? 1 : 3;  // the host; the address
    std::copy_n(packet.begin(), quoted, out.begin() + static_cast<std::ptrdiff_t>(ip + kIcmpBytes));
    const auto start =
        version == 4 ? 0 : pseudo_header(destination, source, kIcmpv6, out.size() - ip);
    put16(out, ip + 2, checksum(sum(std::span(out).subspan(ip), start)));
    return out;
}

}  // namespace tcpladder::lab

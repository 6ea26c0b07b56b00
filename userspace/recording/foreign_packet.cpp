// SPDX-License-Identifier: MIT
#include "recording/foreign_packet.h"

#include <algorithm>
#include <optional>

namespace tcpladder {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint8_t kTcp = 6;
constexpr std::size_t kIpv4Bytes = 20;
constexpr std::size_t kIpv6Bytes = 40;

/// Where the IP headers lead to.
struct IpKind {
    std::uint8_t protocol = 0;
    bool fragment = false;
    bool cut = false;  ///< the capture ends before that is known
};

IpKind ipv4_kind(Bytes ip) {
    if (ip.size() < kIpv4Bytes)
        return {0, false, true};
    constexpr unsigned kMoreOrOffset = 0x3fff;
    const unsigned fragment = static_cast<unsigned>(ip[6]) << 8 | ip[7];
    return {ip[9], (fragment & kMoreOrOffset) != 0, false};
}

// RFC 8200 section 4.5. A fragment header may also say that there is nothing else.
bool is_fragment(Bytes header) {
    constexpr unsigned kMoreOrOffset = 0xfff9;
    return ((static_cast<unsigned>(header[2]) << 8 | header[3]) & kMoreOrOffset) != 0;
}

IpKind ipv6_kind(Bytes ip) {
    enum : std::uint8_t { kHopByHop = 0, kRouting = 43, kFragment = 44, kDestination = 60 };
    if (ip.size() < kIpv6Bytes)
        return {0, false, true};
    IpKind kind{ip[6], false, false};
    auto rest = ip.subspan(kIpv6Bytes);
    while (kind.protocol == kHopByHop || kind.protocol == kRouting || kind.protocol == kFragment ||
           kind.protocol == kDestination) {
        if (rest.size() < 8)
            return {kind.protocol, kind.fragment, true};
        const bool fragment = kind.protocol == kFragment;
        kind.fragment = kind.fragment || (fragment && is_fragment(rest));
        const std::size_t bytes = fragment ? 8 : 8 + std::size_t{rest[1]} * 8;
        kind.protocol = rest[0];
        if (bytes > rest.size())
            return {kind.protocol, kind.fragment, true};
        rest = rest.subspan(bytes);
    }
    return kind;
}

std::optional<IpKind> ip_kind(Bytes ip) {
    if (ip.empty())
        return IpKind{0, false, true};
    if (ip[0] >> 4 == 4)
        return ipv4_kind(ip);
    if (ip[0] >> 4 == 6)
        return ipv6_kind(ip);
    return std::nullopt;
}

bool is_loopback(const TcpHeader& tcp) {
    static const auto kLoopbackV6 = parse_address("::1");
    const auto& address = tcp.destination.address;
    return (address.version == 4 && address.bytes[0] == 127) || address == kLoopbackV6 ||
           address == tcp.source.address;
}

void fill(ForeignPacket& packet, Bytes ip, const TcpHeader& tcp) {
    constexpr std::uint32_t kLoopbackIfindex = 1;
    auto& segment = packet.segment;
    segment = Segment();
    segment.tcp = tcp;
    segment.length = std::uint32_t{tcp.header_bytes} + tcp.payload;
    segment.captured =
        static_cast<std::uint16_t>(std::min<std::size_t>(tcp.header_bytes, segment.headers.size()));
    std::copy_n(ip.begin(), segment.captured, segment.headers.begin());
    const bool v4 = ip[0] >> 4 == 4;
    packet.ttl = v4 ? ip[8] : ip[7];
    packet.ip_id = v4 ? static_cast<std::uint16_t>(ip[4] << 8 | ip[5]) : std::uint16_t{0};
    packet.link.loopback = packet.link.loopback || is_loopback(tcp);
    segment.ifindex = packet.link.ifindex;
    if (packet.link.loopback)
        segment.ifindex = kLoopbackIfindex;
    else if (segment.ifindex == kLoopbackIfindex)
        segment.ifindex = 0;  // of another system than Linux
}

}  // namespace

FrameKind read_frame(int dlt, Bytes frame, std::uint32_t wire_length, ForeignPacket& packet) {
    const auto link = link_layer(dlt, frame);
    if (!link)
        return FrameKind::kOther;
    packet.link = *link;
    const auto ip = frame.subspan(link->bytes);
    const auto kind = ip_kind(ip);
    if (!kind)
        return FrameKind::kOther;
    const bool cut = frame.size() < wire_length;
    if (kind->fragment)
        return FrameKind::kFragment;
    if (kind->cut)
        return cut ? FrameKind::kCut : FrameKind::kBroken;
    if (kind->protocol != kTcp)
        return FrameKind::kOther;
    const auto whole = std::max<std::size_t>(wire_length, frame.size()) - link->bytes;
    const auto tcp = parse_tcp(ip, static_cast<std::uint32_t>(whole));
    if (!tcp)
        return cut ? FrameKind::kCut : FrameKind::kBroken;
    fill(packet, ip, *tcp);
    return FrameKind::kSegment;
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include "recording/link_layer.h"

#include <algorithm>

#include <pcap/pcap.h>

namespace tcpladder {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint16_t kIpv4 = 0x0800;
constexpr std::uint16_t kIpv6 = 0x86dd;
constexpr std::uint16_t kVlan = 0x8100;
constexpr std::uint16_t kQinQ = 0x88a8;
constexpr std::uint16_t kOldQinQ = 0x9100;
constexpr std::uint16_t kPppoeSession = 0x8864;
constexpr std::uint16_t kMaxLength = 1500;  // IEEE 802.3: a type is above it

constexpr std::size_t kEthernetBytes = 14;
constexpr std::size_t kSllBytes = 16;
constexpr std::size_t kSll2Bytes = 20;
constexpr std::size_t kPppoeBytes = 6;
constexpr std::uint16_t kArphrdLoopback = 772;  // include/uapi/linux/if_arp.h

// What may stand at the front of PPP (RFC 1661, RFC 1662).
constexpr std::uint8_t kHdlcAddress = 0xff;
constexpr std::uint8_t kHdlcControl = 0x03;

/// A frame, read from the front.
class Frame {
public:
    explicit Frame(Bytes bytes) : bytes_(bytes) {}

    bool has(std::size_t count) const { return bytes_.size() - at_ >= count; }
    std::uint8_t u8(std::size_t offset) const { return bytes_[at_ + offset]; }
    std::uint16_t be16(std::size_t offset) const {
        return static_cast<std::uint16_t>(u8(offset) << 8 | u8(offset + 1));
    }
    std::uint32_t be32(std::size_t offset) const {
        return static_cast<std::uint32_t>(be16(offset)) << 16 | be16(offset + 2);
    }
    std::size_t at() const { return at_; }

    /// Goes on, and remembers what it passed as part of the path.
    void pass(std::size_t count, bool in_path) {
        for (std::size_t i = 0; in_path && i < count; ++i)
            path_ = (path_ ^ u8(i)) * 16777619U;  // FNV-1a
        at_ += count;
    }
    std::uint32_t path() const { return path_; }

private:
    Bytes bytes_;
    std::size_t at_ = 0;
    std::uint32_t path_ = 2166136261U;
};

bool skip_ppp(Frame& frame) {
    if (frame.has(2) && frame.u8(0) == kHdlcAddress && frame.u8(1) == kHdlcControl)
        frame.pass(2, false);
    if (!frame.has(2))
        return false;
    const bool one_byte = (frame.u8(0) & 1U) != 0;  // protocol field compression
    const auto protocol = one_byte ? frame.u8(0) : frame.be16(0);
    frame.pass(one_byte ? 1 : 2, false);
    return protocol == 0x0021 || protocol == 0x0057;  // IPv4, IPv6
}

bool skip_pppoe(Frame& frame) {
    if (!frame.has(kPppoeBytes))
        return false;
    frame.pass(kPppoeBytes, false);
    return skip_ppp(frame);
}

bool is_vlan(std::uint16_t type) {
    return type == kVlan || type == kQinQ || type == kOldQinQ;
}

// IEEE 802.2 with SNAP: AA AA 03, five bytes of which the last two are a type.
std::optional<std::uint16_t> snap_type(Frame& frame) {
    constexpr std::size_t kBytes = 8;
    if (!frame.has(kBytes) || frame.be16(0) != 0xaaaa || frame.u8(2) != 0x03)
        return std::nullopt;
    const auto type = frame.be16(6);
    frame.pass(kBytes, false);
    return type;
}

/// `type` is what announces the bytes at the front.
bool skip_types(Frame& frame, std::uint16_t type) {
    while (is_vlan(type)) {
        if (!frame.has(4))
            return false;
        type = frame.be16(2);
        frame.pass(4, true);
    }
    if (type <= kMaxLength) {
        const auto snap = snap_type(frame);
        if (!snap)
            return false;
        type = *snap;
    }
    if (type == kPppoeSession)
        return skip_pppoe(frame);
    return type == kIpv4 || type == kIpv6;
}

bool skip_ethernet(Frame& frame) {
    if (!frame.has(kEthernetBytes))
        return false;
    const auto type = frame.be16(12);
    frame.pass(kEthernetBytes, true);
    return skip_types(frame, type);
}

// include/uapi/linux/if_packet.h
Direction direction_of(unsigned packet_type) {
    constexpr unsigned kHost = 0;
    constexpr unsigned kOtherHost = 3;
    constexpr unsigned kOutgoing = 4;
    switch (packet_type) {
        case kHost:
            return Direction::kIn;
        case kOtherHost:
            return Direction::kForeign;
        case kOutgoing:
            return Direction::kOut;
        default:
            return Direction::kUnknown;  // to a group: no TCP
    }
}

bool skip_sll(Frame& frame, LinkLayer& link) {
    if (!frame.has(kSllBytes))
        return false;
    link.direction = direction_of(frame.be16(0));
    link.loopback = frame.be16(2) == kArphrdLoopback;
    const auto type = frame.be16(14);
    frame.pass(kSllBytes, true);
    return skip_types(frame, type);
}

bool skip_sll2(Frame& frame, LinkLayer& link) {
    if (!frame.has(kSll2Bytes))
        return false;
    const auto type = frame.be16(0);
    link.ifindex = frame.be32(4);
    link.loopback = frame.be16(8) == kArphrdLoopback;
    link.direction = direction_of(frame.u8(10));
    frame.pass(kSll2Bytes, true);
    return skip_types(frame, type);
}

// The address family of the machine that captured, in its byte order.
bool skip_family(Frame& frame) {
    if (!frame.has(4))
        return false;
    const auto big = frame.be32(0);
    const auto family = big <= 0xff ? big : std::uint32_t{frame.u8(0)};
    frame.pass(4, false);
    constexpr std::uint32_t kFamilies[] = {2, 10, 24, 28, 30};  // IPv4; IPv6 of four systems
    return std::find(std::begin(kFamilies), std::end(kFamilies), family) != std::end(kFamilies);
}

// Cisco's HDLC: address, control, and a type as in Ethernet.
bool skip_cisco(Frame& frame) {
    if (!frame.has(4))
        return false;
    const auto type = frame.be16(2);
    frame.pass(4, false);
    return skip_types(frame, type);
}

bool skip_serial(Frame& frame) {
    const bool cisco = frame.has(1) && (frame.u8(0) == 0x0f || frame.u8(0) == 0x8f);
    return cisco ? skip_cisco(frame) : skip_ppp(frame);
}

// Its first byte is the direction, in the place of HDLC's address.
bool skip_pppd(Frame& frame, LinkLayer& link) {
    if (!frame.has(2))
        return false;
    if (frame.u8(0) <= 1)
        link.direction = frame.u8(0) == 0 ? Direction::kIn : Direction::kOut;
    frame.pass(frame.u8(1) == kHdlcControl ? 2 : 1, false);
    return skip_ppp(frame);
}

constexpr int kDltRawBsd = 14;  // OpenBSD's DLT_RAW

bool skip_to_ip(int dlt, Frame& frame, LinkLayer& link) {
    switch (dlt) {
        case DLT_EN10MB:
            return skip_ethernet(frame);
        case DLT_LINUX_SLL:
            return skip_sll(frame, link);
        case DLT_LINUX_SLL2:
            return skip_sll2(frame, link);
        case DLT_NULL:
        case DLT_LOOP:
            return skip_family(frame);
        case DLT_PPP:
            return skip_ppp(frame);
        case DLT_PPP_SERIAL:
            return skip_serial(frame);
        case DLT_C_HDLC:
            return skip_cisco(frame);
        case DLT_PPP_ETHER:
            return skip_pppoe(frame);
        case DLT_PPP_PPPD:
            return skip_pppd(frame, link);
        default:
            return true;  // raw IP
    }
}

}  // namespace

bool knows_link_type(int dlt) {
    switch (dlt) {
        case DLT_EN10MB:
        case DLT_LINUX_SLL:
        case DLT_LINUX_SLL2:
        case DLT_NULL:
        case DLT_LOOP:
        case DLT_PPP:
        case DLT_PPP_SERIAL:
        case DLT_C_HDLC:
        case DLT_PPP_ETHER:
        case DLT_PPP_PPPD:
        case DLT_RAW:
        case kDltRawBsd:
        case DLT_IPV4:
        case DLT_IPV6:
            return true;
        default:
            return false;
    }
}

std::optional<LinkLayer> link_layer(int dlt, Bytes bytes) {
    Frame frame(bytes);
    LinkLayer link;
    if (!skip_to_ip(dlt, frame, link))
        return std::nullopt;
    link.bytes = frame.at();
    link.path = frame.path();
    return link;
}

}  // namespace tcpladder

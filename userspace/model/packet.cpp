// SPDX-License-Identifier: MIT
#include "model/packet.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <tuple>

namespace tcpladder {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kMaxOffset = 0xffff;  // what TcpHeader's offsets can hold
constexpr std::size_t kIpv4MinBytes = 20;
constexpr std::size_t kIpv6Bytes = 40;
constexpr std::size_t kIpv6UnitBytes = 8;  // extension headers are multiples of it
constexpr std::size_t kTcpMinBytes = 20;

enum Protocol : std::uint8_t {
    kHopByHop = 0,
    kTcp = 6,
    kRouting = 43,
    kFragment = 44,
    kDestinationOptions = 60,
};

enum OptionKind : std::uint8_t {
    kEndOfList = 0,
    kNoOperation = 1,
    kMss = 2,
    kWindowScale = 3,
    kSackPermitted = 4,
    kSack = 5,
    kTimestamp = 8,
    kFastOpen = 34,
};

constexpr std::uint8_t kMaxWindowScale = 14;  // RFC 7323 section 2.3: larger ones count as this
constexpr std::size_t kSackBlockBytes = 8;
constexpr std::size_t kMaxSackBlocks = std::tuple_size_v<decltype(TcpOptions::sack)>;

/// What the IP header, extension headers included, says of the TCP segment in it,
/// beside the addresses.
struct IpLayer {
    std::size_t bytes = 0;     ///< of IP headers
    std::uint32_t length = 0;  ///< of the packet, without padding of the link layer
};

std::uint16_t be16(Bytes bytes, std::size_t offset) {
    return static_cast<std::uint16_t>(bytes[offset] << 8 | bytes[offset + 1]);
}

std::uint32_t be32(Bytes bytes, std::size_t offset) {
    return std::uint32_t{bytes[offset]} << 24 | std::uint32_t{bytes[offset + 1]} << 16 |
           std::uint32_t{bytes[offset + 2]} << 8 | std::uint32_t{bytes[offset + 3]};
}

void read_ipv4_address(Bytes bytes, Address& out) {
    out.version = 4;
    out.bytes = {};
    std::memcpy(out.bytes.data(), bytes.data(), 4);
}

void read_ipv6_address(Bytes bytes, Address& out) {
    out.version = 6;
    std::memcpy(out.bytes.data(), bytes.data(), 16);
    out = unmapped(out);
}

std::optional<IpLayer> read_ipv4(Bytes packet, std::uint32_t length, TcpHeader& header) {
    if (packet.size() < kIpv4MinBytes) {
        return std::nullopt;
    }
    const std::size_t bytes = std::size_t{4} * (packet[0] & 0x0fU);
    const std::uint32_t total = be16(packet, 2);
    const bool first_fragment = (be16(packet, 6) & 0x1fff) == 0;
    if (bytes < kIpv4MinBytes || packet[9] != kTcp || !first_fragment) {
        return std::nullopt;
    }
    read_ipv4_address(packet.subspan(12, 4), header.source.address);
    read_ipv4_address(packet.subspan(16, 4), header.destination.address);
    return IpLayer{bytes, total != 0 ? std::min(total, length) : length};
}

/// Size of the extension header that `rest` starts with; nothing if it is cut
/// off, of no known kind, or says that this is no first fragment.
std::optional<std::size_t> extension_bytes(Bytes rest, std::uint8_t kind) {
    if (rest.size() < kIpv6UnitBytes) {
        return std::nullopt;
    }
    std::size_t bytes = kIpv6UnitBytes;
    switch (kind) {
        case kHopByHop:
        case kRouting:
        case kDestinationOptions:
            bytes += rest[1] * kIpv6UnitBytes;
            break;
        case kFragment:
            if (be16(rest, 2) >> 3 != 0) {
                return std::nullopt;
            }
            break;
        default:
            return std::nullopt;
    }
    return bytes <= rest.size() ? std::optional(bytes) : std::nullopt;
}

std::optional<IpLayer> read_ipv6(Bytes packet, std::uint32_t length, TcpHeader& header) {
    if (packet.size() < kIpv6Bytes) {
        return std::nullopt;
    }
    const std::uint32_t payload = be16(packet, 4);
    std::uint8_t next = packet[6];
    std::size_t offset = kIpv6Bytes;
    while (next != kTcp) {
        const auto bytes = extension_bytes(packet.subspan(offset), next);
        if (!bytes) {
            return std::nullopt;
        }
        next = packet[offset];
        offset += *bytes;
    }
    const auto total = static_cast<std::uint32_t>(kIpv6Bytes + payload);
    read_ipv6_address(packet.subspan(8, 16), header.source.address);
    read_ipv6_address(packet.subspan(24, 16), header.destination.address);
    return IpLayer{offset, payload != 0 ? std::min(total, length) : length};
}

std::optional<IpLayer> read_ip(Bytes packet, std::uint32_t length, TcpHeader& header) {
    if (packet.empty()) {
        return std::nullopt;
    }
    switch (packet[0] >> 4) {
        case 4:
            return read_ipv4(packet, length, header);
        case 6:
            return read_ipv6(packet, length, header);
        default:
            return std::nullopt;
    }
}

/// Body lengths that the kind may have; kinds that we do not know may have any.
bool length_fits(std::uint8_t kind, Bytes body) {
    const std::size_t length = body.size();
    switch (kind) {
        case kMss:
            return length == 2;
        case kWindowScale:
            return length == 1;
        case kSackPermitted:
            return length == 0;
        case kSack:
            return length % kSackBlockBytes == 0 && length >= kSackBlockBytes &&
                   length <= kMaxSackBlocks * kSackBlockBytes;
        case kTimestamp:
            return length == 8;
        default:
            return true;
    }
}

void read_sack(TcpOptions& options, Bytes body) {
    options.sack_blocks = static_cast<std::uint8_t>(body.size() / kSackBlockBytes);
    for (std::size_t i = 0; i < options.sack_blocks; ++i) {
        const std::size_t offset = i * kSackBlockBytes;
        options.sack[i] = {be32(body, offset), be32(body, offset + 4)};
    }
}

/// `body` is the option without kind and length, and its length fits.
void read_option(TcpOptions& options, std::uint8_t kind, Bytes body) {
    switch (kind) {
        case kMss:
            options.mss = be16(body, 0);
            break;
        case kWindowScale:
            options.window_scale = std::min(body[0], kMaxWindowScale);
            break;
        case kSackPermitted:
            options.sack_permitted = true;
            break;
        case kSack:
            read_sack(options, body);
            break;
        case kTimestamp:
            options.timestamp = TcpOptions::Timestamp{be32(body, 0), be32(body, 4)};
            break;
        case kFastOpen:
            options.fast_open = true;
            break;
        default:
            break;
    }
}

}  // namespace

bool read_tcp(Bytes packet, std::uint32_t length, TcpHeader& header) {
    packet = packet.first(std::min(packet.size(), kMaxOffset));
    const auto ip = read_ip(packet, length, header);
    if (!ip || packet.size() < ip->bytes + kTcpMinBytes) {
        return false;
    }
    const Bytes tcp = packet.subspan(ip->bytes);
    const std::size_t tcp_bytes = std::size_t{4} * (tcp[12] >> 4U);
    if (tcp_bytes < kTcpMinBytes || tcp_bytes > tcp.size()) {
        return false;
    }
    const auto header_bytes = static_cast<std::uint16_t>(ip->bytes + tcp_bytes);
    header.source.port = be16(tcp, 0);
    header.destination.port = be16(tcp, 2);
    header.seq = be32(tcp, 4);
    header.ack = be32(tcp, 8);
    header.payload = ip->length > header_bytes ? ip->length - header_bytes : 0;
    header.flags = be16(tcp, 12) & 0x1ff;
    header.window = be16(tcp, 14);
    header.ip_bytes = static_cast<std::uint16_t>(ip->bytes);
    header.header_bytes = header_bytes;
    return true;
}

std::optional<TcpHeader> parse_tcp(Bytes packet, std::uint32_t length) {
    TcpHeader header;
    return read_tcp(packet, length, header) ? std::optional(header) : std::nullopt;
}

TcpOptions parse_tcp_options(Bytes options) {
    TcpOptions result;
    while (!options.empty() && options[0] != kEndOfList) {
        if (options[0] == kNoOperation) {
            options = options.subspan(1);
            continue;
        }
        const std::size_t bytes = options.size() >= 2 ? options[1] : 0;
        const bool complete = bytes >= 2 && bytes <= options.size();
        if (!complete || !length_fits(options[0], options.subspan(2, bytes - 2))) {
            result.malformed = true;
            break;
        }
        read_option(result, options[0], options.subspan(2, bytes - 2));
        options = options.subspan(bytes);
    }
    return result;
}

}  // namespace tcpladder

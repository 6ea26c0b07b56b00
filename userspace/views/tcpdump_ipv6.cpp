// SPDX-License-Identifier: MIT
#include "views/tcpdump_ip.h"
#include "views/tcpdump_ipv6_options.h"

namespace tcpladder {
namespace {

constexpr std::size_t kHeader = 40;
constexpr std::size_t kUnit = 8;  // extension headers are multiples of it
constexpr std::size_t kAddress = 16;
constexpr std::size_t kSourceAt = 8;
constexpr std::size_t kDestinationAt = 24;

constexpr std::uint8_t kMobilityRouting = 2;
constexpr std::uint8_t kSegmentRouting = 4;

enum Next : std::uint8_t {
    kHopByHop = 0,
    kTcp = 6,
    kRouting = 43,
    kFragment = 44,
    kDestinationOptions = 60,
};

std::string_view name_of(std::uint8_t next) {
    switch (next) {
        case kHopByHop:
            return "Options";
        case kTcp:
            return "TCP";
        case kRouting:
            return "Routing";
        case kFragment:
            return "Fragment";
        default:
            return "unknown";
    }
}

/// Walks over the headers of one packet.
class Ipv6 {
public:
    Ipv6(TcpdumpPacket& packet, std::uint32_t length)
        : packet_(packet), line_(packet.line()), length_(length) {}

    std::optional<TcpdumpIp> print();

private:
    void print_header();
    bool walk();
    /// Each returns the size of the extension header at at_; 0: the row ends here.
    std::size_t print_extension();
    std::size_t print_hop_by_hop();
    std::size_t print_options_header(std::string_view layer, std::string_view name);
    std::size_t print_fragment();
    std::size_t print_routing();
    void print_plain_route();
    void print_segment_route();
    std::size_t print_segments(std::size_t units);
    void follow_route(std::uint8_t type, std::size_t segments);
    bool settle_length();
    bool reject();

    bool verbose() const { return packet_.format().verbose > 0; }

    TcpdumpPacket& packet_;
    TcpdumpLine& line_;
    const std::uint32_t length_;
    TcpdumpIp ip_;
    TcpdumpPayloadLength payload_;
    std::uint32_t left_ = 0;  ///< from at_ on, as the lengths say
    std::size_t at_ = 0;      ///< of the header in turn
    std::uint8_t next_ = 0;   ///< its kind
    bool hop_by_hop_seen_ = false;
    bool route_seen_ = false;
};

/// ` [|ip6]`, and the row ends.
bool Ipv6::reject() {
    packet_.enter("ip6");
    packet_.truncate();
    return false;
}

std::optional<TcpdumpIp> Ipv6::print() {
    if (!packet_.has(0, kHeader)) {
        reject();
        return std::nullopt;
    }
    packet_.enter("ip6");
    line_.put("IP6 ");
    payload_.bytes = packet_.be16(4);
    next_ = packet_.u8(6);
    left_ = (payload_.bytes != 0 ? payload_.bytes : length_) + kHeader;
    if (payload_.bytes != 0 && length_ < left_) {
        line_.put("truncated-ip6 - ", left_ - length_, " bytes missing!");
    }
    if (verbose()) {
        print_header();
    }
    packet_.end_at(left_);
    ip_.source = packet_.address(kSourceAt, 6);
    ip_.destination = packet_.address(kDestinationAt, 6);
    ip_.final_destination = ip_.destination;
    return walk() ? std::optional(ip_) : std::nullopt;
}

void Ipv6::print_header() {
    const std::uint32_t word = packet_.be32(0);
    const std::uint32_t traffic_class = word >> 20 & 0xff;
    const std::uint32_t flow = word & 0xfffff;
    line_.put('(');
    if (traffic_class != 0) {
        line_.put("class 0x", Hex{traffic_class, 2}, ", ");
    }
    if (flow != 0) {
        line_.put("flowlabel 0x", Hex{flow, 5}, ", ");
    }
    line_.put("hlim ", packet_.u8(7), ", next-header ", name_of(next_), " (", next_,
              ") payload length: ", payload_.bytes, ") ");
}

bool Ipv6::walk() {
    if (next_ != kTcp) {
        ip_.extended = true;
        line_.put(ip_.source, " > ", ip_.destination, ": ");
    }
    std::size_t size = kHeader;
    while (at_ < packet_.size() && size > 0) {
        if (left_ < size) {
            return reject();
        }
        at_ += size;
        left_ -= static_cast<std::uint32_t>(size);
        if (next_ == kTcp) {
            return settle_length();
        }
        size = print_extension();
        if (size > 0) {
            next_ = packet_.u8(at_);
        }
        packet_.enter("ip6");
    }
    return false;
}

std::size_t Ipv6::print_extension() {
    switch (next_) {
        case kHopByHop:
            return print_hop_by_hop();
        case kDestinationOptions:
            return print_options_header("dstopt", "DSTOPT ");
        case kFragment:
            return print_fragment();
        case kRouting:
            return print_routing();
        default:
            return 0;  // parse_tcp() lets no other through
    }
}

std::size_t Ipv6::print_hop_by_hop() {
    if (hop_by_hop_seen_ || at_ != kHeader) {
        line_.put(hop_by_hop_seen_ ? "[The Hop-by-Hop Options header was already found]"
                                   : "[The Hop-by-Hop Options header don't follow the IPv6 header]",
                  kTcpdumpInvalid);
        return 0;
    }
    hop_by_hop_seen_ = true;
    const std::size_t size = print_options_header("hbhopt", "HBH ");
    if (payload_.bytes == 0) {
        line_.put("[No valid Jumbo Payload Hop-by-Hop option found]", kTcpdumpInvalid);
        return 0;
    }
    return size;
}

std::size_t Ipv6::print_options_header(std::string_view layer, std::string_view name) {
    const bool hop_by_hop = name == "HBH ";
    packet_.enter(layer);
    const std::size_t size = (packet_.u8(at_ + 1) + std::size_t{1}) * kUnit;
    bool fine = packet_.has(at_, size);
    if (fine) {
        line_.put(name);
        // A jumbo option counts with and without -v.
        fine = (!hop_by_hop && !verbose()) ||
               print_ipv6_options(packet_, at_ + 2, at_ + size, hop_by_hop ? &payload_ : nullptr);
    }
    if (!fine) {
        line_.put(" [|", layer, ']');
        return 0;
    }
    return size;
}

/// Of the first fragment: parse_tcp() lets no other through.
std::size_t Ipv6::print_fragment() {
    packet_.enter("frag6");
    if (!packet_.has(at_, verbose() ? 8 : 4)) {  // id, and offset
        packet_.truncate();
        return 0;
    }
    const std::size_t size = kHeader + packet_.be16(4) - at_ - kUnit;
    line_.put("frag (");
    if (verbose()) {
        line_.put("0x", Hex{packet_.be32(at_ + 4), 8}, ':');
    }
    line_.put("0|", size, ") ");
    ip_.fragmented = true;
    return packet_.size() > at_ + kUnit ? kUnit : 0;
}

/// Each field has a put() of its own: where one cannot be read, those before it
/// are printed still.
std::size_t Ipv6::print_routing() {
    if (!packet_.has(at_, 1)) {
        packet_.truncate();
        return 0;
    }
    packet_.enter("rt6");
    line_.put("RT6");
    const std::size_t units = packet_.u8(at_ + 1);
    line_.put(" (len=", units);
    const std::uint8_t type = packet_.u8(at_ + 2);
    line_.put(", type=", type, type == 0 ? " [Deprecated]" : "");
    line_.put(", segleft=", packet_.u8(at_ + 3));
    switch (type) {
        case 0:
        case kMobilityRouting:
            print_plain_route();
            break;
        case kSegmentRouting:
            print_segment_route();
            break;
        default:
            line_.put(" (unknown type)", kTcpdumpInvalid);
            return 0;
    }
    follow_route(type, units / 2);
    return print_segments(units);
}

void Ipv6::print_plain_route() {
    const std::uint32_t reserved = packet_.be32(at_ + 4);
    if (reserved != 0 || verbose()) {
        line_.put(", rsv=0x", Hex{reserved});
    }
}

void Ipv6::print_segment_route() {
    line_.put(", last-entry=", packet_.u8(at_ + 4));
    const std::uint8_t flags = packet_.u8(at_ + 5);
    if (flags != 0 || verbose()) {
        line_.put(", flags=0x", Hex{flags});
    }
    line_.put(", tag=", Hex{packet_.be16(at_ + 6)});
}

/// The checksum covers the last address of the first routing header.
void Ipv6::follow_route(std::uint8_t type, std::size_t segments) {
    const bool reversed = type == kSegmentRouting;
    const std::size_t last =
        at_ + kUnit + (reversed || segments == 0 ? 0 : segments - 1) * kAddress;
    if (!route_seen_ && (reversed || segments > 0) && packet_.has(last, kAddress)) {
        ip_.final_destination = packet_.address(last, 6);
    }
    route_seen_ = true;
}

std::size_t Ipv6::print_segments(std::size_t units) {
    if (units % 2 != 0) {
        line_.put(" (invalid length ", units, ')', kTcpdumpInvalid);
        return 0;
    }
    for (std::size_t i = 0; i < units / 2; ++i) {
        line_.put(", [", i, ']', packet_.address(at_ + kUnit + i * kAddress, 6));
    }
    line_.put(") ");
    return (units + 1) * kUnit;
}

/// At the TCP header: how long is the segment?
bool Ipv6::settle_length() {
    if (payload_.jumbo) {
        const auto total = static_cast<std::uint32_t>(payload_.bytes + kHeader);
        if (total < at_) {
            return reject();
        }
        if (length_ < total) {
            line_.put("truncated-ip6 - ", total - length_, " bytes missing!");
        }
        packet_.end_at(total);
        left_ = total - static_cast<std::uint32_t>(at_);
    } else if (payload_.bytes == 0) {
        if (ip_.extended) {
            return reject();
        }
        packet_.end_at(kHeader);  // tcpdump: no length, no segment
        left_ = 0;
    }
    ip_.tcp = at_;
    ip_.tcp_length = left_;
    return true;
}

}  // namespace

std::optional<TcpdumpIp> print_ipv6(TcpdumpPacket& packet, std::uint32_t length) {
    return Ipv6(packet, length).print();
}

}  // namespace tcpladder

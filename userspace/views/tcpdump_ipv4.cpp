// SPDX-License-Identifier: MIT
#include "views/tcpdump_checksum.h"
#include "views/tcpdump_ip.h"

namespace tcpladder {
namespace {

constexpr std::size_t kMinHeader = 20;
constexpr std::size_t kSourceAt = 12;
constexpr std::size_t kDestinationAt = 16;

enum Option : std::uint8_t {
    kEndOfList = 0,
    kNoOperation = 1,
    kRecordRoute = 7,
    kTimestamp = 68,
    kTraceroute = 82,
    kSecurity = 130,
    kLooseRoute = 131,
    kStrictRoute = 137,
    kRouterAlert = 148,
};

void print_option_name(TcpdumpLine& line, std::uint8_t kind) {
    switch (kind) {
        case kEndOfList:
            return line.put("EOL");
        case kNoOperation:
            return line.put("NOP");
        case kRecordRoute:
            return line.put("RR");
        case kTimestamp:
            return line.put("timestamp");
        case kTraceroute:
            return line.put("traceroute");
        case kSecurity:
            return line.put("security");
        case kLooseRoute:
            return line.put("LSRR");
        case kStrictRoute:
            return line.put("SSRR");
        case kRouterAlert:
            return line.put("RA");
        default:
            return line.put("unknown ", kind);
    }
}

void print_bad(TcpdumpLine& line, std::string_view what, unsigned value) {
    line.put("[bad ", what, ' ', value, ']');
}

/// RR, LSRR, SSRR. The last address may lie partly outside of the option; false:
/// outside of what there is to read.
bool print_route(TcpdumpPacket& packet, std::size_t at, unsigned size) {
    TcpdumpLine& line = packet.line();
    if (size < 3 || (size + 1) % 4 != 0) {
        line.put(' ');
        print_bad(line, "length", size);
    }
    if (size < 3) {
        return true;
    }
    const unsigned pointer = packet.u8(at + 2);
    const unsigned next = pointer - 1;  // counted from 0; wraps as tcpdump's does
    if (next < 3 || (next + 1) % 4 != 0 || next > size + 1) {
        line.put(' ');
        print_bad(line, "ptr", pointer);
    }
    for (unsigned i = 3; i < size; i += 4) {
        if (!packet.has(at + i, 4)) {
            return false;
        }
        line.put(' ', packet.address(at + i, 4), next > i ? "," : "");
    }
    return true;
}

struct TimestampOption {
    std::size_t at = 0;
    unsigned size = 0;
    unsigned next = 0;  ///< offset of the first free place
    unsigned hop = 0;   ///< bytes per entry
};

/// False: an entry lies outside of what there is to read.
bool print_timestamp_entries(TcpdumpPacket& packet, const TimestampOption& option) {
    TcpdumpLine& line = packet.line();
    unsigned i = 4;
    for (; i < option.size; i += option.hop) {
        if (!packet.has(option.at + i, option.hop)) {
            return false;
        }
        line.put(option.next == i ? " ^ " : " ", packet.be32(option.at + i + option.hop - 4), '@');
        if (option.hop == 8) {
            line.put(packet.address(option.at + i, 4));
        }
    }
    line.put(option.next == i ? " ^ " : "");
    return true;
}

std::string_view timestamp_type(unsigned type) {
    switch (type) {
        case 0:
            return "TSONLY";
        case 1:
            return "TS+ADDR";
        case 3:
            return "PRESPEC";
        default:
            return "";
    }
}

bool print_timestamp(TcpdumpPacket& packet, std::size_t at, unsigned size) {
    TcpdumpLine& line = packet.line();
    if (size < 4) {
        print_bad(line, "length", size);
        return true;
    }
    line.put(" TS{");
    const unsigned type = packet.u8(at + 3) & 0x0f;
    const unsigned missed = packet.u8(at + 3) >> 4;
    const unsigned pointer = packet.u8(at + 2);
    const TimestampOption option{at, size, pointer - 1, type == 0 ? 4U : 8U};
    if ((size - 4) % option.hop != 0) {
        print_bad(line, "length", size);
    }
    if (option.next < 4 || (option.next - 4) % option.hop != 0 || option.next > size + 1) {
        print_bad(line, "ptr", pointer);
    }
    if (timestamp_type(type).empty()) {
        print_bad(line, "ts type", type);
        line.put(option.next == 0 ? " ^ " : "");
    } else {
        line.put(timestamp_type(type));
        if (!print_timestamp_entries(packet, option)) {
            return false;
        }
    }
    if (missed != 0) {
        line.put(" [", missed, " hops not recorded]} ");
    } else {
        line.put('}');
    }
    return true;
}

bool print_option_body(TcpdumpPacket& packet, std::uint8_t kind, std::size_t at, unsigned size) {
    switch (kind) {
        case kTimestamp:
            return print_timestamp(packet, at, size);
        case kRecordRoute:
        case kLooseRoute:
        case kStrictRoute:
            return print_route(packet, at, size);
        case kRouterAlert:
            if (size < 4) {
                packet.line().put(' ');
                print_bad(packet.line(), "length", size);
            } else if (packet.be16(at + 2) != 0) {
                packet.line().put(" value ", packet.be16(at + 2));
            }
            return true;
        default:
            return true;
    }
}

/// False: an option reaches beyond what there is to read.
bool print_options(TcpdumpPacket& packet, std::size_t at, std::size_t end) {
    TcpdumpLine& line = packet.line();
    for (std::size_t first = at; at < end;) {
        line.put(at == first ? "" : ",");
        const std::uint8_t kind = packet.u8(at);
        print_option_name(line, kind);
        const bool single = kind == kEndOfList || kind == kNoOperation;
        const unsigned size = single ? 1U : packet.u8(at + 1);
        if (size < (single ? 1U : 2U) || size > end - at) {
            line.put(' ');
            print_bad(line, "length", size);
            return true;
        }
        if (kind == kEndOfList) {
            return true;
        }
        if (!print_option_body(packet, kind, at, size)) {
            return false;
        }
        at += size;
    }
    return true;
}

/// The last address of a source route, else the destination.
Address final_destination(TcpdumpPacket& packet, std::size_t end) {
    std::size_t at = kMinHeader;
    while (at < end && packet.u8(at) != kEndOfList) {
        const std::uint8_t kind = packet.u8(at);
        const std::size_t size = kind == kNoOperation ? 1U : packet.u8(at + 1);
        if (size == 0 || (size < 2 && kind != kNoOperation) || size > end - at) {
            break;
        }
        if ((kind == kLooseRoute || kind == kStrictRoute) && size >= 7) {
            return packet.address(at + size - 4, 4);
        }
        at += size;
    }
    return packet.address(kDestinationAt, 4);
}

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
        complete = print_options(packet, kMinHeader, size);
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
    const std::size_t size = (packet.u8(0) & 0x0fU) * 4;
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
    if (packet.format().verbose > 0) {
        if (!print_header(packet, size)) {
            return std::nullopt;
        }
        ip.final_destination = final_destination(packet, size);
    }
    ip.source = packet.address(kSourceAt, 4);
    ip.destination = packet.address(kDestinationAt, 4);
    ip.tcp = size;
    ip.tcp_length = total - static_cast<std::uint32_t>(size);
    ip.fragmented = (packet.be16(6) & 0x2000) != 0;
    return ip;
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include "views/tcpdump_ipv4_options.h"

namespace tcpladder {
namespace {

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

}  // namespace

bool print_ipv4_options(TcpdumpPacket& packet, std::size_t at, std::size_t end) {
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

std::optional<Address> source_route_end(TcpdumpPacket& packet, std::size_t at, std::size_t end) {
    while (at < end && packet.u8(at) != kEndOfList) {
        const std::uint8_t kind = packet.u8(at);
        const std::size_t size = kind == kNoOperation ? 1U : packet.u8(at + 1);
        if (size < (kind == kNoOperation ? 1U : 2U) || size > end - at) {
            break;
        }
        if ((kind == kLooseRoute || kind == kStrictRoute) && size >= 7) {
            return packet.address(at + size - 4, 4);
        }
        at += size;
    }
    return std::nullopt;
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include "views/tcpdump_mptcp.h"

#include <algorithm>
#include <iterator>

#include "model/packet.h"

namespace tcpladder {
namespace {

/// The option, its kind and length included.
struct Option {
    TcpdumpPacket& packet;
    TcpdumpLine& line;
    std::size_t at = 0;
    std::size_t size = 0;
    bool syn = false;
    bool ack = false;

    std::uint8_t u8(std::size_t offset) const { return packet.u8(at + offset); }
    std::uint16_t be16(std::size_t offset) const { return packet.be16(at + offset); }
    std::uint32_t be32(std::size_t offset) const { return packet.be32(at + offset); }
    std::uint64_t be64(std::size_t offset) const { return packet.be64(at + offset); }
};

bool print_capable(const Option& option) {
    const bool in_syn = option.syn && (option.size == 4 || option.size == 12);
    const bool in_ack = option.ack && !option.syn && (option.size == 20 || option.size == 22);
    if (!in_syn && !in_ack) {
        return false;
    }
    const unsigned version = option.u8(2) & 0x0f;
    if (version > 1) {
        option.line.put(" Unknown Version (", version, ')');
        return true;
    }
    option.line.put(" v", version);
    if ((option.u8(3) & 0x80) != 0) {
        option.line.put(" csum");
    }
    if (option.size >= 12) {
        option.line.put(" {0x", Hex{option.be64(4)});
        if (option.size >= 20) {
            option.line.put(",0x", Hex{option.be64(12)});
        }
        option.line.put('}');
    }
    return true;
}

void print_join_ack(const Option& option) {
    option.line.put(" hmac 0x");
    for (std::size_t i = 4; i < option.size; ++i) {
        option.line.put(Hex{option.u8(i), 2});
    }
}

bool print_join(const Option& option) {
    const bool first = option.size == 12 && option.syn;
    const bool second = option.size == 16 && option.syn && option.ack;
    const bool third = option.size == 24 && option.ack;
    if (!first && !second && !third) {
        return false;
    }
    if (third) {
        print_join_ack(option);
        return true;
    }
    option.line.put((option.u8(2) & 0x01) != 0 ? " backup" : "", " id ", option.u8(3));
    if (first) {
        option.line.put(" token 0x", Hex{option.be32(4)}, " nonce 0x", Hex{option.be32(8)});
    } else {
        option.line.put(" hmac 0x", Hex{option.be64(4)}, " nonce 0x", Hex{option.be32(12)});
    }
    return true;
}

/// A number of four or eight bytes at `offset`, which it moves on; false: no room.
bool print_dss_number(const Option& option, std::size_t& offset, bool wide) {
    const std::size_t size = wide ? 8 : 4;
    if (option.size - offset < size) {
        return false;
    }
    option.line.put(wide ? option.be64(offset) : option.be32(offset));
    offset += size;
    return true;
}

bool print_dss_mapping(const Option& option, std::size_t& offset, bool wide) {
    option.line.put(" seq ");
    if (!print_dss_number(option, offset, wide) || option.size - offset < 4) {
        return false;
    }
    option.line.put(" subseq ", option.be32(offset));
    offset += 4;
    if (option.size - offset < 2) {
        return false;
    }
    option.line.put(" len ", option.be16(offset));
    offset += 2;
    if (option.size - offset >= 2) {
        option.line.put(" csum 0x", Hex{option.be16(offset)});
        offset += 2;
    }
    return true;
}

bool print_dss(const Option& option) {
    constexpr unsigned kAck = 0x01;
    constexpr unsigned kWideAck = 0x02;
    constexpr unsigned kMapping = 0x04;
    constexpr unsigned kWideMapping = 0x08;
    constexpr unsigned kFin = 0x10;
    if (option.size < 4 || option.syn) {
        return false;
    }
    const unsigned flags = option.u8(3);
    option.line.put((flags & kFin) != 0 ? " fin" : "");
    std::size_t offset = 4;
    if ((flags & kAck) != 0) {
        option.line.put(" ack ");
        if (!print_dss_number(option, offset, (flags & kWideAck) != 0)) {
            return false;
        }
    }
    if ((flags & kMapping) != 0 &&
        !print_dss_mapping(option, offset, (flags & kWideMapping) != 0)) {
        return false;
    }
    return offset == option.size;
}

std::string_view add_address_version(unsigned bits) {
    switch (bits) {
        case 0:
            return " v1";
        case 1:
            return " v1-echo";
        case 4:
            return " v0-ip4";
        case 6:
            return " v0-ip6";
        default:
            return " [bad version/echo]";
    }
}

/// The size alone tells the address family, and whether port and HMAC are there.
bool print_add_address(const Option& option) {
    const bool ipv4 =
        option.size == 8 || option.size == 10 || option.size == 16 || option.size == 18;
    const bool ipv6 =
        option.size == 20 || option.size == 22 || option.size == 28 || option.size == 30;
    if (!ipv4 && !ipv6) {
        return false;
    }
    std::size_t offset = ipv4 ? 8 : 20;
    option.line.put(add_address_version(option.u8(2) & 0x0f), " id ", option.u8(3), ' ',
                    option.packet.address(option.at + 4, ipv4 ? 4 : 6));
    if ((option.size - offset) % 8 == 2) {
        option.line.put(':', option.be16(offset));
        offset += 2;
    }
    if (offset < option.size) {
        option.line.put(" hmac 0x", Hex{option.be64(offset)});
    }
    return true;
}

bool print_remove_address(const Option& option) {
    if (option.size < 4) {
        return false;
    }
    option.line.put(" id");
    for (std::size_t i = 3; i < option.size; ++i) {
        option.line.put(' ', option.u8(i));
    }
    return true;
}

bool print_priority(const Option& option) {
    if (option.size != 3 && option.size != 4) {
        return false;
    }
    option.line.put((option.u8(2) & 0x01) != 0 ? " backup" : " non-backup");
    if (option.size == 4) {
        option.line.put(" id ", option.u8(3));
    }
    return true;
}

bool print_fail(const Option& option) {
    if (option.size != 12) {
        return false;
    }
    option.line.put(" seq ", option.be64(4));
    return true;
}

bool print_fast_close(const Option& option) {
    if (option.size != 12) {
        return false;
    }
    option.line.put(" key 0x", Hex{option.be64(4)});
    return true;
}

bool print_unknown(const Option& /*option*/) {
    return true;
}

struct Subtype {
    std::string_view name;
    bool (*print)(const Option&);
};

constexpr Subtype kSubtypes[] = {
    {" capable", print_capable},
    {" join", print_join},
    {" dss", print_dss},
    {" add-addr", print_add_address},
    {" rem-addr", print_remove_address},
    {" prio", print_priority},
    {" fail", print_fail},
    {" fast-close", print_fast_close},
    {" unknown", print_unknown},
};

}  // namespace

bool print_mptcp(TcpdumpPacket& packet, std::size_t at, std::size_t size, std::uint8_t flags) {
    packet.enter("mptcp");
    if (size < 3) {
        return false;
    }
    const Option option{packet,
                        packet.line(),
                        at,
                        size,
                        (flags & tcp_flag::kSyn) != 0,
                        (flags & tcp_flag::kAck) != 0};
    const std::size_t number = std::size_t{option.u8(2)} >> 4;
    const Subtype& subtype = kSubtypes[std::min(number, std::size(kSubtypes) - 1)];
    packet.line().put(' ', size, subtype.name);
    return subtype.print(option);
}

}  // namespace tcpladder

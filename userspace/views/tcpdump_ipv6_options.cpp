// SPDX-License-Identifier: MIT
#include "views/tcpdump_ipv6_options.h"

namespace tcpladder {
namespace {

enum Kind : std::uint8_t {
    kPad1 = 0x00,
    kPadN = 0x01,
    kRouterAlert = 0x05,
    kJumbo = 0xc2,
    kHomeAddress = 0xc9,
};

constexpr std::uint32_t kMinJumbo = 65536;  // RFC 2675 section 3

class Ipv6Options {
public:
    Ipv6Options(TcpdumpPacket& packet, std::size_t at, std::size_t end,
                TcpdumpPayloadLength* length)
        : packet_(packet), line_(packet.line()), at_(at), end_(end), length_(length) {}

    bool print();

private:
    bool print_option(std::uint8_t kind);
    bool fits(std::string_view name, std::size_t size, bool exactly);
    bool print_router_alert();
    bool print_jumbo();
    std::string_view judge_jumbo(std::uint32_t bytes);
    bool print_home_address();
    bool print_sub_options(std::size_t at, std::size_t end);
    std::size_t size_at(std::size_t at, std::size_t end);

    bool verbose() const { return packet_.format().verbose > 0; }

    TcpdumpPacket& packet_;
    TcpdumpLine& line_;
    std::size_t at_;
    std::size_t end_;
    TcpdumpPayloadLength* length_;
    bool jumbo_seen_ = false;
};

/// 0: it does not fit.
std::size_t Ipv6Options::size_at(std::size_t at, std::size_t end) {
    if (packet_.u8(at) == kPad1) {
        return 1;
    }
    const std::size_t size = at + 1 < end ? packet_.u8(at + 1) + std::size_t{2} : 0;
    return size <= end - at ? size : 0;
}

bool Ipv6Options::print() {
    while (at_ < end_) {
        const std::size_t size = size_at(at_, end_);
        if (size == 0 || !print_option(packet_.u8(at_))) {
            return false;
        }
        at_ += size;
    }
    line_.put(verbose() ? " " : "");
    return true;
}

bool Ipv6Options::print_option(std::uint8_t kind) {
    switch (kind) {
        case kRouterAlert:
            return print_router_alert();
        case kJumbo:
            return print_jumbo();
        case kHomeAddress:
            return print_home_address();
        default:
            break;
    }
    if (!verbose()) {
        return true;
    }
    if (kind == kPad1 || kind == kPadN) {
        line_.put(kind == kPad1 ? "(pad1)" : "(padn)");
    } else {
        line_.put("(opt_type 0x", Hex{kind, 2}, ": len=", packet_.u8(at_ + 1), ')');
    }
    return true;
}

/// Whether the option in turn has `size` bytes or, if not `exactly`, more.
bool Ipv6Options::fits(std::string_view name, std::size_t size, bool exactly) {
    if (end_ - at_ < size) {
        line_.put('(', name, ": trunc)");
        return false;
    }
    const std::size_t body = packet_.u8(at_ + 1);
    if (exactly ? body != size - 2 : body < size - 2) {
        line_.put('(', name, ": invalid len ", body, ')');
        return false;
    }
    return true;
}

bool Ipv6Options::print_router_alert() {
    if (!fits("rtalert", 4, true)) {
        return false;
    }
    if (verbose()) {
        line_.put("(rtalert: 0x", Hex{packet_.be16(at_ + 2), 4}, ") ");
    }
    return true;
}

bool Ipv6Options::print_jumbo() {
    if (!fits("jumbo", 6, true)) {
        return false;
    }
    const std::uint32_t bytes = packet_.be32(at_ + 2);
    const std::string_view remark = judge_jumbo(bytes);
    if (verbose()) {
        line_.put("(jumbo: ", bytes, remark, ") ");
    }
    return true;
}

/// Takes a valid one; else says what is wrong.
std::string_view Ipv6Options::judge_jumbo(std::uint32_t bytes) {
    if (jumbo_seen_) {
        return " - already seen";
    }
    jumbo_seen_ = true;
    if (length_ == nullptr) {
        return " - not a hop-by-hop option";
    }
    if (length_->bytes != 0) {
        return " - payload len != 0";
    }
    if (bytes < kMinJumbo) {
        return " - < 65536";
    }
    *length_ = {bytes, true};
    return "";
}

bool Ipv6Options::print_home_address() {
    constexpr std::size_t kSize = 18;
    if (!fits("homeaddr", kSize, false)) {
        return false;
    }
    if (!verbose()) {
        return true;
    }
    line_.put("(homeaddr: ", packet_.address(at_ + 2, 6));
    if (!print_sub_options(at_ + kSize, at_ + 2 + packet_.u8(at_ + 1))) {
        return false;
    }
    line_.put(')');
    return true;
}

bool Ipv6Options::print_sub_options(std::size_t at, std::size_t end) {
    while (at < end) {
        const std::size_t size = size_at(at, end);
        if (size == 0) {
            return false;
        }
        const std::uint8_t kind = packet_.u8(at);
        if (kind == kPad1 || kind == kPadN) {
            line_.put(kind == kPad1 ? ", pad1" : ", padn");
        } else {
            line_.put(", sopt_type 0x", Hex{kind, 2}, ": len=", packet_.u8(at + 1));
        }
        at += size;
    }
    return true;
}

}  // namespace

bool print_ipv6_options(TcpdumpPacket& packet, std::size_t at, std::size_t end,
                        TcpdumpPayloadLength* length) {
    return Ipv6Options(packet, at, end, length).print();
}

}  // namespace tcpladder

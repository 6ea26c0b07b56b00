// SPDX-License-Identifier: MIT
#include "views/tcpdump_options.h"

#include <array>
#include <optional>

#include "views/tcpdump_mptcp.h"

namespace tcpladder {
namespace {

enum Kind : std::uint8_t {
    kEndOfList = 0,
    kNoOperation = 1,
    kMss = 2,
    kWindowScale = 3,
    kSackPermitted = 4,
    kSack = 5,
    kEcho = 6,
    kEchoReply = 7,
    kTimestamp = 8,
    kCc = 11,
    kCcNew = 12,
    kCcEcho = 13,
    kSignature = 19,
    kScps = 20,
    kUserTimeout = 28,
    kAuthentication = 29,
    kMptcp = 30,
    kFastOpen = 34,
    kExperiment = 254,
};

constexpr std::uint16_t kFastOpenMagic = 0xf989;  // RFC 7413 appendix A

constexpr bool is_single_byte(std::uint8_t kind) {
    return kind == kEndOfList || kind == kNoOperation;
}

/// By kind; empty where tcpdump has no name (and, for one kind, prints none).
constexpr auto kNames = [] {
    std::array<std::string_view, 256> names;
    names[kEndOfList] = "eol";
    names[kNoOperation] = "nop";
    names[kMss] = "mss";
    names[kWindowScale] = "wscale";
    names[kSackPermitted] = "sackOK";
    names[kSack] = "sack";
    names[kEcho] = "echo";
    names[kEchoReply] = "echoreply";
    names[kTimestamp] = "TS";
    names[kCc] = "cc";
    names[kCcNew] = "ccnew";
    names[kSignature] = "md5";
    names[kScps] = "scps";
    names[kUserTimeout] = "uto";
    names[kAuthentication] = "tcp-ao";
    names[kMptcp] = "mptcp";
    names[kFastOpen] = "tfo";
    names[kExperiment] = "exp";
    return names;
}();

/// Walks over the options of one segment.
class Options {
public:
    Options(TcpdumpPacket& packet, const TcpdumpOptionList& list)
        : packet_(packet), line_(packet.line()), list_(list), at_(list.at), left_(list.size) {}

    bool print();

private:
    /// How many bytes of an option's body were printed, which tcpdump skips then,
    /// whatever the option's own length; nothing: malformed.
    using Printed = std::optional<std::size_t>;

    bool is_padded_timestamp();
    bool print_option(std::uint8_t kind);
    void print_name(std::uint8_t kind);
    Printed print_body(std::uint8_t kind, std::size_t size);
    Printed print_number(std::size_t size);
    Printed print_timestamp();
    Printed print_signature();
    Printed print_scps();
    Printed print_user_timeout();
    void print_sack(std::size_t size);
    void print_authentication(std::size_t size);
    void print_fast_open(std::size_t at, std::size_t size);
    Printed print_experiment(std::size_t size);
    void print_unknown(std::size_t size);
    void print_bytes(std::size_t at, std::size_t size);

    TcpdumpPacket& packet_;
    TcpdumpLine& line_;
    const TcpdumpOptionList& list_;
    std::size_t at_;    ///< of the next byte
    std::size_t left_;  ///< in the header, from at_ on
};

/// What most segments have, and nothing else: two NOPs and a time stamp.
bool Options::is_padded_timestamp() {
    constexpr std::uint32_t kStart = kNoOperation << 24 | kNoOperation << 16 | kTimestamp << 8 | 10;
    return list_.size == 12 && packet_.has(at_, list_.size) && packet_.be32(at_) == kStart;
}

bool Options::print() {
    if (is_padded_timestamp()) {
        line_.put(", options [nop,nop,TS val ", packet_.be32(at_ + 4), " ecr ",
                  packet_.be32(at_ + 8), ']');
        return true;
    }
    line_.put(", options [");
    bool first = true;
    for (std::uint8_t kind = kNoOperation; left_ > 0 && kind != kEndOfList; first = false) {
        if (!first) {
            line_.put(',');
        }
        kind = packet_.u8(at_);
        if (!print_option(kind)) {
            line_.put("[bad opt]", first ? "" : "]");
            return false;
        }
    }
    line_.put(']');
    return true;
}

bool Options::print_option(std::uint8_t kind) {
    std::size_t size = 1;
    if (!is_single_byte(kind)) {
        size = packet_.u8(at_ + 1);
        if (size < 2 || size > left_) {
            return false;
        }
    }
    const std::size_t head = is_single_byte(kind) ? 1 : 2;
    at_ += head;
    left_ -= head;
    print_name(kind);
    const Printed printed = print_body(kind, size - head);
    if (!printed) {
        return false;
    }
    at_ += *printed;
    left_ -= *printed;
    if (head + *printed != size) {
        line_.put("[len ", size, ']');
    }
    return true;
}

void Options::print_name(std::uint8_t kind) {
    const std::string_view name = kNames[kind];
    if (!name.empty()) {
        line_.put(name);
    } else if (kind != kCcEcho) {
        line_.put("unknown-", kind);
    }
}

Options::Printed Options::print_body(std::uint8_t kind, std::size_t size) {
    switch (kind) {
        case kEndOfList:
        case kNoOperation:
        case kSackPermitted:
            return 0;
        case kMss:
            return print_number(2);
        case kWindowScale:
            return print_number(1);
        case kCc:
        case kCcNew:
        case kCcEcho:
        case kEcho:
        case kEchoReply:
            return print_number(4);
        case kTimestamp:
            return print_timestamp();
        case kSignature:
            return print_signature();
        case kScps:
            return print_scps();
        case kUserTimeout:
            return print_user_timeout();
        case kSack:
            print_sack(size);
            return size;
        case kAuthentication:
            print_authentication(size);
            return size;
        case kMptcp:
            return print_mptcp(packet_, at_ - 2, size + 2, list_.flags) ? Printed(size)
                                                                        : std::nullopt;
        case kFastOpen:
            line_.put(' ');
            print_fast_open(at_, size);
            return size;
        case kExperiment:
            return print_experiment(size);
        default:
            print_unknown(size);
            return size;
    }
}

Options::Printed Options::print_number(std::size_t size) {
    if (size > left_) {
        return std::nullopt;
    }
    switch (size) {
        case 1:
            line_.put(' ', packet_.u8(at_));
            break;
        case 2:
            line_.put(' ', packet_.be16(at_));
            break;
        default:
            line_.put(' ', packet_.be32(at_));
            break;
    }
    return size;
}

Options::Printed Options::print_timestamp() {
    constexpr std::size_t kSize = 8;
    if (kSize > left_) {
        return std::nullopt;
    }
    line_.put(" val ", packet_.be32(at_), " ecr ", packet_.be32(at_ + 4));
    return kSize;
}

/// Nobody gave tcpdump the key, so it can only say why it does not check.
Options::Printed Options::print_signature() {
    constexpr std::size_t kSize = 16;
    if (kSize > left_) {
        return std::nullopt;
    }
    line_.put(list_.has_payload ? " snaplen too short, " : " shared secret not supplied with -M, ",
              "can't check - ");
    print_bytes(at_, kSize);
    return kSize;
}

Options::Printed Options::print_scps() {
    constexpr std::size_t kSize = 2;
    if (kSize > left_) {
        return std::nullopt;
    }
    line_.put(" cap ", Hex{packet_.u8(at_), 2}, " id ", packet_.u8(at_ + 1));
    return kSize;
}

/// RFC 5482: the highest bit says minutes; tcpdump takes the lowest for it.
Options::Printed Options::print_user_timeout() {
    constexpr std::size_t kSize = 2;
    if (kSize > left_) {
        return std::nullopt;
    }
    const unsigned raw = packet_.be16(at_);
    line_.put(" 0x", Hex{raw}, ' ', (raw >> 1) * ((raw & 1) != 0 ? 60 : 1));
    return kSize;
}

void Options::print_sack(std::size_t size) {
    constexpr std::size_t kBlock = 8;
    if (size % kBlock != 0) {
        line_.put(" invalid sack");
        return;
    }
    line_.put(' ', size / kBlock, ' ');
    for (std::size_t at = at_; at < at_ + size; at += kBlock) {
        line_.put('{', packet_.be32(at) - list_.sack_base, ':',
                  packet_.be32(at + 4) - list_.sack_base, '}');
    }
}

void Options::print_authentication(std::size_t size) {
    if (size < 2) {
        line_.put(kTcpdumpInvalid);
        return;
    }
    line_.put(" keyid ", packet_.u8(at_), " rnextkeyid ", packet_.u8(at_ + 1));
    if (size > 2) {
        line_.put(" mac 0x");
        print_bytes(at_ + 2, size - 2);
    }
}

void Options::print_fast_open(std::size_t at, std::size_t size) {
    if (size == 0) {
        line_.put(" cookiereq");
    } else if (size % 2 != 0 || size < 4 || size > 16) {
        line_.put(kTcpdumpInvalid);
    } else {
        line_.put(" cookie ");
        print_bytes(at, size);
    }
}

Options::Printed Options::print_experiment(std::size_t size) {
    if (size < 2) {
        return std::nullopt;
    }
    const std::uint16_t magic = packet_.be16(at_);
    if (magic == kFastOpenMagic) {
        line_.put("-tfo");
        print_fast_open(at_ + 2, size - 2);
    } else {
        line_.put('-', Hex{magic, 4});
    }
    return size;
}

void Options::print_unknown(std::size_t size) {
    if (size > 0) {
        line_.put(" 0x");
        print_bytes(at_, size);
    }
}

void Options::print_bytes(std::size_t at, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
        line_.put(Hex{packet_.u8(at + i), 2});
    }
}

}  // namespace

bool print_tcp_options(TcpdumpPacket& packet, const TcpdumpOptionList& list) {
    return Options(packet, list).print();
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include "views/tcpdump_tcp.h"

#include "model/packet.h"
#include "views/tcpdump_checksum.h"
#include "views/tcpdump_options.h"
#include "views/tcpdump_payload.h"

namespace tcpladder {
namespace {

constexpr std::size_t kMinHeader = 20;

struct Header {
    Endpoint source;
    Endpoint destination;
    TcpdumpNumbers::Relative numbers;
    std::uint32_t size = 0;
    std::uint16_t window = 0;
    std::uint16_t urgent = 0;
    std::uint8_t flags = 0;

    bool has(unsigned flag) const { return (flags & flag) != 0; }
};

void print_addresses(TcpdumpPacket& packet, const TcpdumpIp& ip) {
    const std::uint16_t source = packet.be16(ip.tcp);
    const std::uint16_t destination = packet.be16(ip.tcp + 2);
    if (ip.extended) {
        packet.line().put(source, " > ", destination, ": ");
    } else {
        packet.line().put(ip.source, '.', source, " > ", ip.destination, '.', destination, ": ");
    }
}

Header read_header(TcpdumpPacket& packet, const TcpdumpIp& ip) {
    Header header;
    header.source = {ip.source, packet.be16(ip.tcp)};
    header.destination = {ip.destination, packet.be16(ip.tcp + 2)};
    header.numbers.seq = packet.be32(ip.tcp + 4);
    header.numbers.ack = packet.be32(ip.tcp + 8);
    header.size = packet.u8(ip.tcp + 12) / 16U * 4U;
    header.flags = packet.u8(ip.tcp + 13);
    header.window = packet.be16(ip.tcp + 14);
    header.urgent = packet.be16(ip.tcp + 18);
    return header;
}

void print_flags(TcpdumpLine& line, std::uint8_t flags) {
    constexpr std::string_view kLetters = "FSRP.UEW";  // from the lowest bit on
    line.put("Flags [", flags == 0 ? "none" : "");
    for (std::size_t i = 0; i < kLetters.size(); ++i) {
        if ((flags >> i & 1) != 0) {
            line.put(kLetters[i]);
        }
    }
    line.put(']');
}

void make_relative(TcpdumpPacket& packet, Header& header) {
    if (!packet.format().absolute && header.has(tcp_flag::kAck)) {
        header.numbers =
            packet.numbers().relate(header.source, header.destination, header.numbers.seq,
                                    header.numbers.ack, header.has(tcp_flag::kSyn));
    }
}

void add_address(TcpdumpChecksum& checksum, const Address& address) {
    checksum.add(std::span(address.bytes).first(address.version == 4 ? 4 : 16));
}

/// -v, and only if the segment was captured whole.
void print_checksum(TcpdumpPacket& packet, const TcpdumpIp& ip) {
    if (packet.format().verbose == 0 || ip.fragmented || !packet.has(ip.tcp, ip.tcp_length)) {
        return;
    }
    constexpr std::uint16_t kTcp = 6;
    TcpdumpChecksum checksum;
    add_address(checksum, ip.source);
    add_address(checksum, ip.final_destination);
    checksum.add(kTcp);
    checksum.add(static_cast<std::uint16_t>(ip.tcp_length));
    checksum.add(packet.bytes(ip.tcp, ip.tcp_length));
    const std::uint16_t field = packet.be16(ip.tcp + 16);
    packet.line().put(", cksum 0x", Hex{field, 4});
    if (checksum.correct()) {
        packet.line().put(" (correct)");
    } else {
        packet.line().put(" (incorrect -> 0x", Hex{checksum.should_be(field), 4}, ')');
    }
}

void print_numbers(TcpdumpPacket& packet, const Header& header, std::uint32_t payload) {
    TcpdumpLine& line = packet.line();
    const auto [seq, ack, sack_base] = header.numbers;
    constexpr unsigned kTellsSeq = tcp_flag::kSyn | tcp_flag::kFin | tcp_flag::kRst;
    if (packet.format().verbose > 1 || payload > 0 || header.has(kTellsSeq)) {
        line.put(", seq ", seq);
        if (payload > 0) {
            line.put(':', seq + payload);
        }
    }
    if (header.has(tcp_flag::kAck)) {
        line.put(", ack ", ack);
    }
    line.put(", win ", header.window);
    if (header.has(tcp_flag::kUrg)) {
        line.put(", urg ", header.urgent);
    }
}

/// False: the row ends with them.
bool print_options(TcpdumpPacket& packet, const TcpdumpIp& ip, const Header& header,
                   std::uint32_t payload) {
    if (header.size <= kMinHeader) {
        return true;
    }
    TcpdumpOptionList list;
    list.at = ip.tcp + kMinHeader;
    list.size = header.size - kMinHeader;
    list.sack_base = header.numbers.sack_base;
    list.flags = header.flags;
    list.has_payload = payload > 0;
    return print_tcp_options(packet, list);
}

void print_segment(TcpdumpPacket& packet, const TcpdumpIp& ip, Header& header) {
    TcpdumpLine& line = packet.line();
    print_flags(line, header.flags);
    make_relative(packet, header);
    if (header.size > ip.tcp_length) {
        line.put(" [bad hdr length ", header.size, " - too long, > ", ip.tcp_length, ']');
        return;
    }
    const std::uint32_t payload = ip.tcp_length - header.size;
    print_checksum(packet, ip);
    print_numbers(packet, header, payload);
    if (!print_options(packet, ip, header, payload) || packet.truncated()) {
        return;
    }
    line.put(", length ", payload);
    if (payload > 0) {
        print_payload(packet, {header.source.port, header.destination.port, payload,
                               header.has(tcp_flag::kRst)});
    }
}

/// -q
void print_brief(TcpdumpPacket& packet, const TcpdumpIp& ip, const Header& header) {
    packet.line().put("tcp ", ip.tcp_length - header.size);  // wraps, as tcpdump's does
    if (header.size > ip.tcp_length) {
        packet.line().put(" [bad hdr length ", header.size, " - too long, > ", ip.tcp_length, ']');
    }
}

}  // namespace

void print_tcp(TcpdumpPacket& packet, const TcpdumpIp& ip) {
    packet.enter("tcp");
    if (!packet.has(ip.tcp, 4)) {
        packet.line().put(ip.source, " > ", ip.destination, ':');
        packet.truncate();
        return;
    }
    print_addresses(packet, ip);
    if (!packet.has(ip.tcp, kMinHeader)) {
        packet.truncate();
        return;
    }
    Header header = read_header(packet, ip);
    if (packet.format().quiet) {
        print_brief(packet, ip, header);
    } else {
        print_segment(packet, ip, header);
    }
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include "views/tcpdump_payload.h"

#include <algorithm>

namespace tcpladder {
namespace {

/// In the order in which tcpdump asks: with two such ports the first one counts.
enum class Protocol : std::uint8_t {
    kTelnet,
    kSmtp,
    kWhois,
    kBgp,
    kPptp,
    kResp,
    kSsh,
    kBeep,
    kOpenFlow,
    kFtp,
    kHttp,
    kRtsp,
    kDomain,
    kMsdp,
    kRpkiRtr,
    kLdp,
    kOther,
};

constexpr Protocol protocol_of(std::uint16_t port) {
    switch (port) {
        case 21:
            return Protocol::kFtp;
        case 22:
            return Protocol::kSsh;
        case 23:
            return Protocol::kTelnet;
        case 25:
            return Protocol::kSmtp;
        case 43:
            return Protocol::kWhois;
        case 53:
            return Protocol::kDomain;
        case 80:
        case 8080:
            return Protocol::kHttp;
        case 179:
            return Protocol::kBgp;
        case 323:
            return Protocol::kRpkiRtr;
        case 554:
        case 8554:
            return Protocol::kRtsp;
        case 639:
            return Protocol::kMsdp;
        case 646:
            return Protocol::kLdp;
        case 1723:
            return Protocol::kPptp;
        case 6379:
            return Protocol::kResp;
        case 6633:
        case 6653:
            return Protocol::kOpenFlow;
        case 10288:
            return Protocol::kBeep;
        default:
            return Protocol::kOther;
    }
}

/// With -v, the protocols whose lines tcpdump prints tell the length first.
void print_text_protocol(TcpdumpPacket& packet, std::string_view name, std::uint32_t length) {
    packet.line().put(": ", name);
    if (packet.format().verbose > 0) {
        packet.line().put(", length: ", length);
    }
}

void print_protocol(TcpdumpPacket& packet, Protocol protocol, std::uint32_t length) {
    constexpr std::uint32_t kLdpHeaders = 18;
    TcpdumpLine& line = packet.line();
    switch (protocol) {
        case Protocol::kTelnet:
            return line.put(" [|telnet]");
        case Protocol::kSmtp:
            print_text_protocol(packet, "SMTP", length);
            return line.put(" [|smtp]");
        case Protocol::kWhois:
            print_text_protocol(packet, "WHOIS", length);
            return line.put(" [|whois]");
        case Protocol::kBgp:
            return line.put(": BGP");
        case Protocol::kPptp:
            return line.put(": pptp [|pptp]");
        case Protocol::kResp:
            return line.put(": RESP [|resp]");
        case Protocol::kSsh:
            return line.put(" [|ssh]");
        case Protocol::kBeep:
            return line.put(" BEEP (payload or undecoded)");
        case Protocol::kOpenFlow:
            return line.put(": OpenFlow [|openflow]");
        case Protocol::kFtp:
            print_text_protocol(packet, "FTP", length);
            return line.put(" [|ftp]");
        case Protocol::kHttp:
            return line.put(": HTTP");
        case Protocol::kRtsp:
            return line.put(": RTSP");
        case Protocol::kDomain:
            if (length < 2) {
                return line.put(" [DNS over TCP: length ", length, " < 2]", kTcpdumpInvalid);
            }
            return line.put(" [|domain]");
        case Protocol::kMsdp:
            return line.put(": msdp [|msdp]");
        case Protocol::kRpkiRtr:
            return line.put(packet.format().verbose > 0 ? " [|rpki_rtr]" : ", RPKI-RTR");
        case Protocol::kLdp:
            return line.put(length > kLdpHeaders ? " [|ldp]" : "");
        case Protocol::kOther:
            return;
    }
}

}  // namespace

void print_payload(TcpdumpPacket& packet, const TcpdumpPayload& payload) {
    constexpr std::uint32_t kMaxResetData = 30;
    if (payload.reset && packet.format().verbose > 0) {
        packet.line().put(payload.length > kMaxResetData ? " [!RST+ ]" : " [!RST ]");
        return;
    }
    const Protocol protocol =
        std::min(protocol_of(payload.source_port), protocol_of(payload.destination_port));
    print_protocol(packet, protocol, payload.length);
}

}  // namespace tcpladder

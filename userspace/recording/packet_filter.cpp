// SPDX-License-Identifier: MIT
#include "recording/packet_filter.h"

#include <algorithm>
#include <array>
#include <span>

#include <pcap/pcap.h>

#include "support/error.h"

namespace tcpladder {

struct PacketFilter::Program {
    bpf_program code{};
    ~Program() { ::pcap_freecode(&code); }
};

namespace {

constexpr int kSnapLength = 262144;

// What `host`, `net`, `port`, `portrange`, `proto`, `ip`, `ip6` and `tcp` look at in a raw IP
// packet: version, protocol, fragment offset, addresses and ports (of IPv4 behind a header of
// any length, by index).
bool is_of_connection(const bpf_insn& instruction) {
    const auto code = instruction.code;
    const auto k = instruction.k;
    if (BPF_CLASS(code) != BPF_LD)
        return true;
    switch (BPF_MODE(code)) {
        case BPF_ABS:
            if (BPF_SIZE(code) == BPF_B)
                return k == 0 || k == 6 || k == 9 || k == 40;
            if (BPF_SIZE(code) == BPF_H)
                return k == 6 || k == 40 || k == 42;
            return k >= 8 && k <= 36 && k % 4 == 0;
        case BPF_IND:
            return BPF_SIZE(code) == BPF_H && (k == 0 || k == 2);
        case BPF_LEN:
            return false;
        default:
            return true;
    }
}

void put_port(std::uint8_t* out, std::uint16_t port) {
    out[0] = static_cast<std::uint8_t>(port >> 8);
    out[1] = static_cast<std::uint8_t>(port);
}

}  // namespace

PacketFilter::PacketFilter(const std::string& expression) : program_(std::make_unique<Program>()) {
    const std::unique_ptr<pcap_t, decltype(&::pcap_close)> dead(
        ::pcap_open_dead(DLT_RAW, kSnapLength), &::pcap_close);
    constexpr int kOptimize = 1;
    if (!dead || ::pcap_compile(dead.get(), &program_->code, expression.c_str(), kOptimize,
                                PCAP_NETMASK_UNKNOWN) != 0)
        throw UsageError("'" + expression +
                             "' is no filter: " + (dead ? ::pcap_geterr(dead.get()) : "no memory"),
                         "man pcap-filter: port 443, host 10.0.0.1 and tcp port 80, …");
    const std::span code(program_->code.bf_insns, program_->code.bf_len);
    of_connections_ = std::all_of(code.begin(), code.end(), is_of_connection);
}

PacketFilter::~PacketFilter() = default;

bool PacketFilter::takes(const std::uint8_t* packet, std::uint32_t captured,
                         std::uint32_t length) const {
    pcap_pkthdr header{};
    header.caplen = captured;
    header.len = length;
    return ::pcap_offline_filter(&program_->code, &header, packet) != 0;
}

// A segment between these ends, with nothing else in it.
bool PacketFilter::takes(const Endpoint& source, const Endpoint& destination) const {
    constexpr std::uint8_t kTcp = 6;
    constexpr std::uint8_t kNoOptions = 5U << 4U;
    const bool v6 = source.address.version == 6 || destination.address.version == 6;
    const std::uint32_t ip_bytes = v6 ? 40 : 20;
    const std::uint32_t length = ip_bytes + 20;
    std::array<std::uint8_t, 60> packet{};
    packet[0] = v6 ? 0x60 : 0x45;
    packet[v6 ? 5 : 3] = static_cast<std::uint8_t>(v6 ? 20 : length);
    packet[v6 ? 6 : 9] = kTcp;
    const std::size_t address_bytes = v6 ? 16 : 4;
    auto* addresses = packet.data() + (v6 ? 8 : 12);
    std::copy_n(source.address.bytes.begin(), address_bytes, addresses);
    std::copy_n(destination.address.bytes.begin(), address_bytes, addresses + address_bytes);
    auto* tcp = packet.data() + ip_bytes;
    put_port(tcp, source.port);
    put_port(tcp + 2, destination.port);
    tcp[12] = kNoOptions;
    return takes(packet.data(), length, length);
}

PacketFilter::Verdict PacketFilter::judge(const Event& event, const SocketEnds& ends) const {
    if (!of_connections_)
        return Verdict::kNo;
    if (takes(ends.local, ends.remote) || takes(ends.remote, ends.local))
        return Verdict::kYes;
    // Not a row: it tells the owner of what the listener will accept.
    if (const auto* owner = std::get_if<Owner>(&event.body);
        owner != nullptr && owner->state == TcpState::kListen)
        return Verdict::kYes;
    const bool may_become = ends.local.port == 0 && std::holds_alternative<StateChange>(event.body);
    return may_become ? Verdict::kUnknown : Verdict::kNo;
}

PacketFilter::Verdict PacketFilter::judge(const Event& event) const {
    if (const auto* segment = std::get_if<Segment>(&event.body)) {
        if (takes(segment->headers.data(), segment->captured, segment->length))
            return Verdict::kYes;
        return judge(event, {segment->tcp.source, segment->tcp.destination});
    }
    return std::visit(
        [&](const auto& body) {
            if constexpr (requires { body.ends; })
                return judge(event, body.ends);
            return Verdict::kYes;  // of the trace itself
        },
        event.body);
}

PacketFilter::Verdict PacketFilter::apply(Event& event) const {
    auto* segment = std::get_if<Segment>(&event.body);
    if (segment != nullptr && !of_connections_)
        segment->sk_state = segment->tw_substate = TcpState::kUnknown;
    return judge(event);
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include "recording/viewpoint.h"

#include <algorithm>
#include <tuple>
#include <vector>

namespace tcpladder {
namespace {

// One gap of the handshake is the round trip, the other only a host's delay:
// this much longer says which is which.
constexpr MonoNs kClear = 3;

bool is_initial_ttl(std::uint8_t ttl) {
    return ttl == 64 || ttl == 128 || ttl == 255;
}

}  // namespace

void Viewpoint::note(const ForeignPacket& packet) {
    ++packets_;
    auto& source = hosts_[packet.segment.tcp.source.address];
    ++source.packets;
    if (is_initial_ttl(packet.ttl))
        ++source.hops_none;
    if (packet.link.loopback)
        ++over_loopback_;
    note_direction(packet);
    note_handshake(packet);
    const auto [low, high] =
        std::minmax(packet.segment.tcp.source.address, packet.segment.tcp.destination.address);
    pairs_[{0, {low, 0}, {high, 0}}] = true;
}

void Viewpoint::note_direction(const ForeignPacket& packet) {
    auto& source = hosts_[packet.segment.tcp.source.address];
    auto& destination = hosts_[packet.segment.tcp.destination.address];
    if (packet.link.loopback) {
        ++source.here;
        ++destination.here;
        direct_ = true;
        return;
    }
    switch (packet.link.direction) {
        case Direction::kOut:
            ++source.here;
            ++destination.elsewhere;
            direct_ = true;
            break;
        case Direction::kIn:
            ++source.elsewhere;
            ++destination.here;
            direct_ = true;
            break;
        case Direction::kForeign:
            ++source.elsewhere;
            ++destination.elsewhere;
            break;
        case Direction::kUnknown:
            break;
    }
}

void Viewpoint::note_handshake(const ForeignPacket& packet) {
    const auto& tcp = packet.segment.tcp;
    const bool syn = tcp.has(tcp_flag::kSyn);
    const bool ack = tcp.has(tcp_flag::kAck);
    if (syn && !ack) {
        auto& handshake = opening_[{0, tcp.source, tcp.destination}];
        if (handshake.step != 0 && handshake.syn == tcp.seq) {
            handshake.step = 4;  // sent again: nobody knows which was answered
            return;
        }
        ++hosts_[tcp.source.address].as_client;
        ++hosts_[tcp.destination.address].as_server;
        handshake = {tcp.seq, 0, packet.time, 0, 1};
        return;
    }
    const auto found = syn ? opening_.find({0, tcp.destination, tcp.source})
                           : opening_.find({0, tcp.source, tcp.destination});
    if (found == opening_.end() || !ack)
        return;
    auto& handshake = found->second;
    if (syn && handshake.step == 1 && tcp.ack == handshake.syn + 1) {
        handshake.syn_ack = tcp.seq;
        handshake.syn_ack_time = packet.time;
        handshake.step = 2;
    } else if (!syn && handshake.step == 2 && tcp.ack == handshake.syn_ack + 1) {
        handshake.step = 3;
        judge(tcp, handshake, packet.time);
    }
}

void Viewpoint::judge(const TcpHeader& third, const Handshake& handshake, MonoNs time) {
    ++handshakes_;
    auto& client = hosts_[third.source.address];
    auto& server = hosts_[third.destination.address];
    const auto to_server = handshake.syn_ack_time - handshake.syn_time;
    const auto to_client = time - handshake.syn_ack_time;
    if (to_client * kClear < to_server) {
        ++client.handshakes;
        --server.handshakes;
    } else if (to_server * kClear < to_client) {
        --client.handshakes;
        ++server.handshakes;
    }
}

bool Viewpoint::is_near(const Host& host) const {
    if (host.here != 0 || host.elsewhere != 0)
        return host.here != 0 && host.elsewhere == 0;
    return host.handshakes > 0;
}

bool Viewpoint::has_full_hops(const Host& host) const {
    return host.packets != 0 && host.hops_none == host.packets;
}

// Only where nothing better is known of either end.
void Viewpoint::compare_hops() {
    for (const auto& [pair, unused] : pairs_) {
        auto& a = hosts_[pair.local.address];
        auto& b = hosts_[pair.remote.address];
        const auto silent = [](const Host& host) {
            return host.here == 0 && host.elsewhere == 0 && host.handshakes == 0;
        };
        if (!silent(a) || !silent(b) || has_full_hops(a) == has_full_hops(b))
            continue;
        (has_full_hops(a) ? a : b).near = true;
    }
}

void Viewpoint::settle() {
    for (auto& [address, host] : hosts_)
        host.near = is_near(host);
    if (!direct_)
        compare_hops();
    opening_.clear();
    pairs_.clear();
}

// An address that turns up later: the link layer may tell, at its first packet.
bool Viewpoint::near(const ForeignPacket& packet, bool source) {
    const auto& tcp = packet.segment.tcp;
    auto& host = hosts_[source ? tcp.source.address : tcp.destination.address];
    if (!host.near) {
        const auto here = source ? Direction::kOut : Direction::kIn;
        host.near = packet.link.loopback || packet.link.direction == here;
    }
    return *host.near;
}

const Endpoint& Viewpoint::near_end(const ForeignPacket& packet) {
    const auto& [source, destination] =
        std::tie(packet.segment.tcp.source, packet.segment.tcp.destination);
    const bool source_near = near(packet, true);
    const bool destination_near = near(packet, false);
    if (source_near != destination_near)
        return source_near ? source : destination;
    if (source.port != destination.port)
        return source.port > destination.port ? source : destination;
    return source < destination ? source : destination;
}

std::string Viewpoint::text() const {
    if (packets_ != 0 && over_loopback_ == packets_)
        return "captured on loopback, both ends are near";
    std::vector<std::string> names;
    bool client = false;
    bool server = false;
    for (const auto& [address, host] : hosts_) {
        if (!host.near.value_or(false))
            continue;
        names.push_back(to_string(address));
        client = client || host.as_client != 0;
        server = server || host.as_server != 0;
    }
    if (names.empty())
        return "captured somewhere between the hosts";
    std::sort(names.begin(), names.end());
    auto text = "captured near " + names.front();
    if (names.size() > 1)
        text += " and " + std::to_string(names.size() - 1) + " more of its addresses";
    if (client && server)
        return text + " (client and server side)";
    if (client || server)
        text += client ? " (client side)" : " (server side)";
    return text;
}

}  // namespace tcpladder

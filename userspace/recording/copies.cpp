// SPDX-License-Identifier: MIT
#include "recording/copies.h"

#include <algorithm>

namespace tcpladder {
namespace {

// From the sending to the receipt over loopback; behind a socket's lock, too.
constexpr MonoNs kReceiptWithin = 20'000'000;
// From one device to the next.
constexpr MonoNs kAgainWithin = 2'000'000;
// Twice at one place: with an IPv4 identification, and with nothing that differs.
constexpr MonoNs kMirroredWithin = 200'000;
constexpr MonoNs kMirroredUnnamedWithin = 20'000;

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
    hash = (hash ^ value) * 0x9e3779b97f4a7c15U;
    return hash ^ (hash >> 29);
}

std::uint64_t key_of(const ForeignPacket& packet) {
    const auto& segment = packet.segment;
    const auto& tcp = segment.tcp;
    std::uint64_t hash = FlowKeyHash{}({0, tcp.source, tcp.destination});
    hash = mix(hash, std::uint64_t{tcp.seq} << 32 | tcp.ack);
    hash =
        mix(hash, std::uint64_t{tcp.payload} << 32 | std::uint64_t{tcp.flags} << 16 | tcp.window);
    hash = mix(hash, packet.ip_id);
    constexpr std::size_t kPlainBytes = 20;
    const std::size_t end = std::min(tcp.header_bytes, segment.captured);
    for (std::size_t at = tcp.ip_bytes + kPlainBytes; at < end; ++at)
        hash = mix(hash, segment.headers[at]);
    return hash;
}

std::uint64_t path_of(const ForeignPacket& packet) {
    const auto way = std::uint64_t{packet.link.path} << 32 | packet.segment.ifindex;
    return mix(way,
               std::uint64_t{packet.ttl} << 8 | static_cast<std::uint64_t>(packet.link.direction));
}

}  // namespace

void Copies::forget(MonoNs before) {
    while (!seen_.empty() && seen_.front().time < before) {
        const auto [begin, end] = by_key_.equal_range(seen_.front().key);
        for (auto it = begin; it != end; ++it) {
            if (it->second == first_) {
                by_key_.erase(it);
                break;
            }
        }
        seen_.pop_front();
        ++first_;
    }
}

Copies::Kind Copies::look(const ForeignPacket& packet) {
    forget(packet.time - kReceiptWithin);
    const bool out = packet.link.direction == Direction::kOut;
    const auto key = key_of(packet);
    const auto path = path_of(packet);
    const auto [begin, end] = by_key_.equal_range(key);
    for (auto it = begin; it != end; ++it) {
        auto& seen = seen_[it->second - first_];
        const auto age = packet.time - seen.time;
        if (packet.link.loopback && seen.sent && !out) {
            seen.sent = false;
            return Kind::kReceipt;
        }
        if (packet.link.loopback && seen.path == path)
            continue;  // no mirror there: a host that answers each segment with the same RST
        const auto same_place = packet.ip_id != 0 ? kMirroredWithin : kMirroredUnnamedWithin;
        if (age <= (seen.path == path ? same_place : kAgainWithin))
            return Kind::kAgain;
    }
    by_key_.emplace(key, first_ + seen_.size());
    seen_.push_back({packet.time, key, path, packet.link.loopback && out});
    return Kind::kFirst;
}

}  // namespace tcpladder

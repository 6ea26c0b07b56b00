// SPDX-License-Identifier: MIT
#include "recording/copies.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "support/mix.h"

namespace tcpladder {
namespace {

// From the sending to the receipt over loopback; behind a socket's lock, too.
constexpr MonoNs kReceiptWithin = 20'000'000;
// From one device to the next.
constexpr MonoNs kAgainWithin = 2'000'000;
// Twice at one place: with an IPv4 identification, and with nothing that differs.
constexpr MonoNs kMirroredWithin = 200'000;
constexpr MonoNs kMirroredUnnamedWithin = 20'000;

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
    for (std::size_t at = tcp.ip_bytes + kPlainBytes; at < end; at += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, &segment.headers[at], std::min(end - at, sizeof word));
        hash = mix(hash, word);
    }
    return hash;
}

std::uint64_t path_of(const ForeignPacket& packet) {
    const auto way = std::uint64_t{packet.link.path} << 32 | packet.segment.ifindex;
    return mix(way,
               std::uint64_t{packet.ttl} << 8 | static_cast<std::uint64_t>(packet.link.direction));
}

}  // namespace

void Copies::forget(MonoNs before) {
    while (first_ != next_ && at(first_).time < before)
        ++first_;
}

void Copies::grow() {
    constexpr std::size_t kFirst = 1024;
    std::vector<Seen> kept;
    for (auto place = first_; place != next_; ++place)
        kept.push_back(at(place));
    seen_.assign(std::max(kFirst, seen_.size() * 2), {});
    newest_.assign(seen_.size() * 2, 0);
    next_ = first_;
    for (const auto& seen : kept)
        keep(seen);
}

void Copies::keep(const Seen& seen) {
    if (next_ - first_ == seen_.size())
        grow();
    auto& place = newest(seen.key);
    auto& kept = at(next_) = seen;
    kept.older = std::exchange(place, next_++);
}

Copies::Kind Copies::look(const ForeignPacket& packet) {
    forget(packet.time - kReceiptWithin);
    const bool out = packet.link.direction == Direction::kOut;
    const auto key = key_of(packet);
    const auto path = path_of(packet);
    auto place = newest_.empty() ? 0 : newest(key);
    for (; place >= first_; place = at(place).older) {
        auto& seen = at(place);
        if (seen.key != key)
            continue;
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
    keep({packet.time, key, path, 0, packet.link.loopback && out});
    return Kind::kFirst;
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include "lab/wire.h"

#include <algorithm>

#include "lab/addresses.h"
#include "lab/craft.h"
#include "lab/story.h"
#include "support/error.h"

namespace tcpladder::lab {

void Wire::release(std::uint32_t count, MonoNs now) {
    for (std::uint32_t i = 0; (count == 0 || i < count) && !held_.empty(); ++i) {
        send(held_.front().to, std::move(held_.front().packet), now);
        held_.pop_front();
    }
}

void Wire::send(Host to, Packet packet, MonoNs now, bool intact) {
    const auto due = now + delay_;
    const auto place = std::ranges::upper_bound(moving_, due, {}, &Moving::due);
    moving_.insert(place, Moving{to, std::move(packet), due, intact});
}

void Wire::take(Host host, Packet packet, MonoNs now) {
    const auto tcp = parse_tcp(packet, static_cast<std::uint32_t>(packet.size()));
    if (!tcp)
        return send(other(host), std::move(packet), now);
    ++taken_[static_cast<std::size_t>(host)];
    learn(*tcp, host);
    last_[static_cast<std::size_t>(host)] = packet;
    if (const auto* rule = rule_for(*tcp, host))
        return obey(*rule, host, std::move(packet), *tcp, now);
    send(other(host), std::move(packet), now);
    release_swapped(other(host), now);
}

void Wire::obey(const WireRule& rule, Host from, Packet packet, const TcpHeader& tcp, MonoNs now) {
    const auto to = other(from);
    switch (rule.deed) {
        case Deed::kDrop:
            ++dropped_;
            break;
        case Deed::kHold:
            held_.push_back({to, std::move(packet), now});
            break;
        case Deed::kSwap:
            swapped_.push_back({to, std::move(packet), now});
            break;
        case Deed::kAnswer:
            inject(rule.answer, now);
            break;
        case Deed::kDuplicate:
            send(to, packet, now);
            send(to, std::move(packet), now);
            break;
        case Deed::kCorrupt:
            packet[tcp.ip_bytes + 16U] ^= 0xff;  // of the checksum
            send(to, std::move(packet), now, false);
            break;
    }
}

void Wire::release_swapped(Host to, MonoNs now) {
    for (auto swapped = swapped_.begin(); swapped != swapped_.end();) {
        if (swapped->to != to) {
            ++swapped;
            continue;
        }
        send(to, std::move(swapped->packet), now);
        swapped = swapped_.erase(swapped);
    }
}

// The first rule that speaks of this very segment; all that fit count it.
const WireRule* Wire::rule_for(const TcpHeader& tcp, Host from) {
    const WireRule* chosen = nullptr;
    for (auto& rule : rules_) {
        const auto& which = rule.what.which;
        if (which.from != from || !is_kind(which.kind, tcp.flags, tcp.payload))
            continue;
        if (rule.chooses() && chosen == nullptr)
            chosen = &rule.what;
    }
    return chosen;
}

bool Wire::Rule::chooses() {
    const auto& which = what.which;
    ++matched;
    if (which.percent != 0)
        return chance() % 100 < which.percent;
    return which.count == 0 || (matched >= which.first && matched < which.first + which.count);
}

void Wire::learn(const TcpHeader& tcp, Host from) {
    auto& numbers = of(from);
    const bool starts = tcp.has(tcp_flag::kSyn) && (!numbers.known || numbers.start != tcp.seq);
    if (numbers.port != tcp.source.port || starts) {
        numbers = {};
        numbers.port = tcp.source.port;
        if (of(other(from)).port != tcp.destination.port) {
            of(other(from)) = {};
            of(other(from)).port = tcp.destination.port;
        }
    }
    if (tcp.has(tcp_flag::kAck)) {
        numbers.acks = true;
        numbers.ack = tcp.ack;
    }
    if (tcp.has(tcp_flag::kRst))
        return;
    if (!numbers.known) {
        numbers.known = true;
        numbers.start = tcp.has(tcp_flag::kSyn) ? tcp.seq : tcp.seq - 1;
        numbers.next = tcp.seq;
    }
    if (seq_before(numbers.next, tcp.end()))
        numbers.next = tcp.end();
}

// Of a segment that arrives at its receiver, who then waits for what follows it.
void Wire::arrived(const Moving& moving) {
    const auto tcp = parse_tcp(moving.packet, static_cast<std::uint32_t>(moving.packet.size()));
    auto& numbers = of(other(moving.to));
    if (!tcp || !moving.intact || tcp->has(tcp_flag::kRst) || numbers.port != tcp->source.port)
        return;
    const bool first = tcp->has(tcp_flag::kSyn) || !numbers.arrives;
    const bool follows = !seq_before(numbers.arrived, tcp->seq);
    if (first || (follows && seq_before(numbers.arrived, tcp->end())))
        numbers.arrived = tcp->end();
    numbers.arrives = true;
}

// `next` is what the receiver waits for: what it has said, or what has arrived since.
Seq Wire::number(const Place& place, Host host) const {
    const auto offset = static_cast<Seq>(place.offset);
    const auto& numbers = of(host);
    const auto& peer = of(other(host));
    switch (place.base) {
        case Place::Base::kAbsolute:
            return offset;
        case Place::Base::kStart:
            if (numbers.known)
                return numbers.start + offset;
            break;
        case Place::Base::kNext:
            if (numbers.arrives && (!peer.acks || seq_before(peer.ack, numbers.arrived)))
                return numbers.arrived + offset;
            if (peer.acks)
                return peer.ack + offset;
            if (numbers.known)
                return numbers.next + offset;
            return offset;  // nobody waits for anything: it is the first
    }
    throw Error("the wire has seen no SYN from the " + std::string(name(host)) +
                ": it cannot inject at 'start'");
}

void Wire::inject(const Forged& forged, MonoNs now) {
    const auto to = other(forged.from);
    if (forged.icmp) {
        const auto& about = last_[static_cast<std::size_t>(to)];
        if (about.empty())
            throw Error("there is no segment that an ICMP message could be about");
        return send(to, craft_unreachable(about), now);
    }
    TcpHeader tcp;
    const auto sender_port = forged.port != 0 ? forged.port : of(forged.from).port;
    const auto receiver_port = forged.to_port != 0   ? forged.to_port
                               : of(to).port != 0    ? of(to).port
                               : to == Host::kServer ? kDefaultPort
                                                     : std::uint16_t{0};
    if (sender_port == 0 || receiver_port == 0)
        throw Error(
            "the wire has seen no connection: an injected segment needs 'port N', and "
            "perhaps 'to port N'");
    tcp.source = {address_of(forged.from, version_), sender_port};
    tcp.destination = {address_of(to, version_), receiver_port};
    if (forged.port != 0 && forged.port != of(forged.from).port) {
        of(forged.from) = {};
        of(to) = {};
    }
    tcp.seq = number(forged.seq, forged.from);
    tcp.flags = forged.flags;
    if (tcp.has(tcp_flag::kAck))
        tcp.ack = forged.ack.base == Place::Base::kNext
                      ? of(to).next + static_cast<Seq>(forged.ack.offset)
                      : number(forged.ack, to);
    tcp.window = forged.window;
    tcp.payload = forged.length;
    auto packet = craft_segment(tcp);
    learn(tcp, forged.from);
    send(to, std::move(packet), now);
}

void Wire::deliver(MonoNs now, const std::function<void(Host, const Packet&)>& deliver) {
    while (!moving_.empty() && moving_.front().due <= now) {
        const auto moving = std::move(moving_.front());
        moving_.pop_front();
        arrived(moving);
        deliver(moving.to, moving.packet);
    }
}

std::optional<MonoNs> Wire::next_due() const {
    if (moving_.empty())
        return std::nullopt;
    return moving_.front().due;
}

}  // namespace tcpladder::lab

// SPDX-License-Identifier: MIT
#include "model/connections.h"

#include <cstring>
#include <utility>

namespace tcpladder {
namespace {

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
    hash = (hash ^ value) * 0x9e3779b97f4a7c15U;
    return hash ^ (hash >> 32);
}

std::uint64_t mix(std::uint64_t hash, const Endpoint& endpoint) {
    std::uint64_t words[2];
    std::memcpy(words, endpoint.address.bytes.data(), sizeof(words));
    hash = mix(hash, words[0] ^ (static_cast<std::uint64_t>(endpoint.port) << 40));
    return endpoint.address.version == 6 ? mix(hash, words[1]) : hash;
}

}  // namespace

std::size_t FlowKeyHash::operator()(const FlowKey& key) const noexcept {
    return mix(mix(mix(0, key.netns), key.local), key.remote);
}

SocketSide* Connections::find(std::uint32_t netns, const SocketEnds& ends) {
    const auto found = by_name_.find({netns, ends.local, ends.remote});
    return found == by_name_.end() ? nullptr : found->second;
}

SocketSide* Connections::find_cookie(std::uint64_t cookie) {
    if (cookie == 0) return nullptr;
    const auto found = by_cookie_.find(cookie);
    return found == by_cookie_.end() ? nullptr : found->second;
}

SocketSide* Connections::find_anywhere(const SocketEnds& ends) {
    return find(0, ends);
}

SocketSide* Connections::find_listener(std::uint32_t netns, const Endpoint& local) {
    if (auto* exact = find(netns, {local, {}})) return exact;
    Endpoint any{{{}, local.address.version}, local.port};
    if (auto* wildcard = find(netns, {any, {}})) return wildcard;
    any.address.version = 6;  // a dual-stack listener takes IPv4, too
    return find(netns, {any, {}});
}

SocketSide& Connections::open(std::uint32_t netns, const SocketEnds& ends, bool peer_is_here) {
    return add(std::make_unique<Connection>(), netns, ends, peer_is_here);
}

SocketSide& Connections::open_listener(std::uint32_t netns, const Endpoint& local) {
    auto& side = add(std::make_unique<Connection>(), netns, {local, {}}, false);
    side.shown.role = Role::kServer;
    return side;
}

SocketSide& Connections::add(std::unique_ptr<Connection> connection, std::uint32_t netns,
                             const SocketEnds& ends, bool peer_is_here) {
    auto& [here, there] = connection->sides;
    for (auto* side : {&here, &there}) {
        side->connection = connection.get();
        side->shown.id = ++last_side_;
    }
    const bool to_itself = ends.local == ends.remote;
    here.peer = to_itself ? &here : &there;
    there.peer = &here;
    here.shown.local = ends.local;
    here.shown.remote = ends.remote;
    here.shown.netns = netns;
    there.shown.local = ends.remote;
    there.shown.remote = ends.local;
    there.shown.netns = peer_is_here ? netns : 0;
    index(here);
    if (!to_itself && ends.remote.address.version != 0) index(there);
    auto* key = connection.get();
    alive_.emplace(key, std::move(connection));
    return key->sides[0];
}

// A port that is still 0 names no end.
void Connections::index(SocketSide& side) {
    if (side.shown.local.port == 0) return;
    if (side.shown.remote.address.version != 0 && side.shown.remote.port == 0) return;
    if (side.shown.netns != 0)
        by_name_[{side.shown.netns, side.shown.local, side.shown.remote}] = &side;
    by_name_[{0, side.shown.local, side.shown.remote}] = &side;
}

void Connections::unindex(SocketSide& side) {
    for (const auto netns : {side.shown.netns, 0U}) {
        const auto found = by_name_.find({netns, side.shown.local, side.shown.remote});
        if (found != by_name_.end() && found->second == &side) by_name_.erase(found);
    }
}

void Connections::set_cookie(SocketSide& side, std::uint64_t cookie) {
    if (cookie == 0 || side.cookie == cookie) return;
    if (find_cookie(side.cookie) == &side) by_cookie_.erase(side.cookie);
    side.cookie = cookie;
    by_cookie_[cookie] = &side;
}

void Connections::set_local(SocketSide& side, const Endpoint& local) {
    if (side.shown.local == local) return;
    auto& peer = *side.peer;
    unindex(side);
    side.shown.local = local;
    side.touch();
    if (&peer != &side) {
        unindex(peer);
        peer.shown.remote = local;
        peer.touch();
        index(peer);
    }
    index(side);
}

void Connections::set_netns(SocketSide& side, std::uint32_t netns) {
    if (side.shown.netns == netns) return;
    unindex(side);
    side.shown.netns = netns;
    side.touch();
    index(side);
}

void Connections::number(Connection& connection) {
    if (connection.number != 0) return;
    connection.number = ++numbered_;
    for (auto& side : connection.sides) {
        side.shown.connection = connection.number;
        side.touch();
    }
}

void Connections::retire(Connection& connection, MonoNs time) {
    if (connection.retire_at) return;
    connection.retire_at = time;
    retiring_.emplace_back(time, &connection);
}

void Connections::forget_retired(MonoNs now) {
    while (!retiring_.empty() && retiring_.front().first <= now) {
        auto* connection = retiring_.front().second;
        retiring_.pop_front();
        if (!connection->retire_at || *connection->retire_at > now) continue;  // it came back
        hide(*connection);
        hidden_.emplace_back(now + kGrace, connection);
    }
    while (!hidden_.empty() && hidden_.front().first <= now) {
        alive_.erase(hidden_.front().second);
        hidden_.pop_front();
    }
}

void Connections::hide(Connection& connection) {
    for (auto& side : connection.sides) {
        unindex(side);
        if (find_cookie(side.cookie) == &side) by_cookie_.erase(side.cookie);
    }
}

}  // namespace tcpladder

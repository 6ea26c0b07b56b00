// SPDX-License-Identifier: MIT
#include "model/connections.h"

#include <algorithm>
#include <utility>

namespace tcpladder {
namespace {

constexpr std::uint64_t kStart = 0xe7037ed1a0b428db;  // any: a product with 0 would tell nothing

// Both halves of the product: every bit of the value, a port's too, reaches every bit of
// the result, of which a table takes the lowest.
std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
    const auto product =
        static_cast<unsigned __int128>(hash ^ value ^ kStart) * 0x9e3779b97f4a7c15U;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t mix(std::uint64_t hash, const Endpoint& endpoint) {
    const auto words = endpoint.address.words();
    hash = mix(hash, words[0] ^ (static_cast<std::uint64_t>(endpoint.port) << 40));
    return endpoint.address.version == 6 ? mix(hash, words[1]) : hash;
}

}  // namespace

std::size_t FlowKeyHash::operator()(const FlowKey& key) const noexcept {
    return mix(mix(mix(0, key.netns), key.local), key.remote);
}

namespace {

// The same for both ends of a connection, so that over loopback they are neighbours in the
// table: who asks for one will ask for the other.
std::uint32_t hash_of(NetNs netns, const Endpoint& local, const Endpoint& remote) {
    return static_cast<std::uint32_t>(mix(netns, mix(0, local) + mix(0, remote)));
}

// The kernel counts cookies up (gen_cookie_next): four that it gave in turn share a cache line.
std::uint32_t hash_of(std::uint64_t cookie) {
    constexpr std::uint64_t kInLine = 4;
    return static_cast<std::uint32_t>(mix(0, cookie / kInLine) * kInLine + cookie % kInLine);
}

auto has_ends(const SocketEnds& ends) {
    return [&ends](const SocketSide& side) {
        return side.shown.local == ends.local && side.shown.remote == ends.remote;
    };
}

auto has_name(NetNs netns, const SocketEnds& ends) {
    return [netns, &ends](const SocketSide& side) {
        return side.shown.netns == netns && side.shown.local == ends.local &&
               side.shown.remote == ends.remote;
    };
}

auto has_cookie(std::uint64_t cookie) {
    return [cookie](const SocketSide& side) { return side.cookie == cookie; };
}

// A newer end takes the name of an older one. `is_in` is kept at each: whether it has one.
template <typename Match>
void put(SideTable& table, bool SocketSide::*is_in, std::uint32_t hash, SocketSide& side,
         Match&& match) {
    if (auto* old = table.find(hash, match)) {
        table.erase(hash, *old);
        old->*is_in = false;
    }
    table.insert(hash, side);
    side.*is_in = true;
}

}  // namespace

template <typename Hash, typename IsIt>
SocketSide* Connections::find_in(const SideTable& table, bool SocketSide::*is_in, Hash&& hash,
                                 IsIt&& is_it) {
    if (latest_ != nullptr) {
        for (auto* known : {latest_, latest_->peer}) {
            if (known->*is_in && is_it(*known))
                return latest_ = known;
        }
    }
    auto* side = table.find(hash(), is_it);
    if (side != nullptr)
        latest_ = side;
    return side;
}

SocketSide* Connections::find(NetNs netns, const SocketEnds& ends) {
    return find_in(
        by_name_, &SocketSide::in_names, [&] { return hash_of(netns, ends.local, ends.remote); },
        has_name(netns, ends));
}

SocketSide* Connections::find_cookie(std::uint64_t cookie) {
    if (cookie == 0)
        return nullptr;
    return find_in(
        by_cookie_, &SocketSide::in_cookies, [&] { return hash_of(cookie); }, has_cookie(cookie));
}

SocketSide* Connections::find_anywhere(const SocketEnds& ends) {
    return by_ends_.find(hash_of(0, ends.local, ends.remote), has_ends(ends));
}

namespace {

// The listeners that may take a segment to `local`, the closest first: a listener
// on :: takes IPv4, too.
template <typename Find>
SocketSide* closest_listener(const Endpoint& local, Find&& find) {
    const Endpoint any{{{}, local.address.version}, local.port};
    const Endpoint any_v6{{{}, 6}, local.port};
    for (const auto& candidate : {local, any, any_v6}) {
        if (auto* listener = find(SocketEnds{candidate, {}})) {
            return listener;
        }
    }
    return nullptr;
}

}  // namespace

SocketSide* Connections::find_listener(NetNs netns, const Endpoint& local) {
    return closest_listener(local, [&](const SocketEnds& ends) { return find(netns, ends); });
}

SocketSide* Connections::find_listener_anywhere(const Endpoint& local) {
    return closest_listener(local, [&](const SocketEnds& ends) { return find_anywhere(ends); });
}

Connection& Connections::allocate() {
    if (free_.empty())
        return storage_.add(activities_);
    auto& connection = *free_.back();
    free_.pop_back();
    connection = Connection(activities_);
    return connection;
}

SocketSide& Connections::open(NetNs netns, const SocketEnds& ends, bool peer_is_here) {
    auto& connection = allocate();
    auto& [here, there] = connection.sides;
    for (auto* side : {&here, &there}) {
        side->connection = &connection;
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
    if (ends.remote.address.version != 0) {
        here.shown.peer = &here.peer->shown;
        there.shown.peer = &here.shown;
    }
    index(here);
    if (!to_itself && ends.remote.address.version != 0)
        index(there);
    latest_ = &here;
    return here;
}

SocketSide& Connections::listener(NetNs netns, const Endpoint& local, std::uint64_t cookie) {
    if (auto* known = find_cookie(cookie))
        return *known;
    auto& side = open(netns, {local, {}}, false);
    side.shown.role = Role::kServer;
    set_cookie(side, cookie);
    return side;
}

// A port that is still 0 names no end. Where both ends are in one namespace (over
// loopback), nobody has to look for them anywhere else.
void Connections::index(SocketSide& side) {
    const auto& shown = side.shown;
    if (shown.local.port == 0)
        return;
    if (shown.remote.address.version != 0 && shown.remote.port == 0)
        return;
    const SocketEnds ends{shown.local, shown.remote};
    if (shown.netns != 0)
        put(by_name_, &SocketSide::in_names, hash_of(shown.netns, shown.local, shown.remote), side,
            has_name(shown.netns, ends));
    if (side.peer->shown.netns != shown.netns)
        put(by_ends_, &SocketSide::in_ends, hash_of(0, shown.local, shown.remote), side,
            has_ends(ends));
}

void Connections::unindex(SocketSide& side) {
    const auto& shown = side.shown;
    if (std::exchange(side.in_names, false))
        by_name_.erase(hash_of(shown.netns, shown.local, shown.remote), side);
    if (std::exchange(side.in_ends, false))
        by_ends_.erase(hash_of(0, shown.local, shown.remote), side);
}

void Connections::set_cookie(SocketSide& side, std::uint64_t cookie) {
    if (cookie == 0 || side.cookie == cookie)
        return;
    forget_cookie(side);
    side.cookie = cookie;
    put(by_cookie_, &SocketSide::in_cookies, hash_of(cookie), side, has_cookie(cookie));
}

void Connections::set_local(SocketSide& side, const Endpoint& local) {
    if (side.shown.local == local)
        return;
    auto& peer = *side.peer;
    unindex(side);
    unindex(peer);
    side.shown.local = local;
    peer.shown.remote = local;
    side.touch();
    peer.touch();
    index(peer);
    index(side);
}

void Connections::set_netns(SocketSide& side, NetNs netns) {
    if (side.shown.netns == netns)
        return;
    unindex(side);
    side.shown.netns = netns;
    side.touch();
    index(side);
}

void Connections::number(Connection& connection) {
    if (connection.number != 0)
        return;
    connection.number = ++numbered_;
    for (auto& side : connection.sides) {
        side.shown.connection = connection.number;
        side.touch();
    }
}

void Connections::retire(Connection& connection, MonoNs time) {
    if (connection.retire_at)
        return;
    connection.retire_at = time;
    retiring_.emplace_back(time, &connection);
}

Connection* Connections::retire_next(MonoNs now) {
    while (!retiring_.empty() && retiring_.front().first <= now) {
        const auto [due, connection] = retiring_.front();
        retiring_.pop_front();
        if (connection->retire_at != due) {
            continue;  // it came back
        }
        connection->retire_at = kHidden;
        hide(*connection);
        hidden_.push_back(connection);
        return connection;
    }
    return nullptr;
}

std::vector<Connection*> Connections::remaining() {
    std::vector<Connection*> result;
    storage_.for_each([&](Connection& connection) {
        if (connection.in_use && connection.number != 0 && connection.retire_at != kHidden)
            result.push_back(&connection);
    });
    std::sort(result.begin(), result.end(),
              [](const auto* a, const auto* b) { return a->number < b->number; });
    return result;
}

void Connections::forget_retired() {
    while (!hidden_.empty() && hidden_.front()->rows == 0) {
        auto& connection = *hidden_.front();
        hidden_.pop_front();
        connection.in_use = false;
        connection.forget();
        free_.push_back(&connection);
    }
}

void Connections::rest_soon(Connection& connection, MonoNs time) {
    quiet_since_.emplace_back(time, &connection);
}

// One that something happens to all the time stays as it is: there are not many.
void Connections::rest_quiet(MonoNs now) {
    while (!quiet_since_.empty() && now - quiet_since_.front().first >= kQuiet) {
        auto& connection = *quiet_since_.front().second;
        quiet_since_.pop_front();
        const bool in_time_wait = connection.in_use && !connection.open && !connection.retire_at;
        if (in_time_wait && connection.rows == 0)
            connection.rest(now - kQuiet, writer_);
    }
}

namespace {

bool is_idle(const Connection& connection, MonoNs before) {
    const auto& [here, there] = connection.sides;
    const auto stuck = [&](const SocketSide& side) {
        return side.state == TcpState::kTimeWait && side.since.value_or(before) < before;
    };
    const bool nobodys = here.cookie == 0 && there.cookie == 0;
    return (nobodys && connection.last_segment < before) || stuck(here) || stuck(there);
}

}  // namespace

void Connections::retire_idle(MonoNs now) {
    if (now - looked_around_ < kLookAround) {
        return;
    }
    looked_around_ = now;
    storage_.for_each([&](Connection& connection) {
        if (connection.in_use && is_idle(connection, now - kSilence)) {
            retire(connection, now + kGrace);
        }
    });
}

void Connections::hide(Connection& connection) {
    for (auto& side : connection.sides) {
        unindex(side);
        forget_cookie(side);
    }
}

void Connections::forget_cookie(SocketSide& side) {
    if (std::exchange(side.in_cookies, false))
        by_cookie_.erase(hash_of(side.cookie), side);
}

}  // namespace tcpladder

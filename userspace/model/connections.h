// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <vector>

#include "model/connection.h"
#include "model/packed.h"
#include "model/side_table.h"
#include "support/huge_pages.h"

namespace tcpladder {

/// One end's name in one network namespace. With netns 0: in any.
struct FlowKey {
    NetNs netns = 0;
    Endpoint local;
    Endpoint remote;
    bool operator==(const FlowKey&) const = default;
};

struct FlowKeyHash {
    std::size_t operator()(const FlowKey& key) const noexcept;
};

/// All connections of a trace, found by socket cookie or by (netns, 4-tuple).
/// Never by socket address, which the kernel uses again within microseconds.
class Connections {
public:
    /// The end by exact name; null if there is none.
    SocketSide* find(NetNs netns, const SocketEnds& ends);
    SocketSide* find_cookie(std::uint64_t cookie);
    /// The end of that 4-tuple in whichever namespace, the newest; null if none.
    SocketSide* find_anywhere(const SocketEnds& ends);
    /// The listener that a segment to `local` would reach; null if not known.
    SocketSide* find_listener(NetNs netns, const Endpoint& local);
    /// The same, in whichever namespace.
    SocketSide* find_listener_anywhere(const Endpoint& local);

    /// A new connection, seen from `ends`; that end becomes sides[0]. On the
    /// loopback device the peer is in the same namespace. It has no number yet.
    SocketSide& open(NetNs netns, const SocketEnds& ends, bool peer_is_here);
    /// The listener with this cookie, a new one if need be: several may have the
    /// same name (SO_REUSEPORT).
    SocketSide& listener(NetNs netns, const Endpoint& local, std::uint64_t cookie);

    /// Learns that the end has this cookie, this local port, this namespace.
    void set_cookie(SocketSide& side, std::uint64_t cookie);
    void set_local(SocketSide& side, const Endpoint& local);
    void set_netns(SocketSide& side, NetNs netns);

    /// Gives it its number in the trace, if it has none yet.
    void number(Connection& connection);

    /// Both ends are done: forget the connection at `time`, when late segments
    /// have come. It cannot be found from then on, and is freed when no row points to
    /// it any more.
    void retire(Connection& connection, MonoNs time);
    void forget_retired();
    /// One of which that time has come; null: there is none. It is not found any more.
    Connection* retire_next(MonoNs now);
    /// Nothing more is expected of it than the end of TIME_WAIT, which may take a minute:
    /// from a little after `time` on it shall cost little.
    void rest_soon(Connection& connection, MonoNs time);
    void rest_quiet(MonoNs now);
    /// Those of which it has not come, and that have a number, in its order.
    std::vector<Connection*> remaining();
    /// Now and then: retires what will never be closed before our eyes. That is a
    /// conversation of others (this host forwards it) that has been silent for
    /// kSilence, and a TIME_WAIT whose end was lost.
    void retire_idle(MonoNs now);
    /// Before this time none of retire_next(), rest_quiet() and retire_idle() has anything to do.
    MonoNs due() const {
        auto due = looked_around_ + kLookAround;
        if (!retiring_.empty())
            due = std::min(due, retiring_.front().first);
        if (!quiet_since_.empty())
            due = std::min(due, quiet_since_.front().first + kQuiet);
        return due;
    }

    std::size_t alive() const { return storage_.size() - free_.size(); }

private:
    Connection& allocate();
    void index(SocketSide& side);
    void unindex(SocketSide& side);
    void hide(Connection& connection);
    void forget_cookie(SocketSide& side);
    /// `hash()` is made only if the table is asked.
    template <typename Hash, typename IsIt>
    SocketSide* find_in(const SideTable& table, bool SocketSide::*is_in, Hash&& hash, IsIt&& is_it);

    static constexpr MonoNs kHidden = INT64_MAX;
    static constexpr MonoNs kQuiet = 5'000'000;
    static constexpr MonoNs kGrace = 1'000'000'000;
    static constexpr MonoNs kSilence = 300'000'000'000;
    static constexpr MonoNs kLookAround = 60'000'000'000;

    SideTable by_name_;  ///< (netns, 4-tuple) of ends whose namespace is known
    SideTable by_ends_;  ///< 4-tuple of ends whose peer is elsewhere
    SideTable by_cookie_;
    /// Found last: it, or its peer, is mostly the next one, too, and then no table is asked.
    SocketSide* latest_ = nullptr;
    Pool<Activity> activities_;
    PackedWriter writer_;  ///< for those that come to rest
    Slab<Connection> storage_;
    std::vector<Connection*> free_;  ///< in storage_, to be used again
    std::deque<std::pair<MonoNs, Connection*>> retiring_;
    std::deque<Connection*> hidden_;
    std::deque<std::pair<MonoNs, Connection*>> quiet_since_;
    std::uint32_t numbered_ = 0;
    std::uint64_t last_side_ = 0;
    MonoNs looked_around_ = 0;
};

}  // namespace tcpladder

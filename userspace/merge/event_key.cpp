// SPDX-License-Identifier: MIT
#include "merge/event_key.h"

#include <initializer_list>

#include "merge/segment_key.h"
#include "model/connections.h"
#include "support/mix.h"

namespace tcpladder {
namespace {

struct Key {
    std::uint64_t hash;

    template <typename... Numbers>
    std::uint64_t of(const SocketEnds& ends, Numbers... numbers) const {
        auto result = mix(hash, FlowKeyHash{}({0, ends.local, ends.remote}));
        for (const auto number : {static_cast<std::uint64_t>(numbers)...})
            result = mix(result, number);
        return result;
    }

    std::uint64_t operator()(const Segment& body) const {
        return of({body.tcp.source, body.tcp.destination}, bare_segment_key(body), body.tcp.payload,
                  body.sent, body.ifindex);
    }
    std::uint64_t operator()(const StateChange& body) const {
        return of(body.ends, body.cookie, body.from, body.to);
    }
    std::uint64_t operator()(const Retransmit& body) const {
        return of(body.ends, body.cookie, body.seq, body.end);
    }
    std::uint64_t operator()(const Reset& body) const {
        return of(body.ends, body.cookie, body.sent);
    }
    std::uint64_t operator()(const MiniState& body) const {
        return of(body.ends, body.cookie, body.mini, body.step);
    }
    std::uint64_t operator()(const Owner& body) const {
        return of(body.ends, body.cookie, body.how, body.task.pid);
    }
    std::uint64_t operator()(const Lost& body) const { return of({}, body.count); }
    std::uint64_t operator()(const Drop& body) const {
        return of(body.ends, body.seq, body.ack, body.payload, body.flags);
    }
};

}  // namespace

std::uint64_t event_key(const Event& event) {
    const auto where = mix(event.body.index(), event.netns);
    return std::visit(Key{mix(where, event.cpu)}, event.body);
}

}  // namespace tcpladder

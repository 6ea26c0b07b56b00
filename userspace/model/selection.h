// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <functional>
#include <unordered_map>

#include "model/connections.h"
#include "model/event.h"

namespace tcpladder {

/// Where only some connections are asked for: holds what could not be decided yet
/// (Event::undecided) until it is known whether its connection is one of them, and all
/// that comes behind it, so that the order stays. Undecided are what the kernel side
/// leaves so (bpf/select.bpf.h), and a connect() whose port a filter has to know.
class Selection {
public:
    /// A SYN has arrived on this machine by then, ns, if it does so at all.
    static constexpr MonoNs kWait = kLocalTransit;

    using Take = std::function<void(const Event&)>;

    /// In the order of time.
    void add(const Event& event);
    /// Hands over what is decided, or has waited long enough, when no event before
    /// `until` will come any more.
    void release(MonoNs until, const Take& take);
    /// No event before this will be handed over any more.
    MonoNs complete_until(MonoNs until) const;
    bool empty() const { return waiting_.empty(); }

private:
    using Flow = FlowKey;  ///< of both directions

    static Flow flow_of(const Event& event, const SocketEnds& ends);
    void learn(const Event& event);
    bool is_asked_for(const Event& event) const;
    void forget();

    static constexpr std::size_t kForget = 1024;

    std::deque<Event> waiting_;
    std::size_t undecided_ = 0;  ///< among those
    // What was asked for, seen while something waits, and when last; it matters to
    // what is older only.
    std::unordered_map<Flow, MonoNs, FlowKeyHash> flows_;
    std::unordered_map<std::uint64_t, MonoNs> sockets_;
    std::unordered_map<std::uint64_t, Flow> syns_;  ///< that wait, by cookie
    std::size_t forget_at_ = kForget;
};

}  // namespace tcpladder

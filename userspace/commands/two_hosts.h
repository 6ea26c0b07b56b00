// SPDX-License-Identifier: MIT
#pragma once

#include "commands/event_loop.h"
#include "lab/network.h"
#include "lab/wire.h"
#include "support/unique_fd.h"

namespace tcpladder {

/// How long a segment may be on the lab's wire, ns: the delay, and stalls of a busy
/// machine.
inline constexpr MonoNs kLabHold = 1'500'000'000;

/// The lab's hosts, and the wire between them, driven by the event loop.
class TwoHosts {
public:
    /// The network exists before; the loop outlives this.
    TwoHosts(lab::Network& network, lab::Wire& wire, EventLoop& loop);
    ~TwoHosts();
    TwoHosts(const TwoHosts&) = delete;
    TwoHosts& operator=(const TwoHosts&) = delete;

    /// After a change of the wire from outside: sees to it that what is due comes.
    void step();

private:
    void read(lab::Host host);
    void wake_at(MonoNs due);

    lab::Network& network_;
    lab::Wire& wire_;
    EventLoop& loop_;
    UniqueFd timer_;
};

}  // namespace tcpladder

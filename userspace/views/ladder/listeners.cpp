// SPDX-License-Identifier: MIT
#include "views/ladder/listeners.h"

#include <algorithm>

namespace tcpladder {

void Listeners::learn(const Side& listener, TcpState state) {
    const Listener it{listener.netns, listener.local};
    std::erase(all_, it);
    if (state == TcpState::kListen && all_.size() < kMost)
        all_.push_back(it);
}

// Where a server is, is not known before the SYN has arrived there, but on loopback.
bool Listeners::hear(const Side& server) const {
    return std::any_of(all_.begin(), all_.end(), [&](const Listener& listener) {
        const bool here = server.netns == 0 || server.netns == listener.netns;
        const bool any = listener.name.address.bytes == Address{}.bytes;
        return here && listener.name.port == server.local.port &&
               (any || listener.name.address == server.local.address);
    });
}

}  // namespace tcpladder

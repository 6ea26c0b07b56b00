// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "model/entry.h"

namespace tcpladder {

/// Who was seen to listen: the state that a server is in before the SYN comes.
class Listeners {
public:
    void learn(const Side& listener, TcpState state);
    /// Whether somebody listens where `server` is.
    bool hear(const Side& server) const;

private:
    static constexpr std::size_t kMost = 256;
    struct Listener {
        NetNs netns;
        Endpoint name;
        bool operator==(const Listener&) const = default;
    };
    std::vector<Listener> all_;
};

}  // namespace tcpladder

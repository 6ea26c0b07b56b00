// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>

#include <sys/types.h>

#include "lab/scenario.h"
#include "model/address.h"
#include "support/child.h"
#include "support/unique_fd.h"

namespace tcpladder::lab {

/// What a call gave.
struct CallResult {
    int error = 0;            ///< errno, 0: it worked
    std::int64_t number = 0;  ///< bytes
    Endpoint local;           ///< of the socket, where it has one
    Endpoint remote;
};

/// A process in one host's namespace, named `lab-client` or `lab-server`, that
/// makes the socket calls it is told to, one at a time. It dies with us.
class Actor {
public:
    /// Starts it, as `user`, in the namespace. Throws Error.
    Actor(Host host, std::uint8_t version, int netns_fd, const RunAs& user);
    ~Actor();
    Actor(const Actor&) = delete;
    Actor& operator=(const Actor&) = delete;

    /// For epoll: readable when the call has returned.
    int fd() const { return channel_.get(); }
    /// Begins a call. Throws Error if the process is gone.
    void begin(const Call& call);
    /// The result if the call has returned. Throws Error if the process has died.
    std::optional<CallResult> result();
    /// kill -9, and waits until it is gone.
    void kill();

private:
    Host host_;
    pid_t pid_ = -1;
    UniqueFd channel_;
};

/// The process: calls come from `channel`, until it is closed. Does not return.
[[noreturn]] void run_actor(int channel, Host host, std::uint8_t version);

/// What travels between the two, one datagram each way.
struct CallMessage {
    Verb verb;
    char socket[16];
    char listener[16];
    char text[32];
    std::int64_t number;
    std::uint16_t port;
    std::uint16_t from_port;
};

}  // namespace tcpladder::lab

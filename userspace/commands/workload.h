// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "commands/cli.h"
#include "commands/event_loop.h"
#include "model/event.h"
#include "support/child.h"

namespace tcpladder {

/// The bundled daytime server and its clients, started so that nothing of the
/// conversation is missed: the server when the kernel side is attached, the
/// clients when the kernel has told that the server listens. All are forked in
/// the beginning, while the tracer still may make them another user's.
class Workload {
public:
    /// Where the programs run: descriptors of network namespaces; -1: here.
    struct Places {
        int server = -1;
        int client = -1;
    };
    Workload(const TraceOptions& options, EventLoop& loop, Places places);

    const RunAs& user() const { return user_; }
    /// Starts the server. Throws Error if that cannot be.
    void start();

    /// To be called with every event.
    void observe(const Event& event);
    /// Starts the clients once the server listens. Throws Error if the server
    /// died before.
    void step();
    /// All clients were started and have ended.
    bool over() const { return started_ && clients_.empty(); }

    void stop_server();
    bool server_running() const { return server_ && server_->running(); }
    /// For Ctrl-C: everything that still runs.
    void stop_all();

    /// What went wrong with a program, one sentence each; empty if nothing did.
    const std::vector<std::string>& complaints() const { return complaints_; }

private:
    void server_ended();
    void client_ended(int fd);

    const TraceOptions& options_;
    EventLoop& loop_;
    RunAs user_;
    Gate server_gate_, clients_gate_;
    std::optional<Child> server_;
    std::vector<Child> clients_;
    std::vector<std::string> complaints_;
    bool listening_ = false;
    bool started_ = false;
    bool stopping_ = false;
};

}  // namespace tcpladder

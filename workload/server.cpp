// SPDX-License-Identifier: MIT
#include "workload/server.h"

#include "workload/daytime.h"
#include "workload/error.h"
#include "workload/listener.h"
#include "workload/pause.h"
#include "workload/program.h"
#include "workload/stream.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <string>

namespace daytime {
namespace {

/// A write to a client that has gone shall fail with EPIPE, not end the server.
void ignore_sigpipe() {
    if (std::signal(SIGPIPE, SIG_IGN) == SIG_ERR) {
        throw SystemError("cannot ignore SIGPIPE", errno);
    }
}

/// False, after a warning, if the client has gone.
bool reply_to(const Client& client) {
    const std::string reply = reply_text(std::time(nullptr));
    try {
        write_all(client.connection.get(), reply, client.address.text());
        return true;
    } catch (const SystemError& error) {
        report(kServerName, "warning", error.what());
        return false;
    }
}

void serve_client(Client client, std::chrono::nanoseconds pause) {
    pause_for(pause);
    if (reply_to(client)) {
        pause_for(pause);
    }
    client.connection.close();
}

}  // namespace

void serve(const ServerOptions& options) {
    ignore_sigpipe();
    const UniqueFd listener = listen_on(options.address);
    std::uint64_t served = 0;
    while (!options.count || served < *options.count) {
        try {
            serve_client(accept_client(listener), options.pause);
            ++served;
        } catch (const LostClient& lost) {
            report(kServerName, "warning", lost.what());
        }
    }
}

}  // namespace daytime

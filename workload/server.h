// SPDX-License-Identifier: MIT
#pragma once

#include "workload/socket_address.h"

#include <chrono>
#include <cstdint>
#include <optional>

namespace daytime {

inline constexpr const char* kServerName = "daytime-server";

struct ServerOptions {
    SocketAddress address;               ///< where to listen
    std::chrono::nanoseconds pause{0};   ///< before the reply, and again before the close
    std::optional<std::uint64_t> count;  ///< clients to accept before the end; none: no end
};

/// Serves one client after another: accept, pause, reply, pause, close. A client that goes away
/// early costs one warning on stderr. Throws an Error if the server itself cannot go on.
void serve(const ServerOptions& options);

}  // namespace daytime

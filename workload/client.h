// SPDX-License-Identifier: MIT
#pragma once

#include "workload/socket_address.h"

#include <cstdint>

namespace daytime {

inline constexpr const char* kClientName = "daytime-client";

struct ClientOptions {
    SocketAddress server;
    std::uint64_t repeat = 1;  ///< connections, one after another
    bool quiet = false;        ///< read the reply but do not print it
};

/// Connects, reads to end of file, prints what it read on stdout, closes; `repeat` times. Throws
/// an Error at the first connection that fails or brings nothing.
void fetch(const ClientOptions& options);

}  // namespace daytime

// SPDX-License-Identifier: MIT
#pragma once

#include "workload/error.h"
#include "workload/socket_address.h"
#include "workload/unique_fd.h"

namespace daytime {

/// A connection that was accepted, and who is at its other end.
struct Client {
    UniqueFd connection;
    SocketAddress address;
};

/// accept() failed for one connection, which is lost; the listener goes on.
class LostClient : public SystemError {
public:
    using SystemError::SystemError;
};

/// A socket that listens on this address, which the TIME_WAIT of an earlier server does not block.
/// Throws a SystemError.
UniqueFd listen_on(const SocketAddress& address);

/// Waits for the next client. Throws a LostClient if that one went away meanwhile, and any other
/// SystemError if the listener itself is of no more use.
Client accept_client(const UniqueFd& listener);

}  // namespace daytime

// SPDX-License-Identifier: MIT
#include "workload/listener.h"

#include "workload/retry.h"
#include "workload/stream.h"

#include <fmt/core.h>

#include <sys/socket.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace daytime {
namespace {

constexpr int kBacklog = 1024;

/// Lets a new server bind while connections of the last one are still in TIME_WAIT.
void allow_address_reuse(const UniqueFd& socket) {
    const int on = 1;
    if (::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == -1) {
        throw SystemError("cannot set SO_REUSEADDR", errno);
    }
}

/// Errors of accept() that tell of one connection or of its path, not of the listener: accept(2).
bool concerns_one_connection(int error_number) {
    constexpr std::array kErrors = {ECONNABORTED, EPROTO,       ENETDOWN, ENOPROTOOPT, EHOSTDOWN,
                                    ENONET,       EHOSTUNREACH, EPERM,    ENETUNREACH};
    return std::find(kErrors.begin(), kErrors.end(), error_number) != kErrors.end();
}

[[noreturn]] void throw_accept_error(int error_number) {
    constexpr const char* kWhat = "cannot accept a client";
    if (concerns_one_connection(error_number)) {
        throw LostClient(kWhat, error_number);
    }
    throw SystemError(kWhat, error_number);
}

}  // namespace

UniqueFd listen_on(const SocketAddress& address) {
    UniqueFd socket = open_stream(address.family());
    allow_address_reuse(socket);
    if (::bind(socket.get(), address.data(), address.size()) == -1) {
        const int reason = errno;
        throw SystemError(fmt::format("cannot bind {}", address.text()), reason);
    }
    if (::listen(socket.get(), kBacklog) == -1) {
        const int reason = errno;
        throw SystemError(fmt::format("cannot listen on {}", address.text()), reason);
    }
    return socket;
}

Client accept_client(const UniqueFd& listener) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    const int fd = retry_interrupted([&] {
        size = sizeof storage;
        return ::accept4(listener.get(), reinterpret_cast<sockaddr*>(&storage), &size,
                         SOCK_CLOEXEC);
    });
    if (fd == -1) {
        throw_accept_error(errno);
    }
    UniqueFd connection(fd);
    return {std::move(connection), SocketAddress(storage, size)};
}

}  // namespace daytime

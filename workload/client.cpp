// SPDX-License-Identifier: MIT
#include "workload/client.h"

#include "workload/error.h"
#include "workload/retry.h"
#include "workload/stream.h"
#include "workload/unique_fd.h"

#include <fmt/core.h>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>

namespace daytime {
namespace {

/// An interrupted connect() goes on in the kernel: waits for its end and returns its error number.
int finish_connect(const UniqueFd& socket) {
    pollfd wait{socket.get(), POLLOUT, 0};
    if (retry_interrupted([&] { return ::poll(&wait, 1, -1); }) == -1) {
        return errno;
    }
    int result = 0;
    socklen_t size = sizeof result;
    if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &result, &size) == -1) {
        return errno;
    }
    return result;
}

int try_connect(const UniqueFd& socket, const SocketAddress& server) {
    if (::connect(socket.get(), server.data(), server.size()) == 0) {
        return 0;
    }
    return errno == EINTR ? finish_connect(socket) : errno;
}

UniqueFd connect_to(const SocketAddress& server) {
    UniqueFd socket = open_stream(server.family());
    if (const int failure = try_connect(socket, server); failure != 0) {
        throw SystemError(fmt::format("cannot connect to {}", server.text()), failure);
    }
    return socket;
}

/// Reads to end of file, printing as it goes unless quiet; returns the number of bytes.
std::size_t receive(const UniqueFd& connection, const ClientOptions& options) {
    const std::string server = options.server.text();
    std::array<char, 4096> buffer{};
    std::size_t total = 0;
    while (const std::size_t count = read_some(connection.get(), buffer, server)) {
        total += count;
        if (!options.quiet) {
            write_all(STDOUT_FILENO, {buffer.data(), count}, "standard output");
        }
    }
    return total;
}

void fetch_once(const ClientOptions& options) {
    UniqueFd connection = connect_to(options.server);
    const std::size_t received = receive(connection, options);
    connection.close();
    if (received == 0) {
        throw Error(fmt::format("received nothing from {}", options.server.text()));
    }
}

}  // namespace

void fetch(const ClientOptions& options) {
    for (std::uint64_t done = 0; done < options.repeat; ++done) {
        fetch_once(options);
    }
}

}  // namespace daytime

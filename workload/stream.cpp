// SPDX-License-Identifier: MIT
#include "workload/stream.h"

#include "workload/error.h"
#include "workload/retry.h"

#include <fmt/core.h>

#include <sys/socket.h>
#include <unistd.h>
#include <cerrno>
#include <cstddef>

namespace daytime {

UniqueFd open_stream(int family) {
    UniqueFd socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (socket.get() == -1) {
        throw SystemError("cannot open a socket", errno);
    }
    return socket;
}

void write_all(int fd, std::string_view bytes, std::string_view where) {
    while (!bytes.empty()) {
        const ssize_t written =
            retry_interrupted([&] { return ::write(fd, bytes.data(), bytes.size()); });
        if (written == -1) {
            const int reason = errno;
            throw SystemError(fmt::format("cannot write to {}", where), reason);
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

std::size_t read_some(int fd, std::span<char> buffer, std::string_view where) {
    const ssize_t count =
        retry_interrupted([&] { return ::read(fd, buffer.data(), buffer.size()); });
    if (count == -1) {
        const int reason = errno;
        throw SystemError(fmt::format("cannot read from {}", where), reason);
    }
    return static_cast<std::size_t>(count);
}

}  // namespace daytime

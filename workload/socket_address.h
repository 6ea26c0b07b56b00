// SPDX-License-Identifier: MIT
#pragma once

#include <sys/socket.h>
#include <cstdint>
#include <string>

namespace daytime {

/// An IPv4 or IPv6 address and a TCP port, in the form that the socket calls take.
class SocketAddress {
public:
    /// What the kernel filled in, as accept() does. Throws an Error if it is not IPv4 or IPv6.
    SocketAddress(const sockaddr_storage& storage, socklen_t size);

    /// From a literal such as "127.0.0.1", "::1" or "fe80::1%eth0"; never asks a name server.
    /// Throws a UsageError if it is not one.
    static SocketAddress parse(const std::string& literal, std::uint16_t port);

    int family() const { return storage_.ss_family; }
    const sockaddr* data() const;
    socklen_t size() const { return size_; }

    /// "127.0.0.1:10000", "[::1]:10000".
    std::string text() const;

private:
    sockaddr_storage storage_;
    socklen_t size_;
};

}  // namespace daytime

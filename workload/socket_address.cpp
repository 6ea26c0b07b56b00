// SPDX-License-Identifier: MIT
#include "workload/socket_address.h"

#include "workload/error.h"

#include <fmt/core.h>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

namespace daytime {
namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

/// The resolver only reads the literal: it knows the scope in "fe80::1%eth0", inet_pton does not.
AddressList resolve_literal(int family, const std::string& literal, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_family = family;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    addrinfo* list = nullptr;
    const std::string service = std::to_string(port);
    const int failure = ::getaddrinfo(literal.c_str(), service.c_str(), &hints, &list);
    return {failure == 0 ? list : nullptr, &::freeaddrinfo};
}

/// The resolver also takes "127.1" and "0x7f000001", which are not what people call an address.
bool is_dotted_quad(const std::string& literal) {
    in_addr ignored{};
    return ::inet_pton(AF_INET, literal.c_str(), &ignored) == 1;
}

}  // namespace

SocketAddress::SocketAddress(const sockaddr_storage& storage, socklen_t size)
    : storage_(storage), size_(size) {
    if (family() != AF_INET && family() != AF_INET6) {
        throw Error(fmt::format("unknown address family {}", family()));
    }
}

SocketAddress SocketAddress::parse(const std::string& literal, std::uint16_t port) {
    const int family = is_dotted_quad(literal) ? AF_INET : AF_INET6;
    const AddressList list = resolve_literal(family, literal, port);
    if (!list) {
        throw UsageError(
            fmt::format("invalid address '{}': expected an IPv4 or IPv6 address", literal));
    }
    sockaddr_storage storage{};
    std::memcpy(&storage, list->ai_addr, list->ai_addrlen);
    return {storage, list->ai_addrlen};
}

const sockaddr* SocketAddress::data() const {
    return reinterpret_cast<const sockaddr*>(&storage_);
}

std::string SocketAddress::text() const {
    std::array<char, NI_MAXHOST> host{};
    std::array<char, NI_MAXSERV> port{};
    const int failure = ::getnameinfo(data(), size(), host.data(), host.size(), port.data(),
                                      port.size(), NI_NUMERICHOST | NI_NUMERICSERV);
    if (failure != 0) {
        throw Error(fmt::format("cannot print an address: {}", ::gai_strerror(failure)));
    }
    if (family() == AF_INET6) {
        return fmt::format("[{}]:{}", host.data(), port.data());
    }
    return fmt::format("{}:{}", host.data(), port.data());
}

}  // namespace daytime

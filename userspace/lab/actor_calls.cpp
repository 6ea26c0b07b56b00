// SPDX-License-Identifier: MIT
// In the process of an actor: the calls themselves.
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab/actor.h"
#include "lab/addresses.h"
#include "lab/socket_options.h"

namespace tcpladder::lab {
namespace {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = sizeof(sockaddr_storage);
    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

SocketAddress make_address(const Address& address, std::uint16_t port) {
    SocketAddress result;
    if (address.version == 4) {
        auto& v4 = reinterpret_cast<sockaddr_in&>(result.storage);
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        std::memcpy(&v4.sin_addr, address.bytes.data(), sizeof(v4.sin_addr));
        result.size = sizeof(v4);
    } else {
        auto& v6 = reinterpret_cast<sockaddr_in6&>(result.storage);
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        std::memcpy(&v6.sin6_addr, address.bytes.data(), sizeof(v6.sin6_addr));
        result.size = sizeof(v6);
    }
    return result;
}

Endpoint endpoint_of(SocketAddress& from) {
    Endpoint endpoint;
    if (from.storage.ss_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(from.storage);
        endpoint.address.version = 4;
        std::memcpy(endpoint.address.bytes.data(), &v4.sin_addr, sizeof(v4.sin_addr));
        endpoint.port = ntohs(v4.sin_port);
    } else if (from.storage.ss_family == AF_INET6) {
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from.storage);
        endpoint.address.version = 6;
        std::memcpy(endpoint.address.bytes.data(), &v6.sin6_addr, sizeof(v6.sin6_addr));
        endpoint.port = ntohs(v6.sin6_port);
    }
    return endpoint;
}

/// Each byte tells its place in the stream, so that the receiver sees whether it
/// is the right one.
std::uint8_t byte_at(std::uint64_t place) {
    return static_cast<std::uint8_t>(place % 251 + 1);
}

struct Socket {
    int fd = -1;
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    int connect_error = -1;  ///< of a connect() that ended at once; -1: it did not
};

class Calls {
public:
    Calls(Host host, std::uint8_t version) : host_(host), version_(version) {}

    CallResult make(const CallMessage& call);

private:
    // Each returns an errno, 0: it worked.
    int open(Socket& socket);
    int bind(Socket& socket, std::uint16_t port);
    int listen(Socket& socket, const CallMessage& call);
    int set(Socket& socket, const CallMessage& call);
    int connect(Socket& socket, const CallMessage& call, bool wait);
    int finish_connect(Socket& socket);
    int fast_open(Socket& socket, const CallMessage& call);
    int accept(Socket& socket, const CallMessage& call);
    int send(Socket& socket, const CallMessage& call, bool wait);
    int receive(Socket& socket, std::int64_t wanted);
    int receive_end(Socket& socket);
    int disconnect(Socket& socket);
    int call_on(Socket& socket, const CallMessage& call);
    std::vector<std::uint8_t> bytes(Socket& socket, std::size_t count) const;
    bool check(Socket& socket, const std::uint8_t* data, std::size_t count);

    Host host_;
    std::uint8_t version_;
    std::int64_t number_ = 0;
    std::map<std::string, Socket> sockets_;
};

int result_of(long value) {
    return value < 0 ? errno : 0;
}

int Calls::open(Socket& socket) {
    if (socket.fd >= 0)
        return 0;
    socket = {};
    socket.fd = ::socket(version_ == 4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket.fd < 0)
        return errno;
    const int on = 1;
    return result_of(::setsockopt(socket.fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)));
}

int Calls::bind(Socket& socket, std::uint16_t port) {
    if (const int error = open(socket); error != 0)
        return error;
    auto address = make_address(address_of(host_, version_), port);
    return result_of(::bind(socket.fd, address.get(), address.size));
}

int Calls::listen(Socket& socket, const CallMessage& call) {
    SocketAddress bound;
    if (socket.fd >= 0)
        ::getsockname(socket.fd, bound.get(), &bound.size);
    if (endpoint_of(bound).port == 0) {
        const auto port = call.port != 0 ? call.port : kDefaultPort;
        if (const int error = bind(socket, port); error != 0)
            return error;
    }
    return result_of(::listen(socket.fd, static_cast<int>(call.number)));
}

int Calls::set(Socket& socket, const CallMessage& call) {
    if (const int error = open(socket); error != 0)
        return error;
    const auto* option = find_socket_option(call.text);
    if (option == nullptr)
        return ENOPROTOOPT;
    const int value = static_cast<int>(call.number);
    const linger lingering{1, value};
    if (option->level == SOL_SOCKET && option->option == SO_LINGER)
        return result_of(
            ::setsockopt(socket.fd, SOL_SOCKET, SO_LINGER, &lingering, sizeof(lingering)));
    return result_of(::setsockopt(socket.fd, option->level, option->option, &value, sizeof(value)));
}

void set_blocking(int fd, bool blocking) {
    const int flags = ::fcntl(fd, F_GETFL);
    ::fcntl(fd, F_SETFL, blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
}

int Calls::connect(Socket& socket, const CallMessage& call, bool wait) {
    if (const int error = open(socket); error != 0)
        return error;
    if (call.from_port != 0) {
        if (const int error = bind(socket, call.from_port); error != 0)
            return error;
    }
    const bool itself = std::string_view(call.text) == "itself";
    auto port = call.port != 0 ? call.port : kDefaultPort;
    if (itself)
        port = call.from_port;
    auto address = make_address(address_of(itself ? host_ : other(host_), version_), port);
    set_blocking(socket.fd, wait);
    const int error = result_of(::connect(socket.fd, address.get(), address.size));
    set_blocking(socket.fd, true);
    if (wait)
        return error;
    socket.connect_error = error == EINPROGRESS ? -1 : error;
    return error == EINPROGRESS ? 0 : error;
}

int Calls::finish_connect(Socket& socket) {
    if (socket.fd < 0)
        return EBADF;
    if (socket.connect_error >= 0)
        return socket.connect_error;
    pollfd waiting{socket.fd, POLLOUT, 0};
    while (::poll(&waiting, 1, -1) < 0 && errno == EINTR) {
    }
    int error = 0;
    socklen_t size = sizeof(error);
    ::getsockopt(socket.fd, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
}

std::vector<std::uint8_t> Calls::bytes(Socket& socket, std::size_t count) const {
    std::vector<std::uint8_t> data(count);
    for (std::size_t i = 0; i < count; ++i)
        data[i] = byte_at(socket.sent + i);
    return data;
}

int Calls::fast_open(Socket& socket, const CallMessage& call) {
    if (const int error = open(socket); error != 0)
        return error;
    const auto data = bytes(socket, static_cast<std::size_t>(call.number));
    auto address = make_address(address_of(other(host_), version_), kDefaultPort);
    const auto sent =
        ::sendto(socket.fd, data.data(), data.size(), MSG_FASTOPEN, address.get(), address.size);
    if (sent > 0)
        socket.sent += static_cast<std::uint64_t>(sent);
    return result_of(sent);
}

int Calls::accept(Socket& socket, const CallMessage& call) {
    const auto listener = sockets_.find(call.listener);
    if (listener == sockets_.end())
        return EBADF;
    socket = {};
    socket.fd = ::accept4(listener->second.fd, nullptr, nullptr, SOCK_CLOEXEC);
    return result_of(socket.fd);
}

int Calls::send(Socket& socket, const CallMessage& call, bool wait) {
    const auto data = bytes(socket, static_cast<std::size_t>(call.number));
    std::size_t done = 0;
    while (done < data.size()) {
        const auto sent = ::send(socket.fd, data.data() + done, data.size() - done,
                                 MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT));
        if (sent < 0 && errno == EAGAIN && !wait)
            break;
        if (sent < 0)
            return errno;
        done += static_cast<std::size_t>(sent);
        socket.sent += static_cast<std::uint64_t>(sent);
    }
    number_ = static_cast<std::int64_t>(done);
    return 0;
}

bool Calls::check(Socket& socket, const std::uint8_t* data, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        if (data[i] != byte_at(socket.received++))
            return false;
    }
    return true;
}

int Calls::receive(Socket& socket, std::int64_t wanted) {
    std::array<std::uint8_t, 65536> buffer;
    while (number_ < wanted) {
        const auto most =
            std::min<std::size_t>(buffer.size(), static_cast<std::size_t>(wanted - number_));
        const auto got = ::recv(socket.fd, buffer.data(), most, 0);
        if (got < 0)
            return errno;
        if (got == 0)
            return ENODATA;
        if (!check(socket, buffer.data(), static_cast<std::size_t>(got)))
            return EBADMSG;
        number_ += got;
    }
    return 0;
}

int Calls::receive_end(Socket& socket) {
    const int error = receive(socket, INT64_MAX);
    return error == ENODATA ? 0 : error;
}

int Calls::disconnect(Socket& socket) {
    sockaddr_storage nobody{};
    nobody.ss_family = AF_UNSPEC;
    return result_of(::connect(socket.fd, reinterpret_cast<sockaddr*>(&nobody), sizeof(nobody)));
}

int Calls::call_on(Socket& socket, const CallMessage& call) {
    switch (call.verb) {
        case Verb::kOpen:
            return open(socket);
        case Verb::kBind:
            return bind(socket, call.port);
        case Verb::kListen:
            return listen(socket, call);
        case Verb::kSet:
            return set(socket, call);
        case Verb::kConnect:
        case Verb::kStartConnect:
            return connect(socket, call, call.verb == Verb::kConnect);
        case Verb::kFastOpen:
            return fast_open(socket, call);
        case Verb::kFinishConnect:
            return finish_connect(socket);
        case Verb::kAccept:
            return accept(socket, call);
        case Verb::kSend:
        case Verb::kStartSend:
            return send(socket, call, call.verb == Verb::kSend);
        case Verb::kReceive:
            return receive(socket, call.number);
        case Verb::kReceiveEnd:
            return receive_end(socket);
        case Verb::kShutdown:
            return result_of(::shutdown(socket.fd, static_cast<int>(call.number)));
        case Verb::kClose:
            return result_of(::close(std::exchange(socket.fd, -1)));
        case Verb::kDisconnect:
            return disconnect(socket);
        case Verb::kDestroy:
        case Verb::kKill:
            break;
    }
    return 0;
}

CallResult Calls::make(const CallMessage& call) {
    auto& socket = sockets_[call.socket];
    number_ = 0;
    CallResult result;
    SocketAddress local;
    SocketAddress remote;
    if (call.verb == Verb::kDestroy && socket.fd >= 0) {
        ::getsockname(socket.fd, local.get(), &local.size);
        ::getpeername(socket.fd, remote.get(), &remote.size);
        result.local = endpoint_of(local);
        result.remote = endpoint_of(remote);
    }
    result.error = call_on(socket, call);
    result.number = number_;
    return result;
}

}  // namespace

void run_actor(int channel, Host host, std::uint8_t version) {
    Calls calls(host, version);
    CallMessage message;
    while (::recv(channel, &message, sizeof(message), 0) == sizeof(message)) {
        const auto result = calls.make(message);
        if (::send(channel, &result, sizeof(result), MSG_NOSIGNAL) != sizeof(result))
            break;
    }
    ::_exit(0);
}

}  // namespace tcpladder::lab

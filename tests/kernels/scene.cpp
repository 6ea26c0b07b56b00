// SPDX-License-Identifier: MIT
//
// scene NAME PORT: plays one TCP situation on loopback, a server and a client process, and prints
// for each end what it knows itself: one JSON object a line. The trace is judged by that.
//
// Nothing waits for a time: each end tells the other through a pipe how far it is.

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

constexpr int kBurst = 40;
std::uint16_t port = 0;

void require(bool condition, const char* what) {
    if (condition)
        return;
    std::fprintf(stderr, "scene: %s: %s\n", what, std::strerror(errno));
    std::_Exit(1);
}

sockaddr_in loopback() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int new_socket() {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    require(fd >= 0, "socket");
    return fd;
}

int listen_on(int backlog) {
    const int fd = new_socket();
    const int on = 1;
    const auto address = loopback();
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    require(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0, "bind");
    require(::listen(fd, backlog) == 0, "listen");
    return fd;
}

int try_connect(int fd) {
    const auto address = loopback();
    return ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 ? 0
                                                                                            : errno;
}

int connect_to_server() {
    const int fd = new_socket();
    require(try_connect(fd) == 0, "connect");
    return fd;
}

int accept_on(int listener) {
    const int fd = ::accept(listener, nullptr, nullptr);
    require(fd >= 0, "accept");
    return fd;
}

/// What one end did, and what became of it.
struct Report {
    const char* side;
    int fd;
    unsigned sent = 0;
    unsigned received = 0;
    int error = 0;
};

std::uint16_t port_of(int fd, bool own) {
    sockaddr_in address{};
    socklen_t size = sizeof(address);
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    const int result = own ? ::getsockname(fd, raw, &size) : ::getpeername(fd, raw, &size);
    return result == 0 ? ntohs(address.sin_port) : 0;
}

/// `client_port` names the connection; an aborted socket has forgotten its peer.
void tell(const Report& report, std::uint16_t client_port) {
    char comm[17] = {};
    ::prctl(PR_GET_NAME, comm);
    std::printf(
        "{\"side\":\"%s\",\"pid\":%d,\"comm\":\"%s\",\"client_port\":%u,\"server_port\":%u,"
        "\"sent\":%u,\"received\":%u,\"error\":\"%s\"}\n",
        report.side, ::getpid(), comm, client_port, port, report.sent, report.received,
        report.error == 0 ? "" : ::strerrorname_np(report.error));
    std::fflush(stdout);
}

void send_bytes(Report& report, unsigned count) {
    const std::string bytes(count, 'x');
    require(::send(report.fd, bytes.data(), count, MSG_NOSIGNAL) == ssize_t{count}, "send");
    report.sent += count;
}

/// Reads until `count` bytes, the end, or an error.
void receive_bytes(Report& report, unsigned count) {
    char buffer[64];
    while (report.received < count) {
        const auto got = ::recv(report.fd, buffer, sizeof(buffer), 0);
        if (got < 0)
            report.error = errno;
        if (got <= 0)
            return;
        report.received += static_cast<unsigned>(got);
    }
}

void receive_end(Report& report) {
    receive_bytes(report, UINT32_MAX);
}

/// One byte from one process to the other: "I am so far".
class Signal {
public:
    Signal() { require(::pipe(ends_) == 0, "pipe"); }
    void give() const { require(::write(ends_[1], "", 1) == 1, "write to the pipe"); }
    void await() const {
        char byte;
        require(::read(ends_[0], &byte, 1) == 1, "read from the pipe");
    }

private:
    int ends_[2];
};

/// Runs `server` in a child of its own and `client` in another.
template <typename Server, typename Client>
void play(Server server, Client client) {
    const auto start = [](const char* name, auto act) {
        const pid_t pid = ::fork();
        require(pid >= 0, "fork");
        if (pid > 0)
            return;
        ::prctl(PR_SET_NAME, name);
        act();
        std::_Exit(0);
    };
    start("scene-server", server);
    start("scene-client", client);
    int status = 0;
    bool failed = false;
    while (::wait(&status) > 0)
        failed = failed || status != 0;
    if (failed)
        std::_Exit(1);
}

/// 18 bytes there, 19 back; the client closes its half first.
void serve(int connection) {
    Report report{"server", connection};
    receive_bytes(report, 18);
    send_bytes(report, 19);
    receive_end(report);
    tell(report, port_of(connection, false));
    ::close(connection);
}

void ask() {
    Report report{"client", connect_to_server()};
    const auto own = port_of(report.fd, true);
    send_bytes(report, 18);
    receive_bytes(report, 19);
    ::shutdown(report.fd, SHUT_WR);
    receive_end(report);
    tell(report, own);
    ::close(report.fd);
}

void conversation() {
    const Signal listening;
    play(
        [&] {
            const int listener = listen_on(8);
            listening.give();
            serve(accept_on(listener));
        },
        [&] {
            listening.await();
            ask();
        });
}

/// The process that accepts hands the connection to another one.
void handed_over() {
    const Signal listening, handed_over;
    play(
        [&] {
            const int listener = listen_on(8);
            listening.give();
            const int connection = accept_on(listener);
            if (::fork() == 0) {
                ::close(listener);
                ::prctl(PR_SET_NAME, "scene-worker");
                handed_over.await();  // whoever closes it last sends the FIN
                serve(connection);
                std::_Exit(0);
            }
            ::close(connection);
            handed_over.give();
            ::wait(nullptr);
        },
        [&] {
            listening.await();
            ask();
        });
}

void refused() {
    play([] {},
         [] {
             Report report{"client", new_socket()};
             sockaddr_in any{};
             any.sin_family = AF_INET;
             ::bind(report.fd, reinterpret_cast<sockaddr*>(&any), sizeof(any));
             const auto own = port_of(report.fd, true);
             report.error = try_connect(report.fd);
             tell(report, own);
             ::close(report.fd);
         });
}

/// The client aborts: SO_LINGER with no time.
void reset() {
    const Signal listening, served;
    play(
        [&] {
            const int listener = listen_on(8);
            listening.give();
            Report report{"server", accept_on(listener)};
            const auto peer = port_of(report.fd, false);
            receive_bytes(report, 5);
            served.give();
            receive_end(report);
            tell(report, peer);
            ::close(report.fd);
        },
        [&] {
            listening.await();
            Report report{"client", connect_to_server()};
            const linger at_once{.l_onoff = 1, .l_linger = 0};
            send_bytes(report, 5);
            served.await();
            ::setsockopt(report.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
            tell(report, port_of(report.fd, true));
            ::close(report.fd);
        });
}

unsigned retransmissions(int fd) {
    tcp_info info{};
    socklen_t size = sizeof(info);
    require(::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0, "TCP_INFO");
    return info.tcpi_total_retrans;
}

/// Room for one connection that waits to be accepted: the second client's SYN is dropped until the
/// first has been accepted, and that is when it has been sent again.
void full_queue() {
    const Signal listening, repeated;
    play(
        [&] {
            const int listener = listen_on(0);
            listening.give();
            repeated.await();
            serve(accept_on(listener));
            serve(accept_on(listener));
        },
        [&] {
            listening.await();
            Report first{"client", connect_to_server()};
            Report second{"client", ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)};
            require(try_connect(second.fd) == EINPROGRESS, "connect");
            while (retransmissions(second.fd) == 0)
                ::usleep(2000);
            repeated.give();
            for (auto* report : {&first, &second}) {
                pollfd ready{report->fd, POLLOUT, 0};
                require(::poll(&ready, 1, -1) == 1, "poll");
                ::fcntl(report->fd, F_SETFL, 0);
                send_bytes(*report, 18);
                receive_bytes(*report, 19);
                ::shutdown(report->fd, SHUT_WR);
                receive_end(*report);
                tell(*report, port_of(report->fd, true));
                ::close(report->fd);
            }
        });
}

/// More than a small buffer takes.
void burst() {
    const Signal listening;
    play(
        [&] {
            const int listener = listen_on(8);
            listening.give();
            for (int i = 0; i < kBurst; ++i)
                serve(accept_on(listener));
        },
        [&] {
            listening.await();
            for (int i = 0; i < kBurst; ++i)
                ask();
        });
}

struct Scene {
    std::string_view name;
    void (*play)();
};

constexpr Scene kScenes[] = {
    {"conversation", conversation}, {"handed_over", handed_over},
    {"refused", refused},           {"reset", reset},
    {"full_queue", full_queue},     {"burst", burst},
};

}  // namespace

int main(int argc, char** argv) {
    port = static_cast<std::uint16_t>(argc == 3 ? std::atoi(argv[2]) : 0);
    for (const auto& scene : kScenes) {
        if (port != 0 && scene.name == argv[1]) {
            scene.play();
            return 0;
        }
    }
    std::fputs("usage: scene NAME PORT\n", stderr);
    return 2;
}

// SPDX-License-Identifier: MIT
//
// bench-load: as many short connections on loopback as one CPU can do. A server and a client thread
// share that CPU, one conversation at a time: connect, a reply of 26 bytes, the server closes
// first, the client reads to the end and closes. One line of JSON says how many and how fast.

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

// The daytime reply of the book: "Mon May 26 20:58:40 2003\r\n".
constexpr std::string_view kReply = "Mon May 26 20:58:40 2003\r\n";
static_assert(kReply.size() == 26);

struct Options {
    int cpu = 0;
    std::vector<int> cpus;  // server's and client's; empty: both on `cpu`
    std::uint16_t port = 10013;
    double seconds = 3;
    std::uint64_t connections = 0;  // 0: as many as `seconds` allow
    // The server keeps every connection in TIME_WAIT for a minute. 28,000 ephemeral ports of one
    // client address would come round within a second or two, and a SYN would meet the TIME_WAIT of
    // its predecessor: another path than the one measured. 200 addresses last for minutes.
    std::uint32_t sources = 200;
};

struct Result {
    std::uint64_t connections = 0;
    double seconds = 0;
};

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

/// Owner of a descriptor. close() reports what the kernel says; the destructor is for error paths.
class Socket {
public:
    explicit Socket(int fd) : fd_(fd) {
        if (fd_ < 0) {
            fail("cannot open a socket");
        }
    }
    ~Socket() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    [[nodiscard]] int fd() const { return fd_; }

    void close() {
        const int fd = fd_;
        fd_ = -1;
        if (::close(fd) != 0) {
            fail("cannot close a socket");
        }
    }

private:
    int fd_;
};

/// 127.0.0.0 plus `host`, port 0.
sockaddr_in loopback(std::uint32_t host) {
    sockaddr_in result{};
    result.sin_family = AF_INET;
    result.sin_addr.s_addr = htonl((INADDR_LOOPBACK & 0xff000000U) + host);
    return result;
}

sockaddr_in server_address(std::uint16_t port) {
    sockaddr_in result = loopback(1);
    result.sin_port = htons(port);
    return result;
}

const sockaddr* generic(const sockaddr_in& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

void set_option(const Socket& socket, int level, int name, const char* text) {
    const int on = 1;
    if (setsockopt(socket.fd(), level, name, &on, sizeof on) != 0) {
        fail(fmt::format("cannot set {}", text));
    }
}

void pin_to(int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<std::size_t>(cpu), &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0) {
        fail(fmt::format("cannot run on CPU {}", cpu));
    }
}

void listen_on(const Socket& listener, std::uint16_t port) {
    set_option(listener, SOL_SOCKET, SO_REUSEADDR, "SO_REUSEADDR");
    const sockaddr_in address = server_address(port);
    if (bind(listener.fd(), generic(address), sizeof address) != 0) {
        fail(fmt::format("cannot bind to '127.0.0.1:{}'", port));
    }
    if (listen(listener.fd(), 128) != 0) {
        fail(fmt::format("cannot listen on '127.0.0.1:{}'", port));
    }
}

/// Serves until the listener is shut down by whoever has set `stop`.
void serve(const Socket& listener, const std::atomic<bool>& stop) {
    while (true) {
        const int fd = accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0 && stop) {
            return;
        }
        if (fd < 0) {
            fail("cannot accept");
        }
        Socket connection(fd);
        const ssize_t sent = send(fd, kReply.data(), kReply.size(), MSG_NOSIGNAL);
        if (sent < 0) {
            fail("cannot send the reply");
        }
        if (static_cast<std::size_t>(sent) != kReply.size()) {
            throw std::runtime_error("the reply was sent in part only");
        }
        connection.close();
    }
}

void fetch(const sockaddr_in& source, const sockaddr_in& server) {
    Socket connection(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    // The port is chosen by connect(), for the whole 4-tuple, and not by bind().
    set_option(connection, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, "IP_BIND_ADDRESS_NO_PORT");
    if (bind(connection.fd(), generic(source), sizeof source) != 0) {
        fail("cannot bind the client");
    }
    if (connect(connection.fd(), generic(server), sizeof server) != 0) {
        fail("cannot connect");
    }
    std::array<char, 64> buffer{};
    std::size_t received = 0;
    while (true) {
        const ssize_t length = recv(connection.fd(), buffer.data(), buffer.size(), 0);
        if (length < 0) {
            fail("cannot receive the reply");
        }
        if (length == 0) {
            break;
        }
        received += static_cast<std::size_t>(length);
    }
    if (received != kReply.size()) {
        throw std::runtime_error(fmt::format("a reply had {} bytes", received));
    }
    connection.close();
}

Result fetch_all(const Options& options, const std::atomic<bool>& stop) {
    const sockaddr_in server = server_address(options.port);
    const auto start = Clock::now();
    const auto end = start + std::chrono::duration_cast<Clock::duration>(
                                 std::chrono::duration<double>(options.seconds));
    Result result;
    auto now = start;
    while (!stop &&
           (options.connections != 0 ? result.connections < options.connections : now < end)) {
        // 127.0.0.2 and up, in turn.
        const auto source = static_cast<std::uint32_t>(result.connections % options.sources);
        fetch(loopback(2 + source), server);
        ++result.connections;
        now = Clock::now();
    }
    result.seconds = std::chrono::duration<double>(now - start).count();
    return result;
}

Result run(const Options& options) {
    const int server_cpu = options.cpus.empty() ? options.cpu : options.cpus[0];
    const int client_cpu = options.cpus.empty() ? options.cpu : options.cpus[1];
    const Socket listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    listen_on(listener, options.port);

    // Whichever side ends first, well or not, stops the other one: a listener that is shut down
    // ends accept() at once and refuses connect().
    std::atomic<bool> stop = false;
    const auto stop_both = [&] {
        if (!stop.exchange(true) && shutdown(listener.fd(), SHUT_RDWR) != 0) {
            fail("cannot shut the listener down");
        }
    };
    const auto guarded = [&](std::exception_ptr& error, const auto& body) {
        try {
            body();
        } catch (...) {
            error = std::current_exception();
        }
        try {
            stop_both();
        } catch (...) {
            error = error ? error : std::current_exception();
        }
    };

    std::exception_ptr server_error;
    std::exception_ptr client_error;
    Result result;
    std::thread server([&] {
        guarded(server_error, [&] {
            pin_to(server_cpu);
            serve(listener, stop);
        });
    });
    guarded(client_error, [&] {
        pin_to(client_cpu);
        result = fetch_all(options, stop);
    });
    server.join();
    for (const auto& error : {server_error, client_error}) {
        if (error) {
            std::rethrow_exception(error);
        }
    }
    return result;
}

/// No value when only help was asked for.
std::optional<Options> parse_options(int argc, const char* const* argv) {
    Options options;
    CLI::App app("Short connections on loopback, as many as one CPU can do.", "bench-load");
    auto* cpu = app.add_option("--cpu", options.cpu, "CPU of both threads")
                    ->check(CLI::Range(0, CPU_SETSIZE - 1))
                    ->capture_default_str();
    app.add_option("--cpus", options.cpus, "CPU of the server, CPU of the client: A,B")
        ->delimiter(',')
        ->expected(2)
        ->check(CLI::Range(0, CPU_SETSIZE - 1))
        ->excludes(cpu);
    app.add_option("--port", options.port, "Port of the server on 127.0.0.1")
        ->check(CLI::Range(1, 65535))
        ->capture_default_str();
    auto* seconds = app.add_option("--seconds", options.seconds, "How long")
                        ->check(CLI::Range(0.01, 3600.0))
                        ->capture_default_str();
    app.add_option("--connections", options.connections, "How many, instead of how long")
        ->check(CLI::PositiveNumber)
        ->excludes(seconds);
    app.add_option("--sources", options.sources, "Client addresses to spread over, from 127.0.0.2")
        ->check(CLI::Range(1, 65000))
        ->capture_default_str();
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (app.exit(error) != 0) {
            throw;
        }
        return std::nullopt;
    }
    return options;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const auto options = parse_options(argc, argv);
        if (!options) {
            return 0;
        }
        const Result result = run(*options);
        fmt::print("{{\"connections\":{},\"seconds\":{:.6f},\"conn_per_s\":{:.1f}}}\n",
                   result.connections, result.seconds,
                   static_cast<double>(result.connections) / std::max(result.seconds, 1e-9));
        if (std::fflush(stdout) != 0) {
            fail("cannot write to stdout");
        }
        return 0;
    } catch (const CLI::ParseError&) {
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench-load: error: %s\n", error.what());
        return 1;
    }
}

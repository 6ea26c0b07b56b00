// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <csignal>
#include <cstdint>
#include <functional>
#include <map>

#include "support/unique_fd.h"

namespace tcpladder {

/// The one loop of the live commands: descriptors, a ticking timer, Ctrl-C.
/// SIGINT and SIGTERM are blocked for as long as it lives and arrive here.
class EventLoop {
public:
    explicit EventLoop(std::chrono::milliseconds tick);
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    /// `ready` is called whenever `fd` is readable, until remove().
    void add(int fd, std::function<void()> ready);
    /// `fd` ends the waiting, once each time it becomes readable.
    void add_wake_up(int fd);
    void remove(int fd);

    /// Waits for the tick or any descriptor, then calls what is ready.
    void wait();
    /// The same without waiting.
    void poll();

    /// SIGINT or SIGTERM has come.
    bool interrupted() const { return signal_ != 0; }
    /// Which; from the terminal, all of our process group has got it.
    int signal() const { return signal_; }
    bool from_terminal() const { return from_terminal_; }
    /// As if none had come.
    void forget_signal() { signal_ = 0; }

private:
    void handle(int timeout_ms);
    void watch(int fd, std::uint32_t events);
    void read_signal();
    void read_timer();

    UniqueFd epoll_;
    UniqueFd signals_;
    UniqueFd timer_;
    sigset_t old_mask_{};
    std::map<int, std::function<void()>> ready_;
    int signal_ = 0;
    bool from_terminal_ = false;
};

}  // namespace tcpladder

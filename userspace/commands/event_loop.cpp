// SPDX-License-Identifier: MIT
#include "commands/event_loop.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <utility>

#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

#include "support/error.h"

namespace tcpladder {

EventLoop::EventLoop(std::chrono::milliseconds tick)
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &mask, &old_mask_);
    signals_.reset(::signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC));
    if (!epoll_ || !timer_ || !signals_)
        throw system_error("cannot set up the event loop", errno);
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(tick);
    const timespec period{seconds.count(), std::chrono::nanoseconds(tick - seconds).count()};
    const itimerspec ticking{period, period};
    ::timerfd_settime(timer_.get(), 0, &ticking, nullptr);
    add(signals_.get(), [this] { read_signal(); });
    add(timer_.get(), [this] { read_timer(); });
}

EventLoop::~EventLoop() {
    ::sigprocmask(SIG_SETMASK, &old_mask_, nullptr);
}

void EventLoop::add(int fd, std::function<void()> ready) {
    watch(fd, EPOLLIN);
    ready_[fd] = std::move(ready);
}

// Edge triggered: a ring that never is quite empty must not keep us awake.
void EventLoop::add_wake_up(int fd) {
    watch(fd, EPOLLIN | EPOLLET);
}

void EventLoop::watch(int fd, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
        throw system_error("cannot watch a descriptor", errno);
}

void EventLoop::remove(int fd) {
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
    ready_.erase(fd);
}

void EventLoop::wait() {
    handle(-1);
}

void EventLoop::poll() {
    handle(0);
}

void EventLoop::handle(int timeout_ms) {
    std::array<epoll_event, 16> events{};
    const int count = ::epoll_wait(epoll_.get(), events.data(), events.size(), timeout_ms);
    if (count < 0 && errno != EINTR)
        throw system_error("cannot wait for events", errno);
    for (int i = 0; i < count; ++i) {
        const auto found = ready_.find(events[static_cast<std::size_t>(i)].data.fd);
        if (found == ready_.end())
            continue;
        const auto call = found->second;  // it may remove itself
        call();
    }
}

void EventLoop::read_signal() {
    signalfd_siginfo signal{};
    while (::read(signals_.get(), &signal, sizeof(signal)) == sizeof(signal)) {
        signal_ = static_cast<int>(signal.ssi_signo);
        from_terminal_ = signal.ssi_code == SI_KERNEL;
    }
}

void EventLoop::read_timer() {
    std::uint64_t ticks = 0;
    const auto ignored = ::read(timer_.get(), &ticks, sizeof(ticks));
    (void)ignored;
}

}  // namespace tcpladder

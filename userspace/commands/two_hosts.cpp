// SPDX-License-Identifier: MIT
#include "commands/two_hosts.h"

#include <algorithm>
#include <cerrno>

#include <sys/timerfd.h>

#include "capture/tracer.h"
#include "support/error.h"

namespace tcpladder {
namespace {

using lab::Host;

// A host's own chatter to a group: no conversation.
bool is_multicast(const lab::Packet& packet) {
    const bool v6 = packet[0] >> 4 == 6;
    return v6 && packet.size() > 24 && packet[24] == 0xff;
}

}  // namespace

TwoHosts::TwoHosts(lab::Network& network, lab::Wire& wire, EventLoop& loop)
    : network_(network),
      wire_(wire),
      loop_(loop),
      timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)) {
    if (!timer_)
        throw system_error("cannot make a timer", errno);
    for (const auto host : {Host::kClient, Host::kServer})
        loop_.add(network_.tun_fd(host), [this, host] { read(host); });
    loop_.add(timer_.get(), [this] {
        std::uint64_t times = 0;
        const auto ignored = ::read(timer_.get(), &times, sizeof(times));
        (void)ignored;
        step();
    });
}

TwoHosts::~TwoHosts() {
    for (const auto host : {Host::kClient, Host::kServer})
        loop_.remove(network_.tun_fd(host));
    loop_.remove(timer_.get());
}

void TwoHosts::read(Host host) {
    while (true) {
        auto packet = network_.read(host);
        if (packet.empty())
            break;
        if (!is_multicast(packet))
            wire_.take(host, std::move(packet), monotonic_now());
    }
    step();
}

void TwoHosts::step() {
    wire_.deliver(monotonic_now(),
                  [this](Host to, const lab::Packet& packet) { network_.write(to, packet); });
    if (const auto due = wire_.next_due())
        wake_at(*due);
}

void TwoHosts::wake_at(MonoNs due) {
    constexpr MonoNs kSecond = 1'000'000'000;
    const auto at = std::max<MonoNs>(due, 1);
    const itimerspec once{{0, 0}, {at / kSecond, at % kSecond}};
    ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &once, nullptr);
}

}  // namespace tcpladder

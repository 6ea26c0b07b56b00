// SPDX-License-Identifier: MIT
#include "workload/pause.h"

#include "workload/error.h"

#include <cerrno>
#include <cstdint>
#include <ctime>

namespace daytime {
namespace {

/// On CLOCK_MONOTONIC, which nobody can set.
timespec moment_after(std::chrono::nanoseconds pause) {
    timespec moment{};
    if (::clock_gettime(CLOCK_MONOTONIC, &moment) == -1) {
        throw SystemError("cannot read the clock", errno);
    }
    constexpr std::int64_t kSecond = 1'000'000'000;
    const std::int64_t sum = moment.tv_nsec + pause.count();
    moment.tv_sec += sum / kSecond;
    moment.tv_nsec = sum % kSecond;
    return moment;
}

}  // namespace

void pause_for(std::chrono::nanoseconds pause) {
    if (pause.count() == 0) {
        return;
    }
    // Until a fixed moment, so that interruptions do not add up.
    const timespec end = moment_after(pause);
    int failure = EINTR;
    while (failure == EINTR) {
        failure = ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, nullptr);
    }
    if (failure != 0) {
        throw SystemError("cannot pause", failure);
    }
}

}  // namespace daytime

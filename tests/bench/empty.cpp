// SPDX-License-Identifier: MIT
//
// bench-empty: attaches three empty programs, says "ready", and waits for SIGTERM or SIGINT.
// What the load loses beside it is what no BPF tracer on these hooks can avoid.

#include "empty.skel.h"

#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>

namespace {

struct DestroySkeleton {
    void operator()(empty_bpf* skeleton) const { empty_bpf::destroy(skeleton); }
};

[[noreturn]] void fail(const std::string& what, int error) {
    throw std::runtime_error(fmt::format("{}: {}", what, std::strerror(error)));
}

void run() {
    // Blocked before the first program is attached: an early signal is kept until sigwait().
    sigset_t stop;
    if (sigemptyset(&stop) != 0 || sigaddset(&stop, SIGTERM) != 0 ||
        sigaddset(&stop, SIGINT) != 0 || sigprocmask(SIG_BLOCK, &stop, nullptr) != 0) {
        fail("cannot block signals", errno);
    }

    const std::unique_ptr<empty_bpf, DestroySkeleton> skeleton(empty_bpf::open_and_load());
    if (!skeleton) {
        fail("cannot load the empty programs", errno);
    }
    if (const int error = empty_bpf::attach(skeleton.get()); error != 0) {
        fail("cannot attach the empty programs", -error);
    }
    if (std::puts("ready") == EOF || std::fflush(stdout) != 0) {
        fail("cannot write to stdout", errno);
    }

    int signal = 0;
    if (const int error = sigwait(&stop, &signal); error != 0) {
        fail("cannot wait for a signal", error);
    }
}

}  // namespace

int main() {
    try {
        run();
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench-empty: error: %s\n", error.what());
        return 1;
    }
}

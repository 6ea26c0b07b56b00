// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "capture/decode.h"
#include "capture/hooks.h"
#include "capture/record_queue.h"
#include "model/event.h"
#include "model/kernel_counts.h"
#include "support/error.h"

namespace tcpladder {

/// What is asked of the kernel side. Zero values: everything.
struct TracerOptions {
    std::uint16_t port = 0;    ///< either end
    std::uint8_t version = 0;  ///< 4 or 6: of the packets
    Address host;              ///< either end; version 0: any
    std::uint32_t ifindex = 0;
    std::uint32_t netns = 0;
    std::uint32_t other_netns = 0;  ///< beside `netns`: this one, too
    /// Only connections of some processes: those named `comm`, or if that is empty
    /// those that add_process() gives and their children.
    bool select = false;
    std::string comm;
    std::uint64_t ring_bytes = 64U << 20;  ///< rounded up to a power of two of pages
    bool light = false;
    bool call_chain = true;
};

/// The programs in the kernel and the ring that they fill. Everything is
/// detached and freed with the object, and by the kernel if the process dies.
class Tracer {
public:
    /// Opens, loads and attaches. A program that the kernel refuses is left out if
    /// the main job can do without it: see plan(). Throws Error: no privilege, no
    /// BTF, a required tracepoint missing or its program refused, kernel too old.
    explicit Tracer(const TracerOptions& options);

    /// What would come of it.
    struct Trial {
        HookPlan plan;  ///< no choices: the kernel has no BTF
        std::optional<Error> failure;
    };
    /// The same for a moment only.
    static Trial attempt(const TracerOptions& options);

    ~Tracer();
    Tracer(const Tracer&) = delete;
    Tracer& operator=(const Tracer&) = delete;

    /// For epoll: readable when the ring is filling up. Otherwise call drain()
    /// every 20 ms or so.
    int fd() const;

    /// What drain() found.
    struct Drained {
        MonoNs complete_until;  ///< nothing older can come any more
        bool more;              ///< it stopped because it had enough for one go
    };
    /// Moves finished records into queue(), a few at a time, so that they stay
    /// in the processor's cache until they are shown.
    Drained drain();
    RecordQueue& queue();

    /// The owners of the sockets that are open now, those older than the trace
    /// included, as events. Where the kernel cannot tell, none.
    std::vector<Event> open_sockets();

    /// With TracerOptions::select: follows this process and what it forks from now on.
    void add_process(std::uint32_t pid);
    /// Those that are followed and have not ended.
    std::vector<std::uint32_t> processes();

    /// Stops the programs; what is in the ring can still be drained.
    void detach();

    KernelCounts counts() const;
    /// Records lost so far, all kinds; wraps.
    std::uint32_t lost_total() const;
    const Decoder& decoder() const;
    const HookPlan& plan() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// What the running kernel's types promise; nothing is loaded. Throws Error if
/// it has none (BTF).
HookPlan kernel_plan();

/// CLOCK_MONOTONIC now.
MonoNs monotonic_now();

/// Whether libbpf's own messages go to stderr as they come. Otherwise they are
/// kept back, and the last ones are the hint of a failed load.
void set_libbpf_verbose(bool verbose);

}  // namespace tcpladder

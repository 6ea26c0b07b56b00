// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "model/event.h"
#include "model/kernel_counts.h"

namespace tcpladder {

/// What identifies a recording, and how it was made.
struct RecordingInfo {
    TraceInfo trace;         ///< of one host
    std::uint32_t id = 0;    ///< random; every record carries it
    std::string boot_id;     ///< of the kernel: equal ones share a clock
    std::string filter;      ///< as the user would say it; empty: everything
    std::string version;     ///< of tcpladder
    std::uint32_t part = 0;  ///< of a recording that was split, from 0
};

/// The clocks of the recording machine, read at one moment. Nanoseconds.
struct ClockAnchor {
    MonoNs mono = 0;
    std::int64_t real = 0;
    std::int64_t tai = 0;
};

/// How the trace ended, for the summary of a replay.
struct RecordingEnd {
    KernelCounts counts;
    std::uint64_t arrived = 0;  ///< of the records that the kernel sent
    std::uint64_t refused = 0;  ///< records that made no sense
};

}  // namespace tcpladder

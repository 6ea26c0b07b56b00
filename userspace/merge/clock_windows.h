// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "merge/clock_fit.h"

namespace tcpladder {

/// A stretch of one host's clock that is straight against the reference's.
struct ClockWindow {
    MonoNs from = 0;  ///< this host's time of the first constraint
    MonoNs to = 0;    ///< of the last one
    ClockFit fit;     ///< solved
};

/// A clock as far as its constraints tell.
struct ClockWindows {
    std::vector<ClockWindow> windows;  ///< in order; one if the clock was left alone
    std::size_t dropped = 0;           ///< constraints that fit no line: wrong matches

    ClockMap map() const;
};

/// Finds the lines of a clock: one if any fits; else one after dropping single
/// impossible constraints (at most 1 %); else one per stretch of time, each as long
/// as its width stays at least half of what a short stretch allows (steps, slewing).
/// Drops from `constraints` what is wrong and sorts it by `local`.
ClockWindows fit_clock(std::vector<ClockConstraint>& constraints);

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include "merge/alignment_text.h"

#include <cmath>

#include <fmt/core.h>

namespace tcpladder {
namespace {

// Three digits that matter, and the unit in which they are read best.
std::string duration(std::int64_t ns) {
    const auto value = std::fabs(static_cast<double>(ns));
    if (value < 1e3)
        return fmt::format("{:.0f} ns", value);
    if (value < 1e6)
        return fmt::format("{:.1f} us", value / 1e3);
    if (value < 1e9)
        return fmt::format("{:.3f} ms", value / 1e6);
    return fmt::format("{:.6f} s", value / 1e9);
}

std::string matches_text(const AlignedClock& clock) {
    auto text = fmt::format(" ({} segments matched, {} not", clock.matches.matched,
                            clock.matches.unmatched);
    if (clock.dropped > 0)
        text += fmt::format(", {} matches left out as impossible", clock.dropped);
    return text + ")";
}

}  // namespace

std::string alignment_text(const AlignedClock& clock, const std::string& reference) {
    using Basis = AlignedClock::Basis;
    switch (clock.basis) {
        case Basis::kReference:
            return {};
        case Basis::kSameKernel:
            return fmt::format("{} is in two recordings with one clock", clock.name);
        case Basis::kWallClock:
            return fmt::format(
                "{} and {} have no segment in common: both their clocks are trusted, the order "
                "between them may be wrong",
                clock.name, reference);
        default:
            break;
    }
    auto text = fmt::format("{}'s clock is {} {} {}'s", clock.name, duration(clock.ahead),
                            clock.ahead < 0 ? "behind" : "ahead of", reference);
    if (clock.basis == Basis::kOneWay)
        text += ", if the segments took no time (only one direction was seen)";
    else
        text += fmt::format(", \u00b1{}", duration(clock.bound));
    if (clock.stretches > 1)
        text += fmt::format(", at first: it was stepped or slewed, {} stretches", clock.stretches);
    else
        text += fmt::format(", drift {:.1f} ppm", clock.drift / 1e3);
    return text + matches_text(clock);
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>

#include "merge/clock_map.h"
#include "merge/hull.h"

namespace tcpladder {

/// What one segment says of a host's clock, seen against the reference: an effect
/// is not before its cause.
struct ClockConstraint {
    MonoNs local = 0;      ///< this host's time
    MonoNs reference = 0;  ///< the reference's
    bool is_floor = true;  ///< true: f(local) > reference (sent there, received here);
                           ///< false: f(local) < reference (sent here, received there)
};

/// The straight line that keeps the largest distance to all constraints: half of
/// the smallest apparent round trip to each side (Moon, Skelly, Towsley 1999, used
/// for both directions). Pure arithmetic; constraints may come at any time and in
/// any order, fastest in the order of `local`. Costs memory for the hulls only.
class ClockFit {
public:
    void add(const ClockConstraint& constraint);
    std::size_t count() const { return count_; }
    /// Segments were seen in both directions: without, the offset has no limit on one side.
    bool has_both_directions() const;

    /// The fit so far; false if no line is right, so that there is none. Before the
    /// functions below.
    bool solve();

    const ClockLine& line() const { return line_; }
    /// The smallest apparent round trip, ns. Infinite if a direction is missing;
    /// negative if there was no solution: how far the constraints contradict each other.
    double width() const { return width_; }
    /// The largest possible error of line() at this host's `time`, ns, as long as
    /// both clocks run straight; nothing if a direction is missing.
    std::optional<double> bound_at(MonoNs time) const;

    /// Constraints that stand against each other at the best line: one of them is
    /// wrong if there is no solution.
    std::vector<ClockConstraint> opponents() const;

private:
    struct Range {
        double min;
        double max;
    };
    double width_at(double slope) const { return ceiling_.extreme(slope) - floor_.extreme(slope); }
    double best_slope(double limit) const;
    double flattest_slope(double best) const;
    Range possible_slopes(double best, double limit) const;
    void solve_one_direction();
    void set_line(double slope, double offset);

    Hull floor_{Hull::Side::kUpper};
    Hull ceiling_{Hull::Side::kLower};
    PlanePoint origin_;  ///< of the hulls' points: keeps them small
    std::size_t count_ = 0;
    ClockLine line_;
    double width_ = 0;
    double slope_ = 0;
    Range slopes_{};
};

}  // namespace tcpladder

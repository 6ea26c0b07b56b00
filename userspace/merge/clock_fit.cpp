// SPDX-License-Identifier: MIT
#include "merge/clock_fit.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tcpladder {
namespace {

constexpr double kUsualSkew = 100e-6;
constexpr double kLargestSkew = 1000e-6;
// Of fewer segments the widest line is mostly a guess of the slope.
constexpr std::size_t kFew = 12;
constexpr double kEnoughWidth = 0.9;
constexpr int kSteps = 100;  // (2/3)^100: far below one ns in a year

/// Where the concave function is largest in [min, max].
template <typename Function>
double peak_of(double min, double max, Function&& function) {
    for (int step = 0; step < kSteps; ++step) {
        const double a = min + (max - min) / 3;
        const double b = max - (max - min) / 3;
        (function(a) < function(b) ? min : max) = function(a) < function(b) ? a : b;
    }
    return (min + max) / 2;
}

/// The last place from `good` towards `bad` where `holds`, which it does at `good`.
template <typename Holds>
double last_where(double good, double bad, Holds&& holds) {
    if (holds(bad))
        return bad;
    for (int step = 0; step < kSteps; ++step) {
        const double middle = (good + bad) / 2;
        (holds(middle) ? good : bad) = middle;
    }
    return good;
}

}  // namespace

void ClockFit::add(const ClockConstraint& constraint) {
    const auto ahead = constraint.reference - constraint.local;
    if (count_++ == 0)
        origin_ = {constraint.local, ahead};
    auto& hull = constraint.is_floor ? floor_ : ceiling_;
    hull.add({constraint.local - origin_.x, ahead - origin_.y});
}

bool ClockFit::has_both_directions() const {
    return !floor_.points().empty() && !ceiling_.points().empty();
}

bool ClockFit::solve() {
    if (!has_both_directions()) {
        solve_one_direction();
        return true;
    }
    double limit = kUsualSkew;
    slope_ = best_slope(limit);
    if (width_at(slope_) < 0) {
        limit = kLargestSkew;
        slope_ = best_slope(limit);
    }
    width_ = width_at(slope_);
    if (width_ < 0)
        return false;
    slopes_ = possible_slopes(slope_, limit);
    if (count_ < kFew)
        slope_ = flattest_slope(slope_);
    set_line(slope_, (floor_.extreme(slope_) + ceiling_.extreme(slope_)) / 2);
    return true;
}

// The only end that is known is where the fastest segment took no time at all.
void ClockFit::solve_one_direction() {
    width_ = std::numeric_limits<double>::infinity();
    slope_ = 0;
    if (!floor_.points().empty())
        set_line(0, floor_.extreme(0) + 1);
    else if (!ceiling_.points().empty())
        set_line(0, ceiling_.extreme(0) - 1);
}

void ClockFit::set_line(double slope, double offset) {
    line_ = {origin_.x, origin_.y + std::llround(offset), slope};
}

double ClockFit::best_slope(double limit) const {
    return peak_of(-limit, limit, [&](double slope) { return width_at(slope); });
}

double ClockFit::flattest_slope(double best) const {
    return last_where(best, 0,
                      [&](double slope) { return width_at(slope) >= kEnoughWidth * width_; });
}

ClockFit::Range ClockFit::possible_slopes(double best, double limit) const {
    const auto possible = [&](double slope) { return width_at(slope) >= 0; };
    return {last_where(best, -limit, possible), last_where(best, limit, possible)};
}

std::optional<double> ClockFit::bound_at(MonoNs time) const {
    if (!has_both_directions())
        return std::nullopt;
    const auto x = static_cast<double>(time - origin_.x);
    const auto highest = [&](double slope) { return ceiling_.extreme(slope) + slope * x; };
    const auto depth = [&](double slope) { return -(floor_.extreme(slope) + slope * x); };
    const auto value = static_cast<double>(line_(time) - time - origin_.y);
    const double above = highest(peak_of(slopes_.min, slopes_.max, highest)) - value;
    const double below = depth(peak_of(slopes_.min, slopes_.max, depth)) + value;
    return std::max({above, below, 0.0});
}

std::vector<ClockConstraint> ClockFit::opponents() const {
    std::vector<ClockConstraint> found;
    const auto note = [&](const PlanePoint& point, bool is_floor) {
        const auto local = point.x + origin_.x;
        found.push_back({local, local + point.y + origin_.y, is_floor});
    };
    constexpr double kBeside = 1e-9;  // at the best slope a hull has two extremes
    for (const double slope : {slope_ - kBeside, slope_ + kBeside}) {
        note(floor_.extreme_point(slope), true);
        note(ceiling_.extreme_point(slope), false);
    }
    return found;
}

}  // namespace tcpladder

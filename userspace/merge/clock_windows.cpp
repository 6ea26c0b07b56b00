// SPDX-License-Identifier: MIT
#include "merge/clock_windows.h"

#include <algorithm>
#include <limits>
#include <span>

namespace tcpladder {
namespace {

using Constraints = std::span<const ClockConstraint>;

constexpr std::size_t kShort = 200;         // constraints of a short stretch
constexpr std::size_t kFewestForDrop = 24;  // of fewer, no one can be called the odd one
constexpr std::size_t kMostTries = 16;      // each looks at all constraints

ClockFit fit_of(Constraints constraints) {
    ClockFit fit;
    for (const auto& each : constraints) {
        fit.add(each);
    }
    fit.solve();
    return fit;
}

bool same(const ClockConstraint& a, const ClockConstraint& b) {
    return a.local == b.local && a.reference == b.reference && a.is_floor == b.is_floor;
}

/// Those without the one whose absence helps most.
std::vector<ClockConstraint> without_worst(const std::vector<ClockConstraint>& constraints,
                                           const ClockFit& fit) {
    std::vector<ClockConstraint> best;
    double best_width = -std::numeric_limits<double>::infinity();
    for (const auto& opponent : fit.opponents()) {
        auto rest = constraints;
        std::erase_if(rest, [&](const auto& each) { return same(each, opponent); });
        const auto width = fit_of(rest).width();
        if (width > best_width) {
            best_width = width;
            best = std::move(rest);
        }
    }
    return best;
}

/// Leaves out the worst ones if few are enough; else nothing is changed.
bool drop_outliers(std::vector<ClockConstraint>& constraints, std::size_t most) {
    auto rest = constraints;
    for (std::size_t tries = 0; tries <= most; ++tries) {
        const auto fit = fit_of(rest);
        if (fit.width() >= 0) {
            constraints = std::move(rest);
            return true;
        }
        if (tries < most)
            rest = without_worst(rest, fit);
    }
    return false;
}

std::size_t most_outliers(std::size_t count) {
    return count < kFewestForDrop ? 0 : std::clamp<std::size_t>(count / 100, 1, kMostTries);
}

/// A wrong match within a short stretch shows there, also where the clock is slewed.
void drop_local_outliers(std::vector<ClockConstraint>& constraints) {
    std::vector<ClockConstraint> kept;
    for (std::size_t first = 0; first < constraints.size(); first += kShort) {
        const auto last = std::min(first + kShort, constraints.size());
        std::vector<ClockConstraint> block(constraints.begin() + static_cast<std::ptrdiff_t>(first),
                                           constraints.begin() + static_cast<std::ptrdiff_t>(last));
        drop_outliers(block, most_outliers(block.size()));
        kept.insert(kept.end(), block.begin(), block.end());
    }
    constraints = std::move(kept);
}

/// Half of the smallest width of a short stretch: a window must not get narrower.
double narrowest_allowed(Constraints constraints) {
    auto smallest = std::numeric_limits<double>::infinity();
    for (std::size_t first = 0; first < constraints.size(); first += kShort) {
        const auto width =
            fit_of(constraints.subspan(first, std::min(kShort, constraints.size() - first)))
                .width();
        if (width >= 0)
            smallest = std::min(smallest, width);
    }
    return smallest == std::numeric_limits<double>::infinity() ? 0 : smallest / 2;
}

/// How many constraints from the first on fit one line; at least one.
std::size_t window_size(Constraints rest, double narrowest) {
    const auto fits = [&](std::size_t count) {
        return fit_of(rest.first(count)).width() >= narrowest;
    };
    std::size_t good = 1;
    std::size_t bad = std::min(kShort, rest.size());
    while (bad > good && fits(bad)) {
        good = bad;
        bad = std::min(bad * 2, rest.size());
    }
    while (bad - good > 1) {
        const auto middle = good + (bad - good) / 2;
        (fits(middle) ? good : bad) = middle;
    }
    return good;
}

ClockWindow window_of(Constraints constraints) {
    return {constraints.front().local, constraints.back().local, fit_of(constraints)};
}

// A window that has one direction only knows nothing of the clock: its segments
// belong to its neighbour's line.
void add_window(std::vector<ClockWindow>& windows, ClockWindow window) {
    const bool knows = window.fit.has_both_directions();
    if (windows.empty() || (knows && windows.back().fit.has_both_directions())) {
        windows.push_back(std::move(window));
    } else if (knows) {
        window.from = windows.back().from;
        windows.back() = std::move(window);
    } else {
        windows.back().to = window.to;
    }
}

}  // namespace

ClockMap ClockWindows::map() const {
    ClockMap map;
    for (const auto& window : windows) {
        map.add(window.from, window.fit.line());
    }
    return map;
}

ClockWindows fit_clock(std::vector<ClockConstraint>& constraints) {
    ClockWindows result;
    std::ranges::stable_sort(constraints, {}, &ClockConstraint::local);
    const auto all = constraints.size();
    if (all == 0)
        return result;
    if (drop_outliers(constraints, most_outliers(all))) {
        result.dropped = all - constraints.size();
        result.windows.push_back(window_of(constraints));
        return result;
    }
    drop_local_outliers(constraints);
    result.dropped = all - constraints.size();
    const auto narrowest = narrowest_allowed(constraints);
    for (Constraints rest = constraints; !rest.empty();) {
        const auto size = window_size(rest, narrowest);
        add_window(result.windows, window_of(rest.first(size)));
        rest = rest.subspan(size);
    }
    return result;
}

}  // namespace tcpladder

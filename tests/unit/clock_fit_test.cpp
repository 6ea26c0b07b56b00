// SPDX-License-Identifier: MIT
// Simulated hosts whose true clocks are known. Each row of the table is one kind of
// network or clock; all seeds are fixed.
#include "merge/clock_fit.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <string>

#include "merge/clock_windows.h"

namespace tcpladder::test {
namespace {

constexpr double kMicro = 1e3;
constexpr double kMilli = 1e6;
constexpr double kSecond = 1e9;
constexpr MonoNs kStart = 777'000'000'000'000;      // the reference's time
constexpr MonoNs kAway = -123'456'789'012'345'678;  // what the other clock says more

struct Row {
    std::string name;
    double forth;  ///< ns from the reference to the other host, at least
    double back;
    double duration;
    int segments;
    double skew;
    double largest_error;  ///< accepted
    double largest_bound;
    std::function<double(double)> queue = [](double) { return 0.0; };  ///< more forth, at t
    std::function<double(double)> jump = [](double) { return 0.0; };   ///< of the clock, at t
};

struct Run {
    std::vector<ClockConstraint> constraints;
    std::function<MonoNs(double)> clock;  ///< the other host's time at t ns after the start
};

/// Delays as measured: a fixed part, 2 us of jitter, and 2 % of them with a heavy tail.
Run simulate(const Row& row, unsigned seed) {
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> uniform(0, 1);
    const auto more = [&] {
        const double jitter = uniform(random) * 2 * kMicro;
        return uniform(random) < 0.02 ? jitter + 100 * kMicro / (uniform(random) + 1e-3) : jitter;
    };
    Run run;
    run.clock = [row](double t) {
        return kStart + kAway + std::llround(t + row.skew * t + row.jump(t));
    };
    for (int i = 0; i < row.segments; ++i) {
        const double sent = row.duration * i / row.segments + uniform(random);
        const bool forth = i % 2 == 0;
        const double received = sent + (forth ? row.forth + row.queue(sent) : row.back) + more();
        const auto here = run.clock(forth ? received : sent);
        const auto there = kStart + std::llround(forth ? sent : received);
        run.constraints.push_back({here, there, forth});
    }
    return run;
}

bool holds(const ClockMap& map, const ClockConstraint& constraint) {
    const auto time = map.to_reference(constraint.local);
    return constraint.is_floor ? time > constraint.reference : time < constraint.reference;
}

long violations(const ClockMap& map, const std::vector<ClockConstraint>& constraints) {
    return std::ranges::count_if(constraints, [&](const auto& each) { return !holds(map, each); });
}

const std::vector<Row> kStraight = {
    {"LAN, 60 s", 60 * kMicro, 60 * kMicro, 60 * kSecond, 4000, 30e-6, 3 * kMicro, 70 * kMicro},
    {"LAN, 1 s", 60 * kMicro, 60 * kMicro, kSecond, 40, 30e-6, 30 * kMicro, 150 * kMicro},
    {"LAN, 50 ms", 60 * kMicro, 60 * kMicro, 50 * kMilli, 10, 30e-6, 20 * kMicro, 150 * kMicro},
    {"WAN", 20 * kMilli, 20 * kMilli, 600 * kSecond, 20000, 20e-6, 4 * kMicro, 21 * kMilli},
    {"WAN, not symmetric", 20 * kMilli, 24 * kMilli, 600 * kSecond, 20000, 20e-6, 2.01 * kMilli,
     23 * kMilli},
    {"WAN, a queue half of the time", 20 * kMilli, 20 * kMilli, 600 * kSecond, 20000, 20e-6,
     40 * kMicro, 21 * kMilli,
     [](double t) { return std::abs(t - 300 * kSecond) < 150 * kSecond ? 80 * kMilli : 0.0; }},
    {"WAN, the same queue all the time", 20 * kMilli, 20 * kMilli, 600 * kSecond, 20000, 20e-6,
     40.01 * kMilli, 61 * kMilli, [](double) { return 80 * kMilli; }},
};

TEST_CASE("the error is small, within its bound, and no effect is before its cause") {
    for (const auto& row : kStraight) {
        CAPTURE(row.name);
        double largest_error = 0;
        double largest_bound = 0;
        for (unsigned seed = 1; seed <= 20; ++seed) {
            auto run = simulate(row, seed);
            ClockFit fit;
            for (const auto& each : run.constraints)
                fit.add(each);
            REQUIRE(fit.solve());
            for (const double part : {0.0, 0.25, 0.5, 0.75, 1.0}) {
                const double t = row.duration * part;
                const auto local = run.clock(t);
                const auto error =
                    std::abs(static_cast<double>(fit.line()(local) - kStart) - std::round(t));
                const auto bound = fit.bound_at(local).value_or(0);
                CHECK(error <= bound + 2);
                largest_error = std::max(largest_error, error);
                largest_bound = std::max(largest_bound, bound);
            }
            ClockMap map;
            map.add(0, fit.line());
            CHECK(violations(map, run.constraints) == 0);
        }
        CHECK(largest_error < row.largest_error);
        CHECK(largest_bound < row.largest_bound);
    }
}

const std::vector<Row> kBent = {
    {"a step of 10 ms", 60 * kMicro, 60 * kMicro, 60 * kSecond, 4000, 30e-6, 5 * kMicro, 0,
     [](double) { return 0.0; }, [](double t) { return t > 30 * kSecond ? 10 * kMilli : 0.0; }},
    {"slewed by 200 ppm for 20 s", 60 * kMicro, 60 * kMicro, 60 * kSecond, 4000, 30e-6,
     130 * kMicro, 0, [](double) { return 0.0; },
     [](double t) { return 200e-6 * std::clamp(t - 20 * kSecond, 0.0, 20 * kSecond); }},
};

TEST_CASE("a clock that is stepped or slewed is told in a few lines") {
    for (const auto& row : kBent) {
        CAPTURE(row.name);
        for (unsigned seed = 1; seed <= 20; ++seed) {
            auto run = simulate(row, seed);
            const auto all = run.constraints.size();
            ClockFit single;
            for (const auto& each : run.constraints)
                single.add(each);
            CHECK(!single.solve());
            CHECK(single.width() < 0);
            const auto found = fit_clock(run.constraints);
            CHECK(found.windows.size() >= 2);
            CHECK(found.windows.size() <= 4);
            CHECK(run.constraints.size() + found.dropped == all);
            CHECK(found.dropped <= all / 100);
            const auto map = found.map();
            CHECK(violations(map, run.constraints) == 0);
            double largest_error = 0;
            for (double t = 0; t < row.duration; t += 0.7 * kSecond) {
                const auto time = map.to_reference(run.clock(t)) - kStart;
                largest_error = std::max(largest_error, std::abs(static_cast<double>(time) - t));
            }
            CHECK(largest_error < row.largest_error);
        }
    }
}

TEST_CASE("a wrong match amid good ones is dropped and counted") {
    const auto& lan = kStraight.front();
    auto run = simulate(lan, 1);
    auto& wrong = run.constraints[1000];
    REQUIRE(wrong.is_floor);
    wrong.reference += 500'000'000;
    const auto found = fit_clock(run.constraints);
    CHECK(found.dropped == 1);
    CHECK(found.windows.size() == 1);
    CHECK(run.constraints.size() == 3999);
    const auto time = found.map().to_reference(run.clock(10 * kSecond)) - kStart;
    CHECK(std::abs(static_cast<double>(time) - 10 * kSecond) < lan.largest_error);
}

TEST_CASE("one direction alone gives a line that no segment contradicts, and no bound") {
    auto run = simulate(kStraight.front(), 1);
    for (const bool floor : {false, true}) {
        ClockFit fit;
        std::vector<ClockConstraint> half;
        for (const auto& each : run.constraints) {
            if (each.is_floor == floor) {
                fit.add(each);
                half.push_back(each);
            }
        }
        CHECK(fit.solve());
        CHECK(!fit.has_both_directions());
        CHECK(!fit.bound_at(half.front().local));
        ClockMap map;
        map.add(0, fit.line());
        CHECK(violations(map, half) == 0);
    }
}

TEST_CASE("the order of the constraints changes nothing") {
    auto run = simulate(kStraight.front(), 3);
    ClockFit in_order;
    for (const auto& each : run.constraints)
        in_order.add(each);
    std::mt19937_64 random(7);
    std::ranges::shuffle(run.constraints, random);
    ClockFit shuffled;
    for (const auto& each : run.constraints)
        shuffled.add(each);
    REQUIRE(in_order.solve());
    REQUIRE(shuffled.solve());
    CHECK(std::abs(in_order.width() - shuffled.width()) < 1);
    const auto there = run.clock(30 * kSecond);
    CHECK(std::abs(in_order.line()(there) - shuffled.line()(there)) < 10);
}

TEST_CASE("a hull keeps the outermost points only") {
    Hull hull(Hull::Side::kUpper);
    for (const auto& point : {PlanePoint{0, 0}, {10, 5}, {5, 1}, {20, 0}, {20, 3}, {15, -9}})
        hull.add(point);
    CHECK(hull.points() == std::vector<PlanePoint>{{0, 0}, {10, 5}, {20, 3}});
    CHECK(hull.extreme(0) == 5);
}

}  // namespace
}  // namespace tcpladder::test

// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tcpladder {

/// A point of a clock's plane, ns: x its time, y what the other clock was ahead.
struct PlanePoint {
    std::int64_t x = 0;
    std::int64_t y = 0;
    bool operator==(const PlanePoint&) const = default;
};

/// One side of the convex hull of the points so far (Andrew's monotone chain). A
/// straight line is on the right side of all points if it is of these few.
class Hull {
public:
    enum class Side { kUpper, kLower };
    explicit Hull(Side side) : side_(side) {}

    /// Constant time on average where x grows; else as many steps as the hull has points.
    void add(const PlanePoint& point);
    const std::vector<PlanePoint>& points() const { return points_; }

    /// The extreme of y - k·x: the largest of an upper hull, the smallest of a lower
    /// one. There must be a point.
    double extreme(double k) const { return value(extreme_point(k), k); }
    const PlanePoint& extreme_point(double k) const;

private:
    static double value(const PlanePoint& point, double k) {
        return static_cast<double>(point.y) - k * static_cast<double>(point.x);
    }
    void append(const PlanePoint& point);
    bool is_inside(const PlanePoint& a, const PlanePoint& middle, const PlanePoint& b) const;

    Side side_;
    std::vector<PlanePoint> points_;  ///< x grows strictly
};

}  // namespace tcpladder

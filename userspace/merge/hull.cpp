// SPDX-License-Identifier: MIT
#include "merge/hull.h"

#include <algorithm>

namespace tcpladder {
namespace {

// Products of two spans of days in ns do not fit into 64 bits.
__extension__ using Wide = __int128;

Wide cross(const PlanePoint& a, const PlanePoint& b, const PlanePoint& c) {
    return Wide{b.x - a.x} * Wide{c.y - a.y} - Wide{b.y - a.y} * Wide{c.x - a.x};
}

}  // namespace

bool Hull::is_inside(const PlanePoint& a, const PlanePoint& middle, const PlanePoint& b) const {
    const auto turn = cross(a, middle, b);
    return side_ == Side::kUpper ? turn >= 0 : turn <= 0;
}

void Hull::append(const PlanePoint& point) {
    if (!points_.empty() && points_.back().x == point.x) {
        const bool is_further =
            side_ == Side::kUpper ? point.y > points_.back().y : point.y < points_.back().y;
        if (!is_further)
            return;
        points_.pop_back();
    }
    while (points_.size() >= 2 && is_inside(points_[points_.size() - 2], points_.back(), point)) {
        points_.pop_back();
    }
    points_.push_back(point);
}

void Hull::add(const PlanePoint& point) {
    if (points_.empty() || points_.back().x <= point.x) {
        append(point);
        return;
    }
    auto old = std::move(points_);
    points_.clear();
    const auto by_x = [](const PlanePoint& a, const PlanePoint& b) { return a.x < b.x; };
    old.insert(std::upper_bound(old.begin(), old.end(), point, by_x), point);
    for (const auto& each : old) {
        append(each);
    }
}

const PlanePoint& Hull::extreme_point(double k) const {
    return *std::max_element(
        points_.begin(), points_.end(), [&](const PlanePoint& a, const PlanePoint& b) {
            return side_ == Side::kUpper ? value(a, k) < value(b, k) : value(a, k) > value(b, k);
        });
}

}  // namespace tcpladder

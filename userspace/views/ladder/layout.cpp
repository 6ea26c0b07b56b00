// SPDX-License-Identifier: MIT
#include "views/ladder/layout.h"

#include <algorithm>

namespace tcpladder {

LadderLayout::LadderLayout(std::size_t width, std::size_t time_width, std::size_t label_width)
    : width_(std::max(width, kLeastWidth)), time_width_(time_width), label_width_(label_width) {}

void LadderLayout::need(std::size_t time_width, std::size_t number_width) {
    time_width_ = std::max(time_width_, time_width);
    number_width_ = std::max(number_width_, number_width);
}

std::size_t LadderLayout::prefix() const {
    const auto column = [](std::size_t width) { return width == 0 ? 0 : width + 1; };
    return column(time_width_) + column(number_width_) + column(label_width_);
}

}  // namespace tcpladder

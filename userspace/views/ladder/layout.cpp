// SPDX-License-Identifier: MIT
#include "views/ladder/layout.h"

#include <algorithm>

namespace tcpladder {

LadderLayout::LadderLayout(std::size_t width, std::size_t time_width, std::size_t label_width)
    : width_(std::max(width, kLeastWidth)), time_width_(time_width), label_width_(label_width) {}

void LadderLayout::need(std::size_t time_width, std::size_t number_width, std::size_t label_width) {
    constexpr std::size_t kMostTime = 17;  // `1053982720.123456`
    constexpr std::size_t kMostNumber = 10;
    constexpr std::size_t kMostLabel = 6;
    const auto grow = [](std::size_t& width, std::size_t needed, std::size_t most) {
        if (width != 0)
            width = std::max(width, std::min(needed, most));
    };
    grow(time_width_, time_width, kMostTime);
    grow(number_width_, number_width, kMostNumber);
    grow(label_width_, label_width, kMostLabel);
}

std::size_t LadderLayout::prefix() const {
    const auto column = [](std::size_t width) { return width == 0 ? 0 : width + 1; };
    return column(time_width_) + column(number_width_) + column(label_width_);
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include "views/ladder/ladder_time.h"

namespace tcpladder {
namespace {

constexpr std::size_t kDateBytes = 10;  // `2003-05-26`

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(' ');
    const auto last = text.find_last_not_of(' ');
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, last - first + 1);
}

}  // namespace

std::size_t LadderTime::usual_width() const {
    switch (style_) {
        case TimeStyle::kNone:
            return 0;
        case TimeStyle::kDate:
            return 15;
        case TimeStyle::kEpoch:
            return 17;
        default:
            return 9;
    }
}

std::string_view LadderTime::title() const {
    if (style_ == TimeStyle::kDate)
        return text_.view().substr(0, kDateBytes);
    return trimmed(time_.title());
}

void LadderTime::set(MonoNs time, std::optional<MonoNs> previous) {
    time_.advance(time);
    text_.clear();
    if (style_ == TimeStyle::kDelta) {
        append_ms(text_, previous ? time_difference(time, *previous) : 0);
    } else {
        time_.append(text_);
    }
}

std::string_view LadderTime::text() const {
    const auto text = trimmed(text_.view());
    return style_ == TimeStyle::kDate ? text.substr(kDateBytes + 1) : text;
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include "views/row_time.h"

#include <array>

namespace tcpladder {
namespace {

constexpr std::size_t kMsWidth = 10;
constexpr std::size_t kMaxMs = 1 + kMaxDecimal + 1 + 3;

char* put_ms(char* out, std::int64_t ns) {
    const auto bits = static_cast<std::uint64_t>(ns);
    const std::uint64_t us = (ns < 0 ? 0 - bits : bits) / 1000;
    if (ns < 0 && us > 0) {
        *out++ = '-';
    }
    out = put_decimal(out, us / 1000);
    *out++ = '.';
    return put_digits(out, static_cast<std::uint32_t>(us % 1000), 3);
}

void append_padded_ms(TextBuffer& out, std::int64_t ns) {
    std::array<char, kMaxMs> text;
    const std::string_view ms(text.data(), put_ms(text.data(), ns));
    if (ms.size() < kMsWidth) {
        out.append(kMsWidth - ms.size(), ' ');
    }
    out.append(ms);
}

void append_epoch(TextBuffer& out, const UnixTime& time) {
    out.append_signed(time.seconds);
    out.append('.');
    out.append_digits(time.nanoseconds / 1000, 6);
}

}  // namespace

void append_ms(TextBuffer& out, std::int64_t ns) {
    out.set_end(put_ms(out.room(kMaxMs), ns));
}

void RowTime::begin(const TraceInfo& info) {
    wall_offset_ = info.wall_offset;
    local_ = WallTime(WallTime::Zone::kLocal, info.wall_offset);
    first_.reset();
}

std::string_view RowTime::title() const {
    switch (style_) {
        case TimeStyle::kNone:
            break;
        case TimeStyle::kDefault:
        case TimeStyle::kSinceFirst:
            return "   time ms";
        case TimeStyle::kDelta:
            return "  delta ms";
        case TimeStyle::kEpoch:
            return "     unix seconds";
        case TimeStyle::kDate:
            return "local date and time       ";
    }
    return {};
}

void RowTime::advance(MonoNs time) {
    previous_ = first_ ? now_ : time;
    first_ = first_.value_or(time);
    now_ = time;
}

void RowTime::append(TextBuffer& out) {
    switch (style_) {
        case TimeStyle::kNone:
            return;
        case TimeStyle::kDefault:
        case TimeStyle::kSinceFirst:
            append_padded_ms(out, since_first(now_));
            break;
        case TimeStyle::kDelta:
            append_padded_ms(out, time_difference(now_, previous_));
            break;
        case TimeStyle::kEpoch:
            append_epoch(out, unix_time(now_, wall_offset_));
            break;
        case TimeStyle::kDate:
            local_.append_date(out, now_);
            break;
    }
    out.append("  ");
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include "views/wall_time.h"

#include <algorithm>
#include <ctime>

namespace tcpladder {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

std::tm broken_down(std::int64_t seconds, WallTime::Zone zone) {
    const auto time = static_cast<std::time_t>(seconds);
    std::tm result{};
    if (zone == WallTime::Zone::kUtc) {
        gmtime_r(&time, &result);
    } else {
        localtime_r(&time, &result);
    }
    return result;
}

}  // namespace

UnixTime unix_time(MonoNs time, std::int64_t wall_offset) {
    const std::int64_t ns = time_difference(time, time_difference(0, wall_offset));
    std::int64_t seconds = ns / kNsPerSecond;
    std::int64_t rest = ns % kNsPerSecond;
    if (rest < 0) {
        rest += kNsPerSecond;
        --seconds;
    }
    return {seconds, static_cast<std::uint32_t>(rest)};
}

WallTime::WallTime(Zone zone, std::int64_t wall_offset) : zone_(zone), wall_offset_(wall_offset) {
    tzset();  // localtime_r() need not
}

void WallTime::append_rfc3339(TextBuffer& out, MonoNs time) {
    const UnixTime at = unix_time(time, wall_offset_);
    append_seconds(out, at.seconds);
    out.append_digits(at.nanoseconds, 9);
    out.append('Z');
}

void WallTime::append_date(TextBuffer& out, MonoNs time) {
    const UnixTime at = unix_time(time, wall_offset_);
    append_seconds(out, at.seconds);
    out.append_digits(at.nanoseconds / 1000, 6);
}

void WallTime::append_seconds(TextBuffer& out, std::int64_t seconds) {
    if (seconds != shown_) {
        show(seconds);
    }
    out.append(std::string_view(text_.data(), text_.size()));
}

// 64 bits of nanoseconds reach from 1677 to 2262: the year has four digits.
void WallTime::show(std::int64_t seconds) {
    const std::tm time = broken_down(seconds, zone_);
    TextBuffer text;
    const auto put = [&text](int value, unsigned digits, char after) {
        text.append_digits(static_cast<std::uint32_t>(value), digits);
        text.append(after);
    };
    put(time.tm_year + 1900, 4, '-');
    put(time.tm_mon + 1, 2, '-');
    put(time.tm_mday, 2, zone_ == Zone::kUtc ? 'T' : ' ');
    put(time.tm_hour, 2, ':');
    put(time.tm_min, 2, ':');
    put(time.tm_sec, 2, '.');
    std::copy_n(text.view().begin(), text_.size(), text_.begin());
    shown_ = seconds;
}

}  // namespace tcpladder

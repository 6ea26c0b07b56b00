// SPDX-License-Identifier: MIT
#include "views/tcpdump_time.h"

#include <ctime>

namespace tcpladder {
namespace {

constexpr std::int64_t kNsPerUs = 1000;
constexpr std::int64_t kUsPerSecond = 1'000'000;
constexpr std::string_view kError = "[Error converting time]";

std::int64_t floor_div(std::int64_t value, std::int64_t divisor) {
    return value / divisor - (value % divisor < 0 ? 1 : 0);
}

/// tcpdump refuses what has no place in a signed 32-bit time.
bool convertible(std::int64_t second) {
    return (static_cast<std::uint32_t>(second) & 0x80000000U) == 0;
}

Digits digits(std::int64_t value, unsigned width) {
    return {static_cast<std::uint32_t>(value), width};
}

}  // namespace

void TcpdumpTime::print(TcpdumpLine& line, std::int64_t unix_ns) {
    const std::int64_t unix_us = floor_div(unix_ns, kNsPerUs);
    const std::int64_t second = floor_div(unix_us, kUsPerSecond);
    const std::int64_t microsecond = unix_us - second * kUsPerSecond;
    switch (style_) {
        case TimeStyle::kNone:
            return;
        case TimeStyle::kEpoch:
            if (convertible(second)) {
                line.put(static_cast<std::uint32_t>(second), '.', digits(microsecond, 6));
            } else {
                line.put(kError);
            }
            break;
        case TimeStyle::kDelta:
        case TimeStyle::kSinceFirst:
            print_difference(line, unix_us);
            break;
        case TimeStyle::kDefault:
        case TimeStyle::kDate:
            print_local(line, second, microsecond);
            break;
    }
    line.put(' ');
}

/// Days are left out: tcpdump shows the time of day of the difference.
void TcpdumpTime::print_difference(TcpdumpLine& line, std::int64_t unix_us) {
    if (reference_us_ == 0) {
        reference_us_ = unix_us;
    }
    const bool negative = unix_us < reference_us_;
    const std::int64_t us = negative ? reference_us_ - unix_us : unix_us - reference_us_;
    const std::int64_t second = us / kUsPerSecond;
    line.put(negative ? '-' : ' ');
    if (convertible(second)) {
        line.put(digits(second / 3600 % 24, 2), ':', digits(second / 60 % 60, 2), ':',
                 digits(second % 60, 2), '.', digits(us % kUsPerSecond, 6));
    } else {
        line.put(kError);
    }
    if (style_ == TimeStyle::kDelta) {
        reference_us_ = unix_us;
    }
}

void TcpdumpTime::print_local(TcpdumpLine& line, std::int64_t second, std::int64_t microsecond) {
    if (!convertible(second)) {
        line.put(kError);
        return;
    }
    if (second != second_) {
        format_second(second);
    }
    line.put(std::string_view(second_text_.data(), second_size_), '.', digits(microsecond, 6));
}

void TcpdumpTime::format_second(std::int64_t second) {
    const auto time = static_cast<std::time_t>(second);
    std::tm local{};
    localtime_r(&time, &local);
    const char* format = style_ == TimeStyle::kDate ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S";
    second_size_ = std::strftime(second_text_.data(), second_text_.size(), format, &local);
    second_ = second;
}

}  // namespace tcpladder

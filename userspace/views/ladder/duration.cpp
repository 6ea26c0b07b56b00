// SPDX-License-Identifier: MIT
#include "views/ladder/duration.h"

#include <string_view>

namespace tcpladder {
namespace {

constexpr std::uint64_t kThousand = 1000;
constexpr std::uint64_t kMinute = 60;
constexpr std::uint64_t kHour = 60 * kMinute;
constexpr std::uint64_t kDay = 24 * kHour;

/// `2.35ms`, `23.5ms`, `235ms` for 2,350,000 and so on; cut, not rounded.
void append_three_digits(TextBuffer& out, std::uint64_t value, std::uint64_t unit,
                         std::string_view name) {
    const auto whole = value / unit;
    const auto thousandths = static_cast<std::uint32_t>(value % unit * kThousand / unit);
    out.append_decimal(whole);
    if (whole < 100) {
        out.append('.');
        const auto digits = whole < 10 ? 2U : 1U;
        out.append_digits(thousandths / (whole < 10 ? 10U : 100U), digits);
    }
    out.append(name);
}

void append_two(TextBuffer& out, std::uint64_t seconds, std::uint64_t unit, char name,
                std::uint64_t small_unit, char small_name) {
    out.append_decimal(seconds / unit);
    out.append(name);
    out.append_digits(static_cast<std::uint32_t>(seconds % unit / small_unit), 2);
    out.append(small_name);
}

void append_magnitude(TextBuffer& out, std::uint64_t ns) {
    const auto us = ns / kThousand;
    const auto ms = us / kThousand;
    const auto seconds = ms / kThousand;
    if (us == 0) {
        out.append_decimal(ns);
        out.append("ns");
    } else if (ms == 0) {
        out.append_decimal(us);
        out.append("us");
    } else if (seconds == 0) {
        append_three_digits(out, us, kThousand, "ms");
    } else if (seconds < kMinute) {
        append_three_digits(out, ms, kThousand, "s");
    } else if (seconds < kHour) {
        append_two(out, seconds, kMinute, 'm', 1, 's');
    } else if (seconds < kDay) {
        append_two(out, seconds, kHour, 'h', kMinute, 'm');
    } else {
        append_two(out, seconds, kDay, 'd', kHour, 'h');
    }
}

}  // namespace

void append_duration(TextBuffer& out, std::int64_t ns) {
    append_magnitude(out, ns < 0 ? 0 : static_cast<std::uint64_t>(ns));
}

void append_signed_duration(TextBuffer& out, std::int64_t ns) {
    const auto bits = static_cast<std::uint64_t>(ns);
    out.append(ns < 0 ? '-' : '+');
    append_magnitude(out, ns < 0 ? 0 - bits : bits);
}

}  // namespace tcpladder

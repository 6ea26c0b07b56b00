// SPDX-License-Identifier: MIT
#include "workload/duration.h"

#include "workload/error.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace daytime {
namespace {

using Nanoseconds = std::chrono::nanoseconds;

/// The three parts of "1.5s": whole, fraction (no value without a point) and unit.
struct Parts {
    std::string_view whole;
    std::optional<std::string_view> fraction;
    std::string_view unit;
};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string_view take_digits(std::string_view& text) {
    const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
    const std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(digits.size());
    return digits;
}

Parts split(std::string_view text) {
    Parts parts;
    parts.whole = take_digits(text);
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        parts.fraction = take_digits(text);
    }
    parts.unit = text;
    return parts;
}

std::optional<Nanoseconds> parse_unit(std::string_view unit) {
    if (unit.empty() || unit == "s") {
        return std::chrono::seconds(1);
    }
    if (unit == "ms") {
        return std::chrono::milliseconds(1);
    }
    if (unit == "us") {
        return std::chrono::microseconds(1);
    }
    return std::nullopt;
}

/// Whole units, or one nanosecond more than the maximum as soon as that is passed.
Nanoseconds whole_units(std::string_view digits, Nanoseconds unit) {
    std::int64_t count = 0;
    for (const char digit : digits) {
        count = count * 10 + (digit - '0');
        if (count > kMaxDuration / unit) {
            return kMaxDuration + Nanoseconds(1);
        }
    }
    return count * unit;
}

/// The part after the point; no value if it is finer than a nanosecond.
std::optional<Nanoseconds> part_of_unit(std::string_view digits, Nanoseconds unit) {
    Nanoseconds sum{0};
    for (const char digit : digits) {
        unit /= 10;
        if (unit.count() == 0 && digit != '0') {
            return std::nullopt;
        }
        sum += (digit - '0') * unit;
    }
    return sum;
}

/// The value of a well-formed text, even when too long; no value for any other text.
std::optional<Nanoseconds> read(std::string_view text) {
    const Parts parts = split(text);
    const std::optional<Nanoseconds> unit = parse_unit(parts.unit);
    if (!unit || parts.whole.empty()) {
        return std::nullopt;
    }
    const Nanoseconds whole = whole_units(parts.whole, *unit);
    if (!parts.fraction) {
        return whole;
    }
    if (parts.fraction->empty()) {
        return std::nullopt;
    }
    const std::optional<Nanoseconds> part = part_of_unit(*parts.fraction, *unit);
    if (!part) {
        return std::nullopt;
    }
    return whole + *part;
}

}  // namespace

Nanoseconds parse_duration(std::string_view text) {
    const std::optional<Nanoseconds> duration = read(text);
    if (!duration) {
        throw UsageError(fmt::format(
            "invalid duration '{}': expected a number and s, ms or us, such as 200ms", text));
    }
    if (*duration > kMaxDuration) {
        throw UsageError(fmt::format("invalid duration '{}': more than one day", text));
    }
    return *duration;
}

}  // namespace daytime

// SPDX-License-Identifier: MIT
#include "workload/whole_number.h"

#include "workload/error.h"

#include <fmt/core.h>

#include <charconv>
#include <cstdint>
#include <limits>
#include <system_error>

namespace daytime {
namespace {

std::uint64_t parse_from_one(std::string_view noun, std::string_view text, std::uint64_t max) {
    std::uint64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || stop != end || number < 1 || number > max) {
        throw UsageError(
            fmt::format("invalid {} '{}': expected a whole number from 1 to {}", noun, text, max));
    }
    return number;
}

}  // namespace

std::uint16_t parse_port(std::string_view text) {
    return static_cast<std::uint16_t>(
        parse_from_one("port", text, std::numeric_limits<std::uint16_t>::max()));
}

std::uint64_t parse_count(std::string_view text) {
    return parse_from_one("count", text, kMaxCount);
}

}  // namespace daytime

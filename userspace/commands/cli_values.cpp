// SPDX-License-Identifier: MIT
#include "commands/cli_values.h"

#include <charconv>
#include <map>

#include <fmt/core.h>

#include "support/error.h"
#include "workload/duration.h"
#include "workload/error.h"
#include "workload/whole_number.h"

namespace tcpladder {

std::uint64_t parse_size(std::string_view text) {
    constexpr std::uint64_t kSmallest = 4096;
    constexpr std::uint64_t kLargest = 1ULL << 30;
    static const std::map<std::string_view, unsigned> kShift = {
        {"", 0},   {"B", 0},   {"K", 10},   {"k", 10}, {"KB", 10}, {"KiB", 10},
        {"M", 20}, {"MB", 20}, {"MiB", 20}, {"G", 30}, {"GB", 30}, {"GiB", 30}};
    std::uint64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    const auto unit = kShift.find({parsed.ptr, static_cast<std::size_t>(end - parsed.ptr)});
    if (parsed.ec != std::errc() || unit == kShift.end() || number > kLargest ||
        (number << unit->second) < kSmallest || (number << unit->second) > kLargest)
        throw UsageError(
            fmt::format("'{}' is no buffer size: it takes 4KiB to 1GiB, as in 64KiB or 16M", text));
    return number << unit->second;
}

std::uint16_t parse_port(const std::string& option, const std::string& text) {
    try {
        return daytime::parse_port(text);
    } catch (const daytime::UsageError& error) {
        throw UsageError(option + ": " + error.what());
    }
}

std::uint64_t parse_number(std::string_view option, std::string_view text, std::uint64_t least,
                           std::uint64_t most) {
    std::uint64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    if (parsed.ec != std::errc() || parsed.ptr != end || number < least || number > most)
        throw UsageError(
            fmt::format("{}: '{}' is not a number from {} to {}", option, text, least, most));
    return number;
}

Address parse_host(const std::string& text) {
    const auto address = parse_address(text);
    if (address.version == 0)
        throw UsageError(
            fmt::format("--host: '{}' is no IPv4 or IPv6 address (names are not looked up)", text));
    return address;
}

void check_pause(const std::string& text) {
    try {
        daytime::parse_duration(text);
    } catch (const daytime::UsageError& error) {
        throw UsageError(std::string("--pause: ") + error.what());
    }
}

std::chrono::nanoseconds parse_duration(const std::string& text) {
    try {
        return daytime::parse_duration(text);
    } catch (const daytime::UsageError& error) {
        throw UsageError(std::string("--duration: ") + error.what());
    }
}

}  // namespace tcpladder

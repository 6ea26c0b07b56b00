// SPDX-License-Identifier: MIT
// The words of enumerations in tl1 lines, in the order of their numbers.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace tcpladder::words {

inline constexpr std::array<std::string_view, 13> kVia = {
    "-",       "unknown", "listen", "connect", "close", "shutdown",       "disconnect",
    "destroy", "segment", "rst",    "timer",   "icmp",  "listener_closed"};
inline constexpr std::array<std::string_view, 13> kStates = {
    "UNKNOWN", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2",   "TIME_WAIT",
    "CLOSE",   "CLOSE_WAIT",  "LAST_ACK", "LISTEN",   "CLOSING",   "NEW_SYN_RECV"};
inline constexpr std::string_view kNone = "-";  // of enumerations that have no 0; never written
inline constexpr std::array<std::string_view, 3> kMinis = {kNone, "request", "time_wait"};
inline constexpr std::array<std::string_view, 4> kSteps = {kNone, "start", "expire", "cancel"};
inline constexpr std::array<std::string_view, 3> kHows = {kNone, "use", "seed"};

template <typename Enum, std::size_t Size>
std::string_view of(const std::array<std::string_view, Size>& words, Enum value) {
    const auto i = static_cast<std::size_t>(value);
    return i < Size ? words[i] : words[0];
}

/// Two of the same length, at most 16. (memcmp() is not inlined for a length that varies.)
inline bool is_same(std::string_view a, std::string_view b) {
    const auto equal = [&](auto number, std::size_t at) {
        auto other = number;
        std::memcpy(&number, a.data() + at, sizeof(number));
        std::memcpy(&other, b.data() + at, sizeof(other));
        return number == other;
    };
    const auto size = a.size();
    if (size >= 8)
        return equal(std::uint64_t{}, 0) && equal(std::uint64_t{}, size - 8);
    if (size >= 4)
        return equal(std::uint32_t{}, 0) && equal(std::uint32_t{}, size - 4);
    return std::equal(a.begin(), a.end(), b.begin());
}

/// False: it is none of them. Length and last letter tell nearly all of them apart.
template <typename Enum, std::size_t Size>
bool read(const std::array<std::string_view, Size>& words, std::string_view text, Enum& out) {
    for (std::size_t i = 0; !text.empty() && i < Size; ++i) {
        if (words[i].size() == text.size() && words[i].back() == text.back() &&
            is_same(words[i], text)) {
            out = static_cast<Enum>(i);
            return true;
        }
    }
    return false;
}

}  // namespace tcpladder::words

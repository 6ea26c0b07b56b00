// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <limits>

#include "model/event.h"
#include "support/text_buffer.h"

namespace tcpladder {

/// The difference of two times; wraps instead of overflowing, since a damaged
/// recording may hold any number.
constexpr std::int64_t time_difference(MonoNs later, MonoNs earlier) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(later) -
                                     static_cast<std::uint64_t>(earlier));
}

/// A time since 1970, split where text wants it.
struct UnixTime {
    std::int64_t seconds = 0;  ///< rounded down
    std::uint32_t nanoseconds = 0;
};

UnixTime unix_time(MonoNs time, std::int64_t wall_offset);

/// Writes the kernel's times as dates. Remembers the date of the last one: most
/// rows fall into the same second as the row before.
class WallTime {
public:
    enum class Zone : std::uint8_t { kUtc, kLocal };

    explicit WallTime(Zone zone, std::int64_t wall_offset = 0);

    /// RFC 3339 to the nanosecond, `2003-05-26T20:58:40.000000001Z`: for kUtc.
    void append_rfc3339(TextBuffer& out, MonoNs time);
    /// As tcpdump's -tttt, `2003-05-26 20:58:40.000001`.
    void append_date(TextBuffer& out, MonoNs time);

private:
    static constexpr std::size_t kTextBytes = 20;  // with the point before the fraction

    void show(std::int64_t seconds);
    void append_seconds(TextBuffer& out, std::int64_t seconds);

    Zone zone_;
    std::int64_t wall_offset_;
    std::int64_t shown_ = std::numeric_limits<std::int64_t>::min();  ///< what text_ says
    std::array<char, kTextBytes> text_{};
};

}  // namespace tcpladder

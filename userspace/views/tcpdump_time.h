// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "views/tcpdump_line.h"
#include "views/view.h"

namespace tcpladder {

/// The time at the start of a row, as tcpdump's -t … -ttttt have it.
class TcpdumpTime {
public:
    explicit TcpdumpTime(TimeStyle style) : style_(style) {}

    /// To be called once per row, in order. `unix_ns`: since 1970, UTC.
    void print(TcpdumpLine& line, std::int64_t unix_ns);

private:
    void print_difference(TcpdumpLine& line, std::int64_t unix_us);
    void print_local(TcpdumpLine& line, std::int64_t second, std::int64_t microsecond);
    void format_second(std::int64_t second);

    TimeStyle style_;
    std::int64_t reference_us_ = 0;  ///< of the first or the previous row; 0: none yet
    std::int64_t second_ = -1;       ///< that second_text_ shows
    std::array<char, 32> second_text_{};
    std::size_t second_size_ = 0;
};

}  // namespace tcpladder

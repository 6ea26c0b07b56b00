// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "support/text_buffer.h"
#include "views/view.h"
#include "views/wall_time.h"

namespace tcpladder {

/// `1.234` for 1,234,567 ns: milliseconds, cut to the microsecond.
void append_ms(TextBuffer& out, std::int64_t ns);

/// The time at the start of a row of the lines view, in the style asked for.
class RowTime {
public:
    explicit RowTime(TimeStyle style) : style_(style) {}

    void begin(const TraceInfo& info);
    /// Above the column; as wide as it is. Empty if there is none.
    std::string_view title() const;
    /// To be called once per row, in order, before the others.
    void advance(MonoNs time);
    /// The column of the row, and two spaces; nothing with kNone.
    void append(TextBuffer& out);
    std::int64_t since_first(MonoNs time) const { return time_difference(time, *first_); }

private:
    TimeStyle style_;
    std::int64_t wall_offset_ = 0;
    WallTime local_{WallTime::Zone::kLocal};
    std::optional<MonoNs> first_;
    MonoNs previous_ = 0;
    MonoNs now_ = 0;
};

}  // namespace tcpladder

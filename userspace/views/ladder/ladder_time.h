// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "support/text_buffer.h"
#include "views/row_time.h"

namespace tcpladder {

/// The time column of the ladder: that of the lines view, but narrower.
class LadderTime {
public:
    explicit LadderTime(TimeStyle style) : style_(style), time_(style) {}

    void begin(const TraceInfo& info) { time_.begin(info); }
    /// Columns that most times take; 0: there is no such column.
    std::size_t usual_width() const;
    /// Above the column: what it is, with -tttt the date of the row.
    std::string_view title() const;
    /// Once per row, in order. `previous` is the row before it in the same ladder.
    void set(MonoNs time, std::optional<MonoNs> previous);
    /// Of the row; valid until the next.
    std::string_view text() const;
    std::int64_t since_first(MonoNs time) const { return time_.since_first(time); }

private:
    TimeStyle style_;
    RowTime time_;
    TextBuffer text_;
};

}  // namespace tcpladder

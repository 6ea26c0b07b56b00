// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "model/entry.h"
#include "support/text_buffer.h"

namespace tcpladder {

/// A segment in packetdrill's notation, made in parts, of which some can be left
/// out: `P. 1:27(26) ack 1`, ` win 512`, `mss 65495,sack`, `  +7us`.
class SegmentText {
public:
    /// Widths are in columns; all of it is ASCII.
    explicit SegmentText(bool absolute) : absolute_(absolute) {}

    void set(const SegmentEntry& segment);

    /// Flags, sequence numbers, length, acknowledgment.
    std::string_view numbers() const { return numbers_.view(); }
    std::string_view window() const { return window_.view(); }
    /// How long it was on the way, or that only its receipt was seen; or empty.
    std::string_view transit() const { return transit_.view(); }
    std::string_view notes() const { return notes_.view(); }

    std::size_t option_count() const { return option_count_; }
    /// Of ` <…>` with only the first `count` options.
    std::size_t options_width(std::size_t count) const;
    void append_options(TextBuffer& out, std::size_t count) const;

private:
    void set_numbers(const SegmentEntry& segment);
    void append_range(const SegmentEntry& segment);
    void set_notes(const SegmentEntry& segment);
    void set_transit(const SegmentEntry& segment);
    void set_options(const SegmentEntry& segment);
    void add_handshake_options(const TcpOptions& options);
    void add_sack(const SegmentEntry& segment, const TcpOptions& options);
    bool is_relative(const SegmentEntry& segment) const {
        return segment.relative_known && !absolute_;
    }
    void end_option();

    bool absolute_;
    TextBuffer numbers_;
    TextBuffer window_;
    TextBuffer transit_;
    TextBuffer notes_;
    TextBuffer options_;                        ///< `mss 65495,sack,`
    std::array<std::size_t, 8> option_ends_{};  ///< before each comma
    std::size_t option_count_ = 0;
};

/// `+7us`, `+1.234ms`, negative where clocks disagree.
void append_transit(TextBuffer& out, std::int64_t ns);

/// `sends RST`, `RST received`.
std::string_view words_of(const ResetEntry& reset);

}  // namespace tcpladder

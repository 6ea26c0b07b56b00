// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "model/entry.h"
#include "support/text_buffer.h"
#include "views/ladder/symbols.h"
#include "views/line.h"

namespace tcpladder {

/// What is written on a segment's arrow, in parts, of which the less important ones
/// are left out where there is no room: `SYN J=1925249825 mss 1460 ws 6`,
/// `data K+1:K+27 (26) PSH, ACK J+1`. All of it is ASCII.
class ArrowText {
public:
    enum class Place : std::uint8_t {
        kLeftOut,
        kOnArrow,  ///< at the sender's end
        kAtHead,   ///< at the receiver's end
        kBelow,    ///< what must be said, but found no room on the arrow
    };
    struct Part {
        std::size_t begin = 0;
        std::size_t end = 0;
        std::uint8_t rank = 0;  ///< 0: must be said; of the rest the highest goes first
        Place place = Place::kOnArrow;
        Style style = Style::kPlain;
    };

    explicit ArrowText(bool absolute) : absolute_(absolute) {}

    /// `symbols` has learnt of the segment.
    void set(const SegmentEntry& segment, Rail from, const Symbols& symbols);
    /// Decides what is written where, with `room` columns on the arrow and below it.
    void fit(std::size_t room);

    std::span<const Part> parts() const { return std::span(parts_).first(count_); }
    std::string_view text(const Part& part) const {
        return text_.view().substr(part.begin, part.end - part.begin);
    }
    /// Columns at that place.
    std::size_t columns(Place place) const;
    /// Of the whole arrow.
    Style style() const { return style_; }

private:
    void flags_and_numbers(const SegmentEntry& segment, Rail from, const Symbols& symbols);
    void syn(const SegmentEntry& segment, Rail from, const Symbols& symbols);
    void data(const SegmentEntry& segment, Rail from, const Symbols& symbols);
    void fin(const SegmentEntry& segment, Rail from, const Symbols& symbols);
    void reset(const SegmentEntry& segment, Rail from, const Symbols& symbols);
    void acknowledgment(const SegmentEntry& segment, Rail from, const Symbols& symbols);
    void number(Rail rail, Seq seq, const Symbols& symbols);
    void other_flags(std::uint16_t flags);
    void options(const SegmentEntry& segment, Rail from, const Symbols& symbols);
    void handshake_options(const TcpOptions& options);
    void window(const SegmentEntry& segment);
    void notes(const SegmentEntry& segment);
    void transit(const SegmentEntry& segment);

    /// From here on, another part.
    void part(std::uint8_t rank, Style style = Style::kPlain);
    void end_part();
    void word(std::string_view text);

    bool absolute_;
    Style style_ = Style::kPlain;
    TextBuffer text_;
    std::array<Part, 32> parts_;
    std::size_t count_ = 0;
};

}  // namespace tcpladder

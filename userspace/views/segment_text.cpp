// SPDX-License-Identifier: MIT
#include "views/segment_text.h"

#include "views/flag_letters.h"
#include "views/row_time.h"
#include "views/wall_time.h"

namespace tcpladder {

void SegmentText::set(const SegmentEntry& segment) {
    set_numbers(segment);
    window_.clear();
    window_.append(" win ");
    window_.append_decimal(segment.window_scaled.value_or(segment.tcp.window));
    set_transit(segment);
    set_options(segment);
    set_notes(segment);
}

void SegmentText::set_numbers(const SegmentEntry& segment) {
    const TcpHeader& tcp = segment.tcp;
    numbers_.clear();
    append_flags(numbers_, tcp.flags);
    append_range(segment);
    if (tcp.has(tcp_flag::kAck)) {
        numbers_.append(" ack ");
        numbers_.append_decimal(is_relative(segment) ? segment.rel_ack : tcp.ack);
    }
}

// Without data, SYN or FIN a segment takes no place in the sequence.
void SegmentText::append_range(const SegmentEntry& segment) {
    const TcpHeader& tcp = segment.tcp;
    const bool syn = tcp.has(tcp_flag::kSyn);
    if (tcp.end() == tcp.seq) {
        return;
    }
    const bool relative = is_relative(segment) && !syn;
    numbers_.append(syn ? " seq " : " ");
    numbers_.append_decimal(relative ? segment.rel_seq : tcp.seq);
    if (syn && tcp.payload == 0) {
        return;
    }
    numbers_.append(':');
    numbers_.append_decimal(relative ? segment.rel_end() : tcp.end());
    numbers_.append('(');
    numbers_.append_decimal(tcp.payload);
    numbers_.append(')');
    if (segment.gso_size != 0) {
        numbers_.append(" x");
        numbers_.append_decimal(segment.gso_segs);
    }
}

// `  retransmission of #12, rto`
void SegmentText::set_notes(const SegmentEntry& segment) {
    notes_.clear();
    for (const Note note : segment.notes) {
        notes_.append(notes_.size() == 0 ? "  " : ", ");
        notes_.append(word(note));
        if (note == Note::kRetransmission && segment.copy_of != 0) {
            notes_.append(" of #");
            notes_.append_decimal(segment.copy_of);
        }
    }
}

void SegmentText::set_transit(const SegmentEntry& segment) {
    transit_.clear();
    if (segment.sent && segment.received) {
        transit_.append("  ");
        append_transit(transit_, time_difference(*segment.received, *segment.sent));
    } else if (segment.received) {
        transit_.append("  (received)");
    }
}

void SegmentText::set_options(const SegmentEntry& segment) {
    options_.clear();
    option_count_ = 0;
    const TcpOptions options = parse_tcp_options(segment.option_bytes());
    if (segment.tcp.has(tcp_flag::kSyn)) {
        add_handshake_options(options);
    } else {
        add_sack(segment, options);
    }
}

void SegmentText::add_handshake_options(const TcpOptions& options) {
    if (options.mss) {
        options_.append("mss ");
        options_.append_decimal(*options.mss);
        end_option();
    }
    if (options.sack_permitted) {
        options_.append("sack");
        end_option();
    }
    if (options.timestamp) {
        options_.append("ts");
        end_option();
    }
    if (options.window_scale) {
        options_.append("ws ");
        options_.append_decimal(*options.window_scale);
        end_option();
    }
    if (options.fast_open) {
        options_.append("tfo");
        end_option();
    }
}

/// What a SACK block names are the receiver's numbers, as what ACK does.
void SegmentText::add_sack(const SegmentEntry& segment, const TcpOptions& options) {
    const Seq base = is_relative(segment) ? segment.tcp.ack - segment.rel_ack : 0;
    for (const auto& block : std::span(options.sack).first(options.sack_blocks)) {
        options_.append(option_count_ == 0 ? "sack " : "");
        options_.append_decimal(block.first - base);
        options_.append(':');
        options_.append_decimal(block.last - base);
        end_option();
    }
}

void SegmentText::end_option() {
    option_ends_[option_count_++] = options_.size();
    options_.append(',');
}

// ` <` and `>`, and a mark if some are missing.
std::size_t SegmentText::options_width(std::size_t count) const {
    if (count == 0) {
        return 0;
    }
    return 3 + option_ends_[count - 1] + (count < option_count_ ? 1 : 0);
}

void SegmentText::append_options(TextBuffer& out, std::size_t count) const {
    if (count == 0) {
        return;
    }
    out.append(" <");
    out.append(options_.view().substr(0, option_ends_[count - 1]));
    out.append(count < option_count_ ? "~>" : ">");
}

void append_transit(TextBuffer& out, std::int64_t ns) {
    constexpr std::int64_t kNsPerMs = 1'000'000;
    if (ns >= 0) {
        out.append('+');
    }
    if (ns > -1000 && ns < 1000) {
        out.append_signed(ns);
        out.append("ns");
    } else if (ns > -kNsPerMs && ns < kNsPerMs) {
        out.append_signed(ns / 1000);
        out.append("us");
    } else {
        append_ms(out, ns);
        out.append("ms");
    }
}

std::string_view words_of(const ResetEntry& reset) {
    if (reset.sent)
        return "sends RST";
    return reset.by_data ? "reset, data too late" : "RST received";
}

}  // namespace tcpladder

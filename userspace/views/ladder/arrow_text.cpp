// SPDX-License-Identifier: MIT
#include "views/ladder/arrow_text.h"

#include <algorithm>

#include "views/ladder/duration.h"
#include "views/printable.h"
#include "views/wall_time.h"

namespace tcpladder {
namespace {

// The order in which parts go where there is no room, the last one first.
constexpr std::uint8_t kMust = 0;
constexpr std::uint8_t kRealNumber = 1;  // of J, K, M, N
constexpr std::uint8_t kMss = 2;
constexpr std::uint8_t kLast = 3;    // of a range
constexpr std::uint8_t kOldAck = 4;  // beside data, and the same as before
constexpr std::uint8_t kSlowTransit = 5;
constexpr std::uint8_t kFromStart = 6;
constexpr std::uint8_t kPush = 7;
constexpr std::uint8_t kScale = 8;
constexpr std::uint8_t kSack = 9;
constexpr std::uint8_t kTransit = 10;
constexpr std::uint8_t kRealAck = 11;
constexpr std::uint8_t kWindow = 12;
constexpr std::uint8_t kOptions = 13;

constexpr bool is_option(std::uint8_t rank) {
    return rank == kMss || rank == kScale || rank == kSack || rank >= kWindow;
}

/// A journey that takes as long as between hosts.
constexpr std::int64_t kSlow = 1'000'000;

void append_escaped(TextBuffer& out, std::string_view text) {
    while (!text.empty()) {
        const auto glyph = glyph_of(text, false);
        out.append(glyph.view());
        text.remove_prefix(glyph.source);
    }
}

Style style_of(const TcpHeader& tcp) {
    if (tcp.has(tcp_flag::kRst))
        return Style::kFailure;
    if (tcp.has(tcp_flag::kSyn))
        return Style::kOpen;
    if (tcp.has(tcp_flag::kFin))
        return Style::kClose;
    return tcp.payload > 0 ? Style::kData : Style::kPlain;
}

}  // namespace

void ArrowText::set(const SegmentEntry& segment, Rail from, const Symbols& symbols) {
    text_.clear();
    count_ = 0;
    style_ = style_of(segment.tcp);
    flags_and_numbers(segment, from, symbols);
    options(segment, from, symbols);
    notes(segment);
    window(segment);
    transit(segment);
    end_part();
}

void ArrowText::flags_and_numbers(const SegmentEntry& segment, Rail from, const Symbols& symbols) {
    const auto& tcp = segment.tcp;
    if (tcp.has(tcp_flag::kRst))
        reset(segment, from, symbols);
    if (tcp.has(tcp_flag::kSyn))
        syn(segment, from, symbols);
    if (tcp.payload > 0)
        data(segment, from, symbols);
    if (tcp.has(tcp_flag::kFin))
        fin(segment, from, symbols);
    other_flags(tcp.flags);
    if (tcp.has(tcp_flag::kAck)) {
        acknowledgment(segment, from, symbols);
    } else if (tcp.flags == 0) {
        part(kMust, style_);
        word("no flags");
    }
}

void ArrowText::syn(const SegmentEntry& segment, Rail from, const Symbols& symbols) {
    part(kMust, style_);
    word("SYN ");
    symbols.append_from_start(text_, from, segment.tcp.seq);
    part(absolute_ ? kMust : kRealNumber, style_);
    text_.append('=');
    text_.append_decimal(segment.tcp.seq);
}

// Data may come with SYN and FIN, which take a number of their own.
void ArrowText::data(const SegmentEntry& segment, Rail from, const Symbols& symbols) {
    const auto& tcp = segment.tcp;
    const Seq first = tcp.seq + (tcp.has(tcp_flag::kSyn) ? 1U : 0U);
    part(kMust, style_);
    word("data ");
    number(from, first, symbols);
    part(kLast, style_);
    text_.append(':');
    number(from, first + tcp.payload, symbols);
    part(kMust, style_);
    text_.append(" (");
    text_.append_decimal(tcp.payload);
    text_.append(')');
    if (segment.gso_size != 0) {
        part(kLast, style_);
        text_.append(" x");
        text_.append_decimal(segment.gso_segs);
    }
}

void ArrowText::fin(const SegmentEntry& segment, Rail from, const Symbols& symbols) {
    const Seq seq = segment.tcp.end() - 1;
    part(kMust, style_);
    word("FIN ");
    text_.append(symbols.fin_letter(from));
    part(absolute_ ? kMust : kRealNumber, style_);
    text_.append('=');
    text_.append_decimal(seq);
    if (!absolute_) {
        part(kFromStart, style_);
        text_.append(" (");
        symbols.append_from_start(text_, from, seq);
        text_.append(')');
    }
}

// The number of a RST decides whether it is believed (RFC 9293 section 3.5.3). That of
// a closed port is 0, without any relation to a connection.
void ArrowText::reset(const SegmentEntry& segment, Rail from, const Symbols& symbols) {
    part(kMust, style_);
    word("RST ");
    if (segment.relative_known && segment.tcp.seq != 0) {
        number(from, segment.tcp.seq, symbols);
    } else {
        text_.append_decimal(segment.tcp.seq);
    }
}

void ArrowText::acknowledgment(const SegmentEntry& segment, Rail from, const Symbols& symbols) {
    const Rail of = other(from);
    const Seq ack = segment.tcp.ack;
    const bool is_old = segment.tcp.payload > 0 && !segment.tcp.has(tcp_flag::kFin) &&
                        symbols.acknowledges_the_same(from);
    part(is_old ? kOldAck : kMust, style_);
    text_.append(text_.empty() ? "ACK " : ", ACK ");
    number(of, ack, symbols);
    const bool answers_syn = symbols.is_start(of, ack - 1) && segment.tcp.payload == 0 &&
                             !segment.tcp.has(tcp_flag::kFin);
    if (!absolute_ && (answers_syn || symbols.is_fin(of, ack - 1))) {
        part(kRealAck, style_);
        text_.append('=');
        text_.append_decimal(ack);
    }
}

// With -S the real number, behind the letter where the book has one.
void ArrowText::number(Rail rail, Seq seq, const Symbols& symbols) {
    if (!absolute_) {
        symbols.append(text_, rail, seq);
        return;
    }
    if (symbols.is_named(rail, seq)) {
        symbols.append(text_, rail, seq);
        text_.append('=');
    }
    text_.append_decimal(seq);
}

void ArrowText::other_flags(std::uint16_t flags) {
    struct Name {
        std::uint16_t flag;
        std::string_view text;
    };
    static constexpr std::array<Name, 5> kNames{{{tcp_flag::kPsh, "PSH"},
                                                 {tcp_flag::kUrg, "URG"},
                                                 {tcp_flag::kEce, "ECE"},
                                                 {tcp_flag::kCwr, "CWR"},
                                                 {tcp_flag::kAe, "AE"}}};
    for (const auto& name : kNames) {
        if ((flags & name.flag) == 0)
            continue;
        part(name.flag == tcp_flag::kPsh ? kPush : kMust, style_);
        word(name.text);
    }
}

void ArrowText::options(const SegmentEntry& segment, Rail from, const Symbols& symbols) {
    const auto options = parse_tcp_options(segment.option_bytes());
    if (segment.tcp.has(tcp_flag::kSyn))
        handshake_options(options);
    for (const auto& block : std::span(options.sack).first(options.sack_blocks)) {
        part(kSack);
        word("SACK ");
        number(other(from), block.first, symbols);
        text_.append(':');
        number(other(from), block.last, symbols);
    }
}

void ArrowText::handshake_options(const TcpOptions& options) {
    if (options.mss) {
        part(kMss);
        word("mss ");
        text_.append_decimal(*options.mss);
    }
    if (options.window_scale) {
        part(kScale);
        word("wscale ");
        text_.append_decimal(*options.window_scale);
    }
    if (options.fast_open) {
        part(kMss);
        word("fast open");
    }
    if (options.sack_permitted) {
        part(kOptions);
        word("sack");
    }
    if (options.timestamp) {
        part(kOptions);
        word("ts");
    }
}

void ArrowText::window(const SegmentEntry& segment) {
    if (segment.tcp.has(tcp_flag::kRst))
        return;
    part(segment.notes.has(Note::kWindowUpdate) ? kRealNumber : kWindow);
    word("win ");
    text_.append_decimal(segment.window_scaled.value_or(segment.tcp.window));
}

// `copy of #7 (rto)`, `[zero window]`.
void ArrowText::notes(const SegmentEntry& segment) {
    if (segment.notes.has(Note::kRetransmission)) {
        part(kMust, Style::kWarning);
        word(segment.copy_of != 0 ? "copy of #" : "sent again");
        if (segment.copy_of != 0)
            text_.append_decimal(segment.copy_of);
    }
    bool in_brackets = false;
    for (const auto note : segment.notes) {
        if (note == Note::kRetransmission || note == Note::kNotReceived)
            continue;
        if (!in_brackets)
            part(kMust, Style::kWarning);
        text_.append(in_brackets ? ", " : " [");
        text_.append(tcpladder::word(note));
        in_brackets = true;
    }
    if (in_brackets)
        text_.append(']');
    if (segment.reset_reason.empty())
        return;
    part(kMust, style_);
    word("(");
    append_escaped(text_, segment.reset_reason);
    text_.append(')');
}

void ArrowText::transit(const SegmentEntry& segment) {
    if (!segment.sent || !segment.received || *segment.sent == *segment.received)
        return;
    const auto ns = time_difference(*segment.received, *segment.sent);
    part(ns < kSlow ? kTransit : kSlowTransit, Style::kDim);
    parts_[count_ - 1].place = Place::kAtHead;
    append_signed_duration(text_, ns);
}

void ArrowText::part(std::uint8_t rank, Style style) {
    end_part();
    if (count_ < parts_.size())
        parts_[count_++] = {text_.size(), text_.size(), rank, Place::kOnArrow, style};
}

void ArrowText::end_part() {
    if (count_ > 0)
        parts_[count_ - 1].end = text_.size();
}

void ArrowText::word(std::string_view text) {
    if (!text_.empty())
        text_.append(' ');
    text_.append(text);
}

std::size_t ArrowText::columns(Place place) const {
    std::size_t columns = 0;
    for (const auto& part : parts()) {
        if (part.place == place)
            columns += part.end - part.begin;
    }
    return columns;
}

// The most important ones first; a less important one may still find room where a
// longer one did not. What must be said goes below from the end on.
void ArrowText::fit(std::size_t room) {
    const auto all = std::span(parts_).first(count_);
    std::size_t taken = 0;
    for (auto& part : all) {
        const bool must = part.rank == kMust;
        if (must && part.place == Place::kOnArrow)
            taken += part.end - part.begin;
    }
    for (auto part = all.rbegin(); taken > room && part != all.rend(); ++part) {
        const bool first = &*part == all.data();
        if (part->rank == kMust && !first) {
            part->place = Place::kBelow;
            taken -= part->end - part->begin;
        }
    }
    bool options_fit = true;  // a lesser option instead of a greater one would mislead
    for (std::uint8_t rank = kMust + 1; rank <= kOptions; ++rank) {
        for (auto& part : all) {
            if (part.rank != rank)
                continue;
            const auto columns = part.end - part.begin + (part.place == Place::kAtHead ? 3 : 0);
            const bool fits = taken + columns <= room && (options_fit || !is_option(rank));
            options_fit = options_fit && (fits || !is_option(rank));
            if (fits) {
                taken += columns;
            } else {
                part.place = Place::kLeftOut;
            }
        }
    }
}

}  // namespace tcpladder

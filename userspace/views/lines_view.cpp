// SPDX-License-Identifier: MIT
#include "views/lines_view.h"

#include <algorithm>
#include <limits>

#include "views/flag_letters.h"
#include "views/wrap.h"

namespace tcpladder {
namespace {

constexpr std::size_t kColumns = 100;
constexpr std::size_t kNoLimit = std::numeric_limits<std::ptrdiff_t>::max();
constexpr std::size_t kMaxEndsWidth = 45;  // of two IPv4 endpoints
constexpr std::size_t kNumberWidth = 5;    // tcpdump's
constexpr std::size_t kBases = 1024;
constexpr std::size_t kExplanationIndent = 6;
constexpr std::string_view kGap = "  ";

void append_endpoint(TextBuffer& out, const Endpoint& endpoint) {
    if (endpoint.address.version != 0) {
        out.set_end(format_to(out.room(kMaxEndpointText), endpoint));
        return;
    }
    out.append('*');
    if (endpoint.port != 0) {
        out.append(':');
        out.append_decimal(endpoint.port);
    }
}

void append_number(TextBuffer& out, std::uint64_t n) {
    std::size_t digits = 1;
    for (std::uint64_t rest = n; rest >= 10; rest /= 10) {
        ++digits;
    }
    if (digits < kNumberWidth) {
        out.append(kNumberWidth - digits, ' ');
    }
    out.append_decimal(n);
    out.append(kGap);
}

/// The kernel's name for a reason, if it has one: ` (NO_SOCKET)`.
void append_reason(Line& line, std::string_view reason) {
    reason = reason.substr(0, reason.find('\0'));
    if (reason.empty()) {
        return;
    }
    line.append(" (");
    while (!reason.empty()) {
        const Glyph glyph = glyph_of(reason, false);
        line.append(glyph);
        reason.remove_prefix(glyph.source);
    }
    line.append(")");
}

}  // namespace

LinesView::LinesView(Output& output, const Format& format)
    : output_(output),
      format_(format),
      time_(format.time),
      segment_(format.absolute),
      state_(format.utf8),
      bases_(kBases) {
    if (format.explain) {
        explainer_.emplace(*format.explain);
    }
}

void LinesView::begin(const TraceInfo& info) {
    time_.begin(info);
    if (explainer_) {
        explainer_->begin(info);
    }
    if (format_.quiet) {
        return;
    }
    line_.clear();
    line_.style(Style::kDim);
    line_.append(format_.number ? "  row  " : "");
    const std::string_view title = time_.title();
    line_.append(title);
    line_.append(title.empty() ? "" : kGap);
    line_.append("from > to  #n segment  +transit | end - peer  old -> new (* inferred)  ");
    line_.append("cause  owner");
    write_line(kColumns);
}

void LinesView::entry(const Entry& entry) {
    if (std::holds_alternative<SummaryEntry>(entry.body)) {
        return;
    }
    time_.advance(entry.time);
    line_.clear();
    rest_.clear();
    line_.style(Style::kDim);
    if (format_.number) {
        append_number(line_.text(), entry.n);
    }
    std::visit([&](const auto& body) { show(body, entry); }, entry.body);
    if (explainer_) {
        explain(entry);
    }
}

void LinesView::explain(const Entry& entry) {
    std::string_view rest = explainer_->explain(entry);
    while (!rest.empty()) {
        line_.clear();
        line_.text().append(kExplanationIndent, ' ');
        line_.style(Style::kDim);
        line_.append_wide(take_line(rest, kColumns - kExplanationIndent));
        write_line(kNoLimit);
    }
}

void LinesView::show(const SegmentEntry& segment, const Entry& entry) {
    learn_base(segment, entry.side);
    start(segment.tcp.source, segment.tcp.destination, " > ");
    segment_.set(segment);
    if (!format_.number) {
        rest_.append("#");
        rest_.text().append_decimal(entry.n);
        rest_.append(" ");
    }
    rest_.append(segment_.numbers());
    append_segment_details();
    finish_row();
}

// The last options go first, then the window; the transit, when padding is no help.
void LinesView::append_segment_details() {
    const auto width = [](std::string_view text) {
        return static_cast<std::ptrdiff_t>(text.size());
    };
    const std::ptrdiff_t left = room() - width(segment_.notes()) - width(segment_.transit());
    const std::ptrdiff_t left_for_options = left - width(segment_.window());
    std::size_t options = segment_.option_count();
    while (options > 0 &&
           static_cast<std::ptrdiff_t>(segment_.options_width(options)) > left_for_options) {
        --options;
    }
    if (left_for_options >= 0) {
        rest_.append(segment_.window());
    }
    rest_.style(Style::kDim);
    segment_.append_options(rest_.text(), options);
    if (!segment_.notes().empty()) {
        rest_.style(Style::kWarning);
        rest_.append(segment_.notes());
        rest_.style(Style::kDim);
    }
    if (left + padding() >= 0) {
        rest_.append(segment_.transit());
    }
}

void LinesView::show(const StateEntry& state, const Entry& entry) {
    start(entry.side);
    state_.set(state, entry.side != nullptr ? entry.side->owner : Task{});
    state_.fit(room(), padding());
    state_.append_to(rest_);
    finish_row();
}

void LinesView::show(const RetransmitEntry& retransmit, const Entry& entry) {
    start(entry.side);
    const Seq base = base_of(entry.side);
    rest_.style(Style::kWarning);
    rest_.append("retransmit ");
    rest_.text().append_decimal(retransmit.seq - base);
    rest_.append(":");
    rest_.text().append_decimal(retransmit.end - base);
    if (!retransmit.why.empty()) {
        rest_.append(" (");
        rest_.append(retransmit.why);
        rest_.append(")");
    }
    if (retransmit.error != 0) {
        rest_.append(" failed: error ");
        rest_.text().append_signed(retransmit.error);
    }
    append_owner(entry.side);
    finish_row();
}

void LinesView::show(const ResetEntry& reset, const Entry& entry) {
    start(entry.side);
    rest_.style(Style::kFailure);
    rest_.append(words_of(reset));
    append_reason(rest_, {reset.reason.data(), reset.reason.size()});
    append_owner(entry.side);
    finish_row();
}

void LinesView::show(const DropEntry& drop, const Entry& /*entry*/) {
    start(drop.source, drop.destination, " > ");
    const Seq first = drop.relative_known && !format_.absolute ? drop.rel_seq : drop.seq;
    rest_.style(Style::kFailure);
    rest_.append("dropped ");
    if (drop.n != 0) {
        rest_.append("#");
        rest_.text().append_decimal(drop.n);
        rest_.append(" ");
    }
    append_flags(rest_.text(), drop.flags);
    rest_.append(" ");
    rest_.text().append_decimal(first);
    rest_.append(":");
    rest_.text().append_decimal(first + (drop.end - drop.seq));
    append_reason(rest_, {drop.reason.data(), drop.reason.size()});
    finish_row();
}

void LinesView::append_owner(const Side* side) {
    if (side == nullptr || side->owner.pid == 0) {
        return;
    }
    rest_.style(Style::kPlain);
    rest_.append("  ");
    const PrintableName name(side->owner.name(), false);
    for (const auto& glyph : name.head()) {
        rest_.append(glyph);
    }
    rest_.append("[");
    rest_.text().append_decimal(side->owner.pid);
    rest_.append("]");
}

// A time of 0: no record came before the gap.
void LinesView::show(const LostEntry& lost, const Entry& entry) {
    line_.style(Style::kFailure);
    line_.append("-- ");
    line_.text().append_decimal(lost.count);
    line_.append(lost.count == 1 ? " event lost here (" : " events lost here (");
    if (lost.from != 0) {
        line_.append("between ");
        append_ms(line_.text(), time_.since_first(lost.from));
        line_.append(" and ");
    } else {
        line_.append("before ");
    }
    append_ms(line_.text(), time_.since_first(entry.time));
    line_.append(" ms) --");
    write_line(kColumns);
}

void LinesView::show(const NoteEntry& note, const Entry& entry) {
    if (entry.side != nullptr) {
        start(entry.side);
    }
    rest_.style(Style::kDim);
    rest_.append("-- ");
    rest_.append_utf8(note.text);
    rest_.append(" --");
    if (entry.side != nullptr) {
        finish_row();
    } else {
        line_.append(rest_);
        write_line(kColumns);
    }
}

void LinesView::start(const Side* side) {
    start(side != nullptr ? side->local : Endpoint{}, side != nullptr ? side->remote : Endpoint{},
          " - ");
}

void LinesView::start(const Endpoint& local, const Endpoint& remote, std::string_view separator) {
    time_.append(line_.text());
    line_.style(Style::kPlain);
    ends_.clear();
    append_endpoint(ends_, local);
    ends_.append(separator);
    append_endpoint(ends_, remote);
    widest_ends_ = std::max(widest_ends_, std::min(ends_.size(), kMaxEndsWidth));
    const bool ipv6 = local.address.version == 6 || remote.address.version == 6;
    limit_ = ipv6 || format_.verbose > 0 ? kNoLimit : kColumns;
}

std::ptrdiff_t LinesView::padding() const {
    return static_cast<std::ptrdiff_t>(std::max(widest_ends_, ends_.size()) - ends_.size());
}

std::ptrdiff_t LinesView::room() const {
    const std::size_t used = line_.columns() + ends_.size() + kGap.size() + rest_.columns();
    return static_cast<std::ptrdiff_t>(limit_) - static_cast<std::ptrdiff_t>(used) - padding();
}

void LinesView::finish_row() {
    const std::ptrdiff_t pad = padding() + std::min(room(), std::ptrdiff_t{0});
    line_.append(ends_.view());
    line_.text().append(static_cast<std::size_t>(std::max(pad, std::ptrdiff_t{0})), ' ');
    line_.append(kGap);
    line_.append(rest_);
    write_line(limit_);
}

void LinesView::write_line(std::size_t limit) {
    line_.cut(limit, format_.utf8 ? "\u2026" : "~");
    row_.clear();
    line_.append_to(row_, format_.color);
    row_.append('\n');
    output_.write(row_.view());
}

// Retransmissions carry no relative numbers of their own.
void LinesView::learn_base(const SegmentEntry& segment, const Side* sender) {
    if (sender != nullptr && segment.relative_known) {
        bases_[sender->id % kBases] = {sender->id, segment.tcp.seq - segment.rel_seq};
    }
}

Seq LinesView::base_of(const Side* side) const {
    if (side == nullptr || format_.absolute) {
        return 0;
    }
    const Base& base = bases_[side->id % kBases];
    return base.side == side->id ? base.value.value_or(0) : 0;
}

}  // namespace tcpladder

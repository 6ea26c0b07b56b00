// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "support/text_buffer.h"
#include "views/explain/explainer.h"
#include "views/line.h"
#include "views/row_time.h"
#include "views/segment_text.h"
#include "views/state_text.h"
#include "views/view.h"

namespace tcpladder {

/// The default for people: a line an entry, in columns, for IPv4 never wider
/// than 100 (details are left out, from the least important on). With verbose,
/// or for IPv6, nothing is left out. A line never holds what a terminal obeys.
class LinesView : public View {
public:
    LinesView(Output& output, const Format& format);

    void begin(const TraceInfo& info) override;
    void entry(const Entry& entry) override;
    void end() override {}

private:
    /// What to subtract from a side's sequence numbers to make them relative.
    struct Base {
        std::uint64_t side = 0;
        std::optional<Seq> value;
    };

    void show(const SegmentEntry& segment, const Entry& entry);
    void show(const StateEntry& state, const Entry& entry);
    void show(const RetransmitEntry& retransmit, const Entry& entry);
    void show(const ResetEntry& reset, const Entry& entry);
    void show(const DropEntry& drop, const Entry& entry);
    void show(const LostEntry& lost, const Entry& entry);
    void show(const NoteEntry& note, const Entry& entry);
    void show(const SummaryEntry&, const Entry&) {}

    void start(const Endpoint& local, const Endpoint& remote, std::string_view separator);
    void start(const Side* side);
    void explain(const Entry& entry);
    void finish_row();
    void append_segment_details();
    void append_owner(const Side* side);
    /// Columns left for rest_ with the ends padded, and what the padding takes.
    std::ptrdiff_t room() const;
    std::ptrdiff_t padding() const;
    void write_line(std::size_t limit);

    void learn_base(const SegmentEntry& segment, const Side* sender);
    Seq base_of(const Side* side) const;

    Output& output_;
    Format format_;
    RowTime time_;
    SegmentText segment_;
    StateText state_;
    std::optional<Explainer> explainer_;
    std::vector<Base> bases_;
    Line line_;        ///< up to the time, then all of it
    TextBuffer ends_;  ///< `127.0.0.1:46510 > 127.0.0.1:10000`
    Line rest_;        ///< what follows the ends
    TextBuffer row_;
    std::size_t widest_ends_ = 0;
    std::size_t limit_ = 0;  ///< columns of the row
};

}  // namespace tcpladder

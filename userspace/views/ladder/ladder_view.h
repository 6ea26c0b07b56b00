// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "views/explain/explainer.h"
#include "views/ladder/conversation.h"
#include "views/ladder/listeners.h"
#include "views/ladder/picture.h"
#include "views/ladder/turns.h"
#include "views/view.h"

namespace tcpladder {

/// The picture of the book: client on the left, server on the right, an arrow a
/// segment, and each state beside its rail where it begins, with its cause. No line is
/// wider than Format::width.
///
/// Rows are written as they come. Of several conversations one is drawn at a time, see
/// Turns; with Format::interleave all are, in the order of time.
class LadderView : public View {
public:
    LadderView(Output& output, const Format& format);

    void begin(const TraceInfo& info) override;
    void entry(const Entry& entry) override;
    void end() override { turns_.finish(); }

private:
    // ladder_view.cpp
    bool is_wanted(std::uint32_t number) const;
    void of_trace(const Entry& entry);
    void of_listener(const Entry& entry);
    void of_conversation(const Entry& entry);
    void open(Conversation& conversation, Rail rail, const Entry& entry);
    void learn_owner(Conversation& conversation, Rail rail, const Side& side);
    /// What stands under the row; empty: nothing.
    std::string_view sentence_of(const Entry& entry);

    // ladder_rows.cpp
    void show(const SegmentEntry& segment, Rail rail, Conversation& conversation);
    void show(const StateEntry& state, Rail rail, Conversation& conversation);
    void show(const RetransmitEntry& retransmit, Rail rail, Conversation& conversation);
    void show(const ResetEntry& reset, Rail rail, Conversation& conversation);
    void show(const DropEntry& drop, Rail rail, Conversation& conversation);
    void show(const NoteEntry& note, Rail rail, Conversation& conversation);
    void show(const LostEntry&, Rail, Conversation&) {}     // the trace's
    void show(const SummaryEntry&, Rail, Conversation&) {}  // no row
    void append_cause(const Cause& cause);
    void append_from(const StateEntry& state, bool surprising);
    void append_lost(const LostEntry& lost, MonoNs time);
    void append_note(const NoteEntry& note);

    Output& output_;
    Format format_;
    std::vector<std::string> hosts_;
    ArrowText arrow_;
    LadderPicture picture_;
    std::optional<Explainer> explainer_;
    Turns turns_;
    Listeners listeners_;
    bool wrote_ = false;
};

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "views/explain/explainer.h"
#include "views/ladder/conversation.h"
#include "views/ladder/picture.h"
#include "views/view.h"

namespace tcpladder {

/// The picture of the book: client on the left, server on the right, an arrow a
/// segment, and each state beside its rail where it begins, with its cause. No line is
/// wider than Format::width.
///
/// Rows are written as they come. Of several conversations one is drawn at a time, in
/// the order of their numbers; rows of the others wait, as text, until the one that is
/// drawn is over (both ends closed or in TIME_WAIT), or the trace is, or more than
/// kMostWaiting bytes wait. With Format::interleave nothing waits.
class LadderView : public View {
public:
    static constexpr std::size_t kMostWaiting = 64U << 20;

    LadderView(Output& output, const Format& format);

    void begin(const TraceInfo& info) override;
    void entry(const Entry& entry) override;
    void end() override;

private:
    void show(const SegmentEntry& segment, const Entry& entry, Conversation& conversation);
    void show(const StateEntry& state, const Entry& entry, Conversation& conversation);
    void show(const RetransmitEntry& retransmit, const Entry& entry, Conversation& conversation);
    void show(const ResetEntry& reset, const Entry& entry, Conversation& conversation);
    void show(const DropEntry& drop, const Entry& entry, Conversation& conversation);
    void show(const LostEntry& lost, const Entry& entry, Conversation& conversation);
    void show(const NoteEntry& note, const Entry& entry, Conversation& conversation);

    void show(const SummaryEntry& summary, const Entry& entry, Conversation& conversation);
    /// What stands under the row; empty: nothing.
    std::string_view sentence_of(const Entry& entry);

    void of_conversation(const Entry& entry);
    void of_listener(const Entry& entry);
    void of_trace(const Entry& entry);
    void lost(const LostEntry& lost, const Entry& entry);
    bool is_wanted(std::uint32_t number) const;
    Conversation& find(const Side& side);
    void open(Conversation& conversation, Rail rail, const Entry& entry);
    void learn(Conversation& conversation, Rail rail, const Entry& entry);
    void learn_owner(Conversation& conversation, Rail rail, const Side& side);
    void append_state_cause(const StateEntry& state, bool show_from);
    TcpState listening_at(const Endpoint& local) const;

    // Whose turn it is.
    void emit(Conversation& conversation);
    void pass_turn();
    void write_out(Conversation& conversation);
    void forget_old(const Conversation& conversation);

    Output& output_;
    Format format_;
    std::vector<std::string> hosts_;
    ArrowText arrow_;
    LadderPicture picture_;
    std::optional<Explainer> explainer_;
    std::map<std::uint32_t, Conversation> conversations_;  ///< by number
    Conversation* latest_ = nullptr;                       ///< the one found last
    Conversation* current_ = nullptr;                      ///< the one that is drawn
    std::size_t waiting_ = 0;                              ///< bytes
    std::deque<std::uint32_t> done_;                       ///< to be forgotten, one day
    std::vector<Endpoint> listeners_;
    bool wrote_ = false;
};

}  // namespace tcpladder

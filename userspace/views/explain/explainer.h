// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "model/entry.h"
#include "support/text_buffer.h"
#include "views/explain/memory.h"
#include "views/explain/message.h"

namespace tcpladder {

/// Says in a sentence or two what a row is: which earlier row it answers, where
/// the RFC has it, and where this run differs from the textbook, why. It speaks
/// of nothing that is not in the rows.
///
/// Remembers a little of the newest kConversations connections; of those that it
/// has forgotten it says less.
class Explainer {
public:
    static constexpr std::size_t kConversations = 1024;

    explicit Explainer(Language language);

    /// Before the first entry.
    void begin(const TraceInfo& info);

    /// Given every entry in its final order. Valid UTF-8, harmless on a terminal, no
    /// line ends; empty if there is nothing to say. Valid until the next call.
    std::string_view explain(const Entry& entry);

    /// Whether this was ever said.
    bool has_said(Message message) const {
        return said_in_[static_cast<std::size_t>(message)] != kNowhere;
    }

private:
    static constexpr std::uint32_t kNowhere = UINT32_MAX;

    // explainer.cpp
    ConversationMemory& conversation_of(std::uint32_t connection);
    void on(const RetransmitEntry& retransmit);
    void on(const DropEntry& drop);
    void on(const LostEntry& lost);
    void on(const NoteEntry&) {}
    void on(const SummaryEntry&) {}

    // explain_states.cpp
    void on(const StateEntry& state);
    void say_opening(const StateEntry& state);
    void say_established(const StateEntry& state);
    void say_closing(const StateEntry& state);
    void say_end(const StateEntry& state);
    void say_end_by_segment(const StateEntry& state);

    // explain_segments.cpp
    void on(const SegmentEntry& segment);
    void say_segment(const SegmentEntry& segment, const Turn& turn);
    void say_syn(const SegmentEntry& segment, const Turn& turn);
    void say_syn_ack(const SegmentEntry& segment, const Turn& turn);
    void say_fin(const SegmentEntry& segment, const Turn& turn);
    void say_data(const SegmentEntry& segment, const Turn& turn);
    void say_ack(const SegmentEntry& segment, const Turn& turn);
    bool say_noted_ack(const SegmentEntry& segment);
    void say_sent_again(const SegmentEntry& segment);
    void say_asides(const SegmentEntry& segment, const Turn& turn);

    // explain_resets.cpp
    void on(const ResetEntry& reset);
    void say_rst(const SegmentEntry& segment, std::uint64_t answered);
    void say_reason(std::string_view reason);

    // explain_fields.cpp
    void say(Message message);
    void append(const MessagePiece& piece, std::string_view rest);
    void append_end(const RememberedEnd& end, bool local, bool first);
    void append_row(std::uint64_t n, std::string_view before);
    void append_symbols(const RememberedEnd& end, Seq seq, bool symbol_first);
    void append_number(const RememberedEnd& end, Seq seq);
    void append_offset(char symbol, std::uint32_t offset);
    void append_range();
    void append_bytes(std::uint64_t bytes);
    void append_reason();
    char symbol_of(const RememberedEnd& end) const;
    bool chinese() const { return language_ == Language::kChinese; }

    Language language_;
    std::vector<ConversationMemory> conversations_;
    std::uint32_t newest_connection_ = 0;
    /// The lowest number of a connection that a message was said in: what has one of a
    /// higher number stands behind it, also where each connection is shown as a whole.
    std::array<std::uint32_t, kMessageCount> said_in_;
    TextBuffer text_;

    // What the fields of the row's sentences stand for.
    const Entry* entry_ = nullptr;
    ConversationMemory* conversation_ = nullptr;  ///< null: the row is no connection's
    RememberedEnd* from_ = nullptr;
    RememberedEnd* to_ = nullptr;
    const SegmentEntry* segment_ = nullptr;
    std::uint64_t row_ = 0;
    std::uint64_t other_ = 0;
    std::uint64_t count_ = 0;
    std::int64_t time_ = 0;
    std::string_view reason_;
    ConversationMemory nobody_;  ///< a listener's
};

}  // namespace tcpladder

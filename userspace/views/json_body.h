// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "model/entry.h"
#include "support/text_buffer.h"
#include "views/option_text.h"

namespace tcpladder {

/// The value of `kind` in an entry's row.
std::string_view json_kind(const Entry& entry);

/// Appends the members that only one kind of row has; each starts with a comma.
class JsonBody {
public:
    explicit JsonBody(TextBuffer& out) : out_(out) {}

    void append(const Entry& entry);

private:
    void append(const SegmentEntry& segment, const Entry& entry);
    void append(const StateEntry& state, const Entry& entry);
    void append(const RetransmitEntry& retransmit, const Entry& entry);
    void append(const ResetEntry& reset, const Entry& entry);
    void append(const DropEntry& drop, const Entry& entry);
    void append(const LostEntry& lost, const Entry& entry);
    void append(const NoteEntry& note, const Entry& entry);
    void append(const SummaryEntry& summary, const Entry& entry);

    TextBuffer& out_;
    OptionText options_;
};

}  // namespace tcpladder

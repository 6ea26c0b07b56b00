// SPDX-License-Identifier: MIT
#pragma once

#include "support/text_buffer.h"
#include "views/line.h"
#include "views/view.h"

namespace tcpladder {

/// The summaries of connections alone: a compact table each, never wider than 80
/// columns, ASCII. A line never holds what a terminal obeys.
class SummaryView : public View {
public:
    SummaryView(Output& output, const Format& format);

    void begin(const TraceInfo&) override {}
    void entry(const Entry& entry) override;
    void end() override {}

private:
    void append_side(std::string_view label, const Side& side);
    void append_opening(const ConnectionSummary& connection);
    void append_closing(const ConnectionSummary& connection);
    void append_counts(const ConnectionSummary& connection);
    void append_states(const ConnectionSummary& connection);
    void append_odd(const ConnectionSummary& connection);
    /// `label`, and a value for each end.
    void append_row(std::string_view label, std::string_view client, std::string_view server);
    void append_wrapped(std::string_view label, std::string_view text);
    void end_line();

    Output& output_;
    bool color_;
    Line line_;
    TextBuffer text_;
    TextBuffer client_;
    TextBuffer server_;
    TextBuffer row_;
    TextBuffer all_;
};

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

#include "model/entry.h"
#include "support/text_buffer.h"
#include "views/ladder/arrow_text.h"
#include "views/ladder/conversation.h"
#include "views/ladder/glyphs.h"
#include "views/ladder/ladder_time.h"
#include "views/ladder/layout.h"
#include "views/line.h"
#include "views/view.h"

namespace tcpladder {

/// Draws the rows of conversations, two rails each. Knows where things stand and how
/// they look, not what they mean. Whole lines are appended to text().
class LadderPicture {
public:
    explicit LadderPicture(const Format& format);

    void begin(const TraceInfo& info) { time_.begin(info); }

    std::string_view text() const { return text_.view(); }
    void clear() { text_.clear(); }

    /// A row of the timeline; what is drawn next carries its time and number.
    void start_row(const Entry& entry, const Conversation* conversation);

    /// What is drawn next belongs to a row, but is none.
    void without_number() { line_.clear(); }

    /// For what stands between the rails, at `rail`, or across the picture: filled by
    /// the caller before one of the next three.
    Line& remark() { return remark_; }
    /// A row with the remark at its rail; `node`: on it, something happens there.
    void at_rail(const Conversation& conversation, Rail rail, bool node);
    /// A row that is the remark, without rails.
    void across();

    /// A text under the row, between the rails of a conversation if there is room, else
    /// across the picture.
    void sentence(std::string_view text, const Conversation* conversation);

    /// An arrow; if it is lost, it does not get there and `why` says the reason.
    void arrow(const Conversation& conversation, Rail from, ArrowText& text, bool lost,
               std::string_view why);
    /// The remark in the middle of a row whose rails are broken.
    void gap(const Conversation& conversation);
    /// Time that passes while nothing happens.
    void pause(const Conversation& conversation, std::int64_t ns);
    void blank_line() { text_.append('\n'); }

    /// The states that the ends are in, beside their rails.
    void states(const Conversation& conversation);
    /// Who the ends are, above their rails. `hosts` are the names of several, or empty.
    void header(const Conversation& conversation, const std::vector<std::string>& hosts);
    /// A line that says which conversation comes.
    void title(const Conversation& conversation, bool again);

    const LadderGlyphs& glyphs() const { return glyphs_; }
    /// There is room for more than what must be said.
    bool is_roomy() const { return layout_.width() >= 100; }
    /// RFC 9293's names stand beside Linux's.
    bool names_both() const { return layout_.has_wide_margins(); }
    std::size_t across_columns() const { return layout_.width() - layout_.prefix(); }
    /// Columns for a remark at a rail.
    std::size_t remark_columns() const { return layout_.middle() - 2; }

private:
    void state_of(Line& line, const LadderEnd& end) const;
    void broken_rails(const Conversation& conversation);
    void margin_left(const LadderEnd& end, Style style);
    void margin_right(const LadderEnd& end, Style style);
    void rail(const Conversation& conversation, Rail rail);
    void begin_rails(const Conversation& conversation);
    void end_rails(const Conversation& conversation);
    void fill(std::size_t columns, Style style);
    void label(const ArrowText& text, ArrowText::Place place);
    void below(const Conversation& conversation, Rail from, const ArrowText& text);
    void arrow_to_right(const Conversation& conversation, const ArrowText& text, bool lost,
                        std::string_view why);
    void arrow_to_left(const Conversation& conversation, const ArrowText& text, bool lost,
                       std::string_view why);
    void name_of(Line& line, const LadderEnd& end);
    void owner_of(Line& line, const LadderEnd& end, const std::vector<std::string>& hosts);
    void side_by_side(const Line& left, const Line& right);
    void finish_line();

    Format format_;
    const LadderGlyphs& glyphs_;
    LadderTime time_;
    LadderLayout layout_;
    TextBuffer prefix_;  ///< time and number of the row
    Line line_;
    Line remark_;
    Line margin_;
    Line left_block_;
    Line right_block_;
    TextBuffer text_;
};

/// `daytime-client[5463]`, in at most `columns` columns as far as the name can be cut.
void append_owner(Line& line, const Task& owner, std::size_t columns, bool utf8);

}  // namespace tcpladder

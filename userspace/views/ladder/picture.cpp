// SPDX-License-Identifier: MIT
#include "views/ladder/picture.h"

#include <algorithm>
#include <array>

#include "views/ladder/duration.h"
#include "views/wrap.h"

namespace tcpladder {
namespace {

/// Where RFC 9293 spells it otherwise than Linux; else empty.
std::string_view rfc_name(TcpState state) {
    switch (state) {
        case TcpState::kSynRecv:
            return "SYN-RECEIVED";
        case TcpState::kFinWait1:
            return "FIN-WAIT-1";
        case TcpState::kFinWait2:
            return "FIN-WAIT-2";
        case TcpState::kClose:
            return "CLOSED";
        default:
            return {};
    }
}

/// A column and the blank behind it. What is too long loses its beginning.
void append_right(TextBuffer& out, std::string_view text, std::size_t width) {
    if (width == 0)
        return;
    if (text.size() > width) {
        out.append('~');
        out.append(text.substr(text.size() - width + 1));
    } else {
        out.append(width - text.size(), ' ');
        out.append(text);
    }
    out.append(' ');
}

constexpr std::size_t kLabelWidth = 4;  // `c999`
constexpr std::size_t kSentenceIndent = 3;
constexpr std::size_t kSentenceRoom = 48;  // less makes a column of single words

}  // namespace

LadderPicture::LadderPicture(const Format& format)
    : format_(format),
      glyphs_(ladder_glyphs(format.utf8)),
      time_(format.time),
      layout_(format.width, time_.usual_width(), format.interleave ? kLabelWidth : 0) {}

void LadderPicture::start_row(const Entry& entry, const Conversation* conversation) {
    time_.set(entry.time, conversation != nullptr ? conversation->last_row : std::nullopt);
    remark_.clear();
    std::array<char, 1 + kMaxDecimal> number;
    std::array<char, 1 + kMaxDecimal> label;
    number[0] = '#';
    label[0] = 'c';
    const auto in = [](std::array<char, 1 + kMaxDecimal>& text, std::uint64_t value) {
        const char* end = put_decimal(text.data() + 1, value);
        return std::string_view(text.data(), static_cast<std::size_t>(end - text.data()));
    };
    const auto n = in(number, entry.n);
    const auto whose = conversation != nullptr ? in(label, conversation->number) : "";
    layout_.need(time_.text().size(), n.size(), whose.size());
    prefix_.clear();
    append_right(prefix_, time_.text(), layout_.time_width());
    append_right(prefix_, n, layout_.number_width());
    if (layout_.label_width() > 0)
        prefix_.append(whose.substr(0, layout_.label_width()));
    line_.clear();
    line_.style(Style::kDim);
    line_.append(prefix_.view());
}

// --- Rails

void LadderPicture::rail(const Conversation& conversation, Rail rail) {
    const auto state = conversation.end(rail).state;
    line_.style(Style::kPlain);
    line_.append_utf8(state == TcpState::kEstablished ? glyphs_.rail_established
                      : state == TcpState::kClose     ? glyphs_.rail_closed
                                                      : glyphs_.rail);
}

void LadderPicture::begin_rails(const Conversation& conversation) {
    line_.pad_to(layout_.left_rail());
    rail(conversation, Rail::kLeft);
}

void LadderPicture::end_rails(const Conversation& conversation) {
    line_.style(Style::kPlain);
    line_.pad_to(layout_.right_rail());
    rail(conversation, Rail::kRight);
}

void LadderPicture::state_of(Line& line, const LadderEnd& end) const {
    line.clear();
    line.append(name(end.state));
    const auto rfc = rfc_name(end.state);
    if (layout_.has_wide_margins() && !rfc.empty()) {
        line.append(" (");
        line.append(rfc);
        line.append(")");
    }
    line.append(end.inferred ? "*" : "");
}

void LadderPicture::margin_left(const LadderEnd& end, Style style) {
    state_of(margin_, end);
    line_.style(style);
    line_.pad_to(layout_.left_rail() - 1 - margin_.columns());
    line_.append(margin_);
    line_.pad_to(layout_.left_rail());
}

void LadderPicture::margin_right(const LadderEnd& end, Style style) {
    state_of(margin_, end);
    line_.style(style);
    line_.append(" ");
    line_.append(margin_);
}

void LadderPicture::at_rail(const Conversation& conversation, Rail rail, bool node) {
    const auto& end = conversation.end(rail);
    remark_.cut(remark_columns(), glyphs_.cut);
    if (rail == Rail::kLeft) {
        if (node) {
            margin_left(end, Style::kState);
            line_.append_utf8(glyphs_.node);
            line_.style(Style::kPlain);
        } else {
            begin_rails(conversation);
        }
        line_.append(" ");
        line_.append(remark_);
        end_rails(conversation);
    } else {
        begin_rails(conversation);
        line_.style(Style::kPlain);
        line_.pad_to(layout_.right_rail() - 1 - remark_.columns());
        line_.append(remark_);
        if (node) {
            line_.style(Style::kState);
            line_.append(" ");
            line_.append_utf8(glyphs_.node);
            margin_right(end, Style::kState);
        } else {
            end_rails(conversation);
        }
    }
    finish_line();
}

void LadderPicture::across() {
    line_.pad_to(layout_.prefix());
    line_.style(Style::kPlain);
    line_.append(remark_);
    finish_line();
}

void LadderPicture::sentence(std::string_view text, const Conversation* conversation) {
    const bool beside_rails = conversation != nullptr && layout_.middle() >= kSentenceRoom;
    const std::size_t begin =
        beside_rails ? layout_.left_rail() + kSentenceIndent : kSentenceIndent;
    const std::size_t end = beside_rails ? layout_.right_rail() - 1 : layout_.width();
    while (!text.empty()) {
        line_.clear();
        if (beside_rails)
            begin_rails(*conversation);
        line_.style(Style::kDim);
        line_.pad_to(begin);
        line_.append_wide(take_line(text, end - begin));
        if (beside_rails)
            end_rails(*conversation);
        line_.append_to(text_, format_.color);
        text_.append('\n');
    }
}

void LadderPicture::broken_rails(const Conversation& conversation) {
    const auto& [left, right] = conversation.ends;
    if (left.state != TcpState::kUnknown)
        margin_left(left, Style::kDim);
    line_.style(Style::kDim);
    line_.pad_to(layout_.left_rail());
    line_.append_utf8(glyphs_.rail_pause);
    line_.pad_to(layout_.left_rail() + 1 + (layout_.middle() - remark_.columns()) / 2);
    line_.append(remark_);
    line_.style(Style::kDim);
    line_.pad_to(layout_.right_rail());
    line_.append_utf8(glyphs_.rail_pause);
    if (right.state != TcpState::kUnknown)
        margin_right(right, Style::kDim);
    finish_line();
}

void LadderPicture::gap(const Conversation& conversation) {
    remark_.cut(remark_columns(), glyphs_.cut);
    broken_rails(conversation);
}

void LadderPicture::pause(const Conversation& conversation, std::int64_t ns) {
    line_.clear();
    remark_.clear();
    append_duration(remark_.text(), ns);
    remark_.append(" later");
    broken_rails(conversation);
}

void LadderPicture::states(const Conversation& conversation) {
    const auto& [left, right] = conversation.ends;
    line_.clear();
    if (left.state != TcpState::kUnknown)
        margin_left(left, Style::kDim);
    begin_rails(conversation);
    end_rails(conversation);
    if (right.state != TcpState::kUnknown)
        margin_right(right, Style::kDim);
    finish_line();
}

// --- Arrows

void LadderPicture::fill(std::size_t columns, Style style) {
    line_.style(style);
    line_.append(columns, glyphs_.shaft);
}

void LadderPicture::label(const ArrowText& text, ArrowText::Place place) {
    for (const auto& part : text.parts()) {
        if (part.place != place)
            continue;
        line_.style(part.style);
        line_.append(text.text(part));
    }
}

void LadderPicture::arrow(const Conversation& conversation, Rail from, ArrowText& text, bool lost,
                          std::string_view why) {
    constexpr std::size_t kAround = 4;  // `─ ` and ` ▶`
    why = why.substr(0, layout_.middle() / 2);
    text.fit(layout_.middle() - kAround - (lost ? why.size() + 2 : 0));
    if (from == Rail::kLeft) {
        arrow_to_right(conversation, text, lost, why);
    } else {
        arrow_to_left(conversation, text, lost, why);
    }
    below(conversation, from, text);
}

void LadderPicture::arrow_to_right(const Conversation& conversation, const ArrowText& text,
                                   bool lost, std::string_view why) {
    const auto shaft = text.columns(ArrowText::Place::kOnArrow);
    const auto head = text.columns(ArrowText::Place::kAtHead);
    const std::size_t at_end = lost ? why.size() + 3 : head > 0 ? head + 3 : 1;
    const bool established = conversation.end(Rail::kLeft).state == TcpState::kEstablished;
    line_.pad_to(layout_.left_rail());
    line_.style(Style::kPlain);
    line_.append_utf8(established ? glyphs_.from_left_established : glyphs_.from_left);
    fill(1, text.style());
    line_.append(" ");
    label(text, ArrowText::Place::kOnArrow);
    line_.append(" ");
    fill(layout_.middle() - std::min(layout_.middle(), shaft + 3 + at_end), text.style());
    if (lost) {
        line_.style(Style::kFailure);
        line_.append_utf8(glyphs_.cross);
        line_.append(" ");
        line_.append(why);
    } else {
        if (head > 0) {
            line_.append(" ");
            label(text, ArrowText::Place::kAtHead);
            line_.append(" ");
            line_.style(text.style());
        }
        line_.append_utf8(glyphs_.to_right);
    }
    end_rails(conversation);
    finish_line();
}

void LadderPicture::arrow_to_left(const Conversation& conversation, const ArrowText& text,
                                  bool lost, std::string_view why) {
    const auto shaft = text.columns(ArrowText::Place::kOnArrow);
    const auto head = text.columns(ArrowText::Place::kAtHead);
    const std::size_t at_end = lost ? why.size() + 3 : head > 0 ? head + 3 : 1;
    const bool established = conversation.end(Rail::kRight).state == TcpState::kEstablished;
    begin_rails(conversation);
    if (lost) {
        line_.style(Style::kFailure);
        line_.append(" ");
        line_.append(why);
        line_.append(" ");
        line_.append_utf8(glyphs_.cross);
    } else {
        line_.style(text.style());
        line_.append_utf8(glyphs_.to_left);
        if (head > 0) {
            line_.append(" ");
            label(text, ArrowText::Place::kAtHead);
            line_.append(" ");
        }
    }
    fill(layout_.middle() - std::min(layout_.middle(), shaft + 3 + at_end), text.style());
    line_.append(" ");
    label(text, ArrowText::Place::kOnArrow);
    line_.append(" ");
    fill(1, text.style());
    line_.style(Style::kPlain);
    line_.append_utf8(established ? glyphs_.from_right_established : glyphs_.from_right);
    finish_line();
}

void LadderPicture::below(const Conversation& conversation, Rail from, const ArrowText& text) {
    if (text.columns(ArrowText::Place::kBelow) == 0)
        return;
    remark_.clear();
    for (const auto& part : text.parts()) {
        if (part.place != ArrowText::Place::kBelow)
            continue;
        auto words = text.text(part);
        if (remark_.columns() == 0)
            words.remove_prefix(std::min(words.find_first_not_of(", "), words.size()));
        remark_.style(part.style);
        remark_.append(words);
    }
    line_.clear();
    at_rail(conversation, from, false);
}

void LadderPicture::finish_line() {
    line_.cut(layout_.width(), glyphs_.cut);
    line_.append_to(text_, format_.color);
    text_.append('\n');
}

// --- Above a ladder

void append_owner(Line& line, const Task& owner, std::size_t columns, bool utf8) {
    if (owner.pid == 0)
        return;
    std::size_t around = 3;  // `[5463]`
    for (auto rest = owner.pid; rest >= 10; rest /= 10)
        ++around;
    PrintableName name(owner.name(), utf8);
    name.cut(std::max<std::size_t>(columns - std::min(columns, around), 1));
    for (const auto& glyph : name.head())
        line.append(glyph);
    if (name.is_cut())
        line.append_utf8(ladder_glyphs(utf8).cut);
    for (const auto& glyph : name.tail())
        line.append(glyph);
    line.append("[");
    line.text().append_decimal(owner.pid);
    line.append("]");
}

void LadderPicture::name_of(Line& line, const LadderEnd& end) {
    line.clear();
    line.style(Style::kDim);
    line.append(end.role == Role::kClient ? "client " : end.role == Role::kServer ? "server " : "");
    line.style(Style::kPlain);
    auto& out = line.text();
    out.set_end(format_to(out.room(kMaxEndpointText), end.name));
}

void LadderPicture::owner_of(Line& line, const LadderEnd& end,
                             const std::vector<std::string>& hosts) {
    line.clear();
    append_owner(line, end.owner, layout_.width() / 2 - 4, format_.utf8);
    const auto host = host_of(end.netns);
    if (hosts.size() < 2 || end.netns == 0 || host >= hosts.size())
        return;
    line.append(line.columns() > 0 ? " on " : "on ");
    std::string_view name = hosts[host];
    while (!name.empty() && line.columns() + 4 < layout_.width() / 2) {
        const auto glyph = glyph_of(name, format_.utf8);
        line.append(glyph);
        name.remove_prefix(glyph.source);
    }
}

// Each in the middle of its rail, as far as there is room.
void LadderPicture::side_by_side(const Line& left, const Line& right) {
    const auto before = [](std::size_t column, std::size_t width) {
        return column - std::min(column, width / 2);
    };
    const std::size_t last_left = layout_.width() - std::min(layout_.width(), right.columns());
    const auto right_at = std::min(before(layout_.right_rail(), right.columns()), last_left);
    const auto left_at = std::max(before(layout_.left_rail(), left.columns()), layout_.prefix());
    if (left_at + left.columns() + 2 > right_at) {
        line_.pad_to(layout_.prefix());
        line_.append(left);
        finish_line();
        line_.clear();
        line_.pad_to(last_left);
    } else {
        line_.pad_to(left_at);
        line_.append(left);
        line_.style(Style::kPlain);
        line_.pad_to(right.columns() > 0 ? right_at : 0);
    }
    line_.append(right);
    finish_line();
}

void LadderPicture::title(const Conversation& conversation, bool again) {
    line_.clear();
    line_.style(Style::kDim);
    line_.append(2, glyphs_.shaft);
    line_.append(" conversation ");
    line_.text().append_decimal(conversation.number);
    line_.append(again ? ", continued " : " ");
    line_.append(layout_.width() - std::min(layout_.width(), line_.columns()), glyphs_.shaft);
    finish_line();
}

void LadderPicture::header(const Conversation& conversation,
                           const std::vector<std::string>& hosts) {
    line_.clear();
    line_.style(Style::kDim);
    const auto title = time_.title();
    line_.pad_to(layout_.time_width() - std::min(layout_.time_width(), title.size()));
    line_.append(layout_.time_width() > 0 ? title : "");
    line_.style(Style::kPlain);
    const auto& [left, right] = conversation.ends;
    name_of(left_block_, left);
    name_of(right_block_, right);
    if (conversation.to_itself) {
        right_block_.clear();
        right_block_.append("the same socket");
    }
    side_by_side(left_block_, right_block_);
    owner_of(left_block_, left, hosts);
    owner_of(right_block_, conversation.to_itself ? LadderEnd{} : right, hosts);
    line_.clear();
    if (left_block_.columns() + right_block_.columns() > 0)
        side_by_side(left_block_, right_block_);
}

}  // namespace tcpladder

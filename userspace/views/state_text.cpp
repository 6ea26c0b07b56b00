// SPDX-License-Identifier: MIT
#include "views/state_text.h"

#include <algorithm>

namespace tcpladder {
namespace {

constexpr std::size_t kTransitionWidth = 25;  // of ESTABLISHED -> CLOSE_WAIT
constexpr std::size_t kCauseWidth = 16;
constexpr std::size_t kNameWidth = 8;  // less says too little
constexpr std::string_view kGap = "  ";

/// Makes `width` less, down to `least`, by what is too much; takes that off.
void give(std::ptrdiff_t& too_much, std::size_t& width, std::size_t least) {
    if (too_much > 0 && width > least) {
        const std::size_t given = std::min(static_cast<std::size_t>(too_much), width - least);
        width -= given;
        too_much -= static_cast<std::ptrdiff_t>(given);
    }
}

}  // namespace

void StateText::set(const StateEntry& state, const Task& owner) {
    transition_.clear();
    transition_.append(name(state.from));
    transition_.append_utf8(utf8_ ? " \u2192 " : " -> ");
    transition_.append(name(state.to));
    transition_.append(state.observed ? "" : " *");
    set_cause(state.cause);
    set_owner(owner);
}

void StateText::set_cause(const Cause& cause) {
    const bool known = cause.type != CauseType::kUnknown && !cause.what.empty();
    cause_.clear();
    cause_.append(known ? cause.what : "unknown");
    if (cause.n != 0) {
        cause_.append(" #");
        cause_.append_decimal(cause.n);
    }
}

void StateText::set_owner(const Task& owner) {
    pid_.clear();
    name_ = PrintableName(owner.pid != 0 ? owner.name() : std::string_view(), utf8_);
    if (owner.pid != 0) {
        pid_.append('[');
        pid_.append_decimal(owner.pid);
        pid_.append(']');
    }
}

std::size_t StateText::columns() const {
    const std::size_t owner = pid_.empty() ? 0 : kGap.size() + name_.columns() + pid_.size();
    return transition_width_ + kGap.size() + cause_width_ + owner;
}

void StateText::fit(std::ptrdiff_t room, std::ptrdiff_t spare) {
    transition_width_ = std::max(kTransitionWidth, transition_.columns());
    cause_width_ = pid_.empty() ? cause_.size() : std::max(kCauseWidth, cause_.size());
    std::ptrdiff_t too_much = static_cast<std::ptrdiff_t>(columns()) - room;
    std::size_t name_width = name_.columns();
    give(too_much, cause_width_, cause_.size());
    give(too_much, name_width, kNameWidth);
    give(too_much, transition_width_, transition_.columns());
    too_much -= spare;
    give(too_much, name_width, 1);
    if (too_much > 0) {
        pid_.clear();
    } else if (name_width > 0) {
        name_.cut(name_width);
    }
}

void StateText::append_to(Line& line) const {
    const std::size_t begin = line.columns();
    line.style(Style::kState);
    line.append(transition_);
    line.style(Style::kPlain);
    line.pad_to(begin + transition_width_);
    line.append(kGap);
    line.append(cause_.view());
    if (!pid_.empty()) {
        line.pad_to(begin + transition_width_ + kGap.size() + cause_width_);
        line.append(kGap);
        append_owner(line);
    }
}

void StateText::append_owner(Line& line) const {
    for (const Glyph& glyph : name_.head()) {
        line.append(glyph);
    }
    if (name_.is_cut()) {
        line.append_utf8(utf8_ ? "\u2026" : "~");
    }
    for (const Glyph& glyph : name_.tail()) {
        line.append(glyph);
    }
    line.append(pid_.view());
}

}  // namespace tcpladder

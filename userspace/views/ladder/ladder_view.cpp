// SPDX-License-Identifier: MIT
#include "views/ladder/ladder_view.h"

#include <algorithm>
#include <array>

#include "views/wall_time.h"

namespace tcpladder {
namespace {

/// A silence that is shown.
constexpr std::int64_t kPause = 100'000'000;

constexpr std::string_view kBeginningNotSeen =
    "The beginning was not seen: numbers count from the first one seen.";

bool is_beginning(const Entry& entry) {
    if (const auto* state = std::get_if<StateEntry>(&entry.body))
        return state->to == TcpState::kSynSent || state->to == TcpState::kSynRecv;
    const auto* segment = std::get_if<SegmentEntry>(&entry.body);
    return segment != nullptr && segment->tcp.has(tcp_flag::kSyn);
}

// What the row says of its ends. Their owners are told above them, or below that.
void learn_ends(Conversation& conversation, Rail rail, const Side& side) {
    auto& end = conversation.end(rail);
    auto& peer = conversation.end(other(rail));
    end.name = side.local;
    peer.name = side.remote;
    end.role = side.role;
    end.netns = side.netns;
    if (side.peer == nullptr)
        return;
    peer.role = side.peer->role;
    peer.netns = side.peer->netns;
    if (side.peer != &side)
        peer.id = side.peer->id;
}

}  // namespace

LadderView::LadderView(Output& output, const Format& format)
    : output_(output),
      format_(format),
      arrow_(format.absolute),
      picture_(format),
      turns_(output, format.interleave) {
    if (format.explain)
        explainer_.emplace(*format.explain);
}

void LadderView::begin(const TraceInfo& info) {
    hosts_ = info.hosts;
    picture_.begin(info);
    if (explainer_)
        explainer_->begin(info);
}

void LadderView::entry(const Entry& entry) {
    if (std::holds_alternative<SummaryEntry>(entry.body))
        return;
    picture_.clear();
    if (entry.side == nullptr) {
        of_trace(entry);
    } else if (entry.side->connection == 0) {
        of_listener(entry);
    } else if (is_wanted(entry.side->connection)) {
        of_conversation(entry);
    }
}

std::string_view LadderView::sentence_of(const Entry& entry) {
    return explainer_ ? explainer_->explain(entry) : std::string_view();
}

bool LadderView::is_wanted(std::uint32_t number) const {
    const auto& wanted = format_.conversations;
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), number) != wanted.end();
}

void LadderView::of_conversation(const Entry& entry) {
    const auto& side = *entry.side;
    auto& conversation = turns_.find(side.connection);
    const auto rail = meet(conversation, side);
    learn_ends(conversation, rail, side);
    if (!conversation.has_header || conversation.interrupted) {
        open(conversation, rail, entry);
    } else if (conversation.last_row && !format_.interleave) {
        const auto silence = time_difference(entry.time, *conversation.last_row);
        if (silence >= kPause)
            picture_.pause(conversation, silence);
    }
    learn_owner(conversation, rail, side);
    picture_.start_row(entry, &conversation);
    std::visit([&](const auto& body) { show(body, rail, conversation); }, entry.body);
    const auto sentence = sentence_of(entry);
    if (!picture_.text().empty())
        picture_.sentence(sentence, &conversation);
    conversation.last_row = entry.time;
    turns_.write(conversation, picture_.text());
}

void LadderView::open(Conversation& conversation, Rail rail, const Entry& entry) {
    auto& end = conversation.end(rail);
    auto& peer = conversation.end(other(rail));
    const auto* side_of_peer = entry.side->peer;
    const bool again = conversation.has_header;
    end.owner = entry.side->owner;
    if (side_of_peer != nullptr)
        peer.owner = side_of_peer->owner;
    if (const auto* state = std::get_if<StateEntry>(&entry.body); state != nullptr && !again) {
        end.state = state->from;
        if (side_of_peer != nullptr && listeners_.hear(*side_of_peer))
            peer.state = TcpState::kListen;
    }
    picture_.start_row(entry, &conversation);
    if ((wrote_ && !format_.interleave) || again)
        picture_.blank_line();
    if (again || conversation.number != 1)
        picture_.title(conversation, again);
    picture_.header(conversation, hosts_);
    if (!format_.interleave)
        picture_.states(conversation);
    if (!again && !is_beginning(entry))
        picture_.sentence(kBeginningNotSeen, &conversation);
    conversation.has_header = true;
    conversation.interrupted = false;
    wrote_ = true;
}

// A listener's child belongs to whoever accepts it, which is known a little later.
void LadderView::learn_owner(Conversation& conversation, Rail rail, const Side& side) {
    auto& known = conversation.end(rail).owner;
    const auto& owner = side.owner;
    if (owner.pid == 0 || (owner.pid == known.pid && owner.comm == known.comm))
        return;
    constexpr std::size_t kWords = 12;  // `this is now `
    auto& remark = picture_.remark();
    remark.clear();
    remark.style(Style::kDim);
    remark.append(known.pid == 0 ? "this is " : "this is now ");
    append_owner(remark, owner, picture_.remark_columns() - kWords, format_.utf8);
    picture_.without_number();
    picture_.at_rail(conversation, rail, false);
    known = owner;
}

// Whatever is lost may be missing in each ladder that is not finished.
void LadderView::of_trace(const Entry& entry) {
    const auto* lost = std::get_if<LostEntry>(&entry.body);
    const auto sentence = sentence_of(entry);
    bool told = false;
    turns_.for_each([&](Conversation& conversation) {
        if (lost == nullptr || format_.interleave || conversation.is_over())
            return;
        picture_.clear();
        picture_.start_row(entry, &conversation);
        append_lost(*lost, entry.time);
        picture_.gap(conversation);
        picture_.sentence(sentence, &conversation);
        conversation.last_row = entry.time;
        turns_.write(conversation, picture_.text());
        told = true;
    });
    if (told)
        return;
    picture_.start_row(entry, nullptr);
    if (lost != nullptr) {
        append_lost(*lost, entry.time);
    } else if (const auto* note = std::get_if<NoteEntry>(&entry.body)) {
        append_note(*note);
    }
    picture_.across();
    picture_.sentence(sentence, nullptr);
    output_.write(picture_.text());
    wrote_ = true;
}

void LadderView::of_listener(const Entry& entry) {
    const auto& side = *entry.side;
    const auto* state = std::get_if<StateEntry>(&entry.body);
    if (state == nullptr)
        return;
    listeners_.learn(side, state->to);
    if (!format_.conversations.empty())
        return;
    picture_.start_row(entry, nullptr);
    auto& remark = picture_.remark();
    remark.style(Style::kState);
    remark.append(tcpladder::name(state->from));
    remark.append_utf8(format_.utf8 ? " → " : " -> ");
    remark.append(tcpladder::name(state->to));
    remark.append(state->observed ? "  " : "*  ");
    append_cause(state->cause);
    remark.append("  ");
    append_owner(remark, side.owner, picture_.across_columns() / 2, format_.utf8);
    std::array<char, kMaxEndpointText> bytes;
    const std::string_view name(bytes.data(), format_to(bytes.data(), side.local));
    if (remark.columns() + 2 + name.size() > picture_.across_columns()) {
        picture_.across();  // an IPv6 address, on a line of its own
        picture_.without_number();
        remark.clear();
    } else {
        remark.append("  ");
    }
    remark.append(name);
    picture_.across();
    picture_.sentence(sentence_of(entry), nullptr);
    output_.write(picture_.text());
    wrote_ = true;
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include "views/ladder/ladder_view.h"

#include <algorithm>

#include "views/flag_letters.h"
#include "views/ladder/duration.h"
#include "views/wall_time.h"

namespace tcpladder {
namespace {

/// A silence that is shown.
constexpr std::int64_t kPause = 100'000'000;
/// A state that lasted shorter was only passed through.
constexpr std::size_t kRemembered = 4096;  ///< conversations that are over
constexpr std::size_t kListeners = 256;

bool is_lost(const Entry& entry) {
    return std::holds_alternative<LostEntry>(entry.body);
}

}  // namespace

LadderView::LadderView(Output& output, const Format& format)
    : output_(output), format_(format), arrow_(format.absolute), picture_(format) {
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

bool LadderView::is_wanted(std::uint32_t number) const {
    const auto& wanted = format_.conversations;
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), number) != wanted.end();
}

void LadderView::of_conversation(const Entry& entry) {
    auto& conversation = find(*entry.side);
    const auto rail = meet(conversation, *entry.side);
    const bool known_before = conversation.has_header;
    learn(conversation, rail, entry);
    if (!known_before || conversation.interrupted) {
        open(conversation, rail, entry);
    } else if (conversation.last_row) {
        const auto silence = time_difference(entry.time, *conversation.last_row);
        if (silence >= kPause && !format_.interleave)
            picture_.pause(conversation, silence);
    }
    learn_owner(conversation, rail, *entry.side);
    picture_.start_row(entry, &conversation);
    std::visit([&](const auto& body) { show(body, entry, conversation); }, entry.body);
    picture_.sentence(sentence_of(entry), &conversation);
    conversation.last_row = entry.time;
    emit(conversation);
}

Conversation& LadderView::find(const Side& side) {
    if (latest_ != nullptr && latest_->number == side.connection)
        return *latest_;
    auto& conversation = conversations_[side.connection];
    conversation.number = side.connection;
    latest_ = &conversation;
    return conversation;
}

// What the row says of its ends. Their owners are told in the header, or below it.
void LadderView::learn(Conversation& conversation, Rail rail, const Entry& entry) {
    auto& end = conversation.end(rail);
    auto& peer = conversation.end(other(rail));
    const auto& side = *entry.side;
    end.name = side.local;
    peer.name = side.remote;
    end.role = side.role;
    end.netns = side.netns;
    if (side.peer != nullptr) {
        peer.role = side.peer->role;
        peer.netns = side.peer->netns;
        if (side.peer != &side)
            peer.id = side.peer->id;
    }
}

void LadderView::open(Conversation& conversation, Rail rail, const Entry& entry) {
    auto& end = conversation.end(rail);
    auto& peer = conversation.end(other(rail));
    const bool again = conversation.has_header;
    end.owner = entry.side->owner;
    if (entry.side->peer != nullptr)
        peer.owner = entry.side->peer->owner;
    if (const auto* state = std::get_if<StateEntry>(&entry.body); state != nullptr && !again) {
        end.state = state->from;
        peer.state = listening_at(peer.name);
    }
    picture_.start_row(entry, &conversation);
    if (wrote_ || again)
        picture_.blank_line();
    if (again || conversation.number != 1)
        picture_.title(conversation, again);
    picture_.header(conversation, hosts_);
    picture_.states(conversation);
    conversation.has_header = true;
    conversation.interrupted = false;
    wrote_ = true;
}

// A listener's child belongs to whoever accepts it, which is known a little later.
void LadderView::learn_owner(Conversation& conversation, Rail rail, const Side& side) {
    auto& end = conversation.end(rail);
    if (side.owner.pid == 0 ||
        (side.owner.pid == end.owner.pid && side.owner.comm == end.owner.comm))
        return;
    const bool first = end.owner.pid == 0;
    end.owner = side.owner;
    Entry no_row;
    picture_.remark().clear();
    picture_.remark().style(Style::kDim);
    picture_.remark().append(first ? "this is " : "this is now ");
    append_owner(picture_.remark(), side.owner, picture_.remark_columns() - 12, format_.utf8);
    picture_.without_number();
    picture_.at_rail(conversation, rail, false);
}

void LadderView::show(const SegmentEntry& segment, const Entry& entry, Conversation& conversation) {
    const auto rail = meet(conversation, *entry.side);
    conversation.symbols.learn(rail, segment);
    arrow_.set(segment, rail, conversation.symbols);
    const bool lost = segment.notes.has(Note::kNotReceived);
    picture_.arrow(conversation, rail, arrow_, lost, lost ? word(Note::kNotReceived) : "");
}

void LadderView::show(const StateEntry& state, const Entry& entry, Conversation& conversation) {
    const auto rail = meet(conversation, *entry.side);
    auto& end = conversation.end(rail);
    const bool surprising = end.state != state.from;
    end.state = state.to;
    end.inferred = !state.observed;
    append_state_cause(state, surprising);
    picture_.at_rail(conversation, rail, true);
    if (conversation.is_done())
        forget_old(conversation);
}

void LadderView::append_state_cause(const StateEntry& state, bool show_from) {
    const auto& cause = state.cause;
    auto& remark = picture_.remark();
    const bool known = cause.type != CauseType::kUnknown && !cause.what.empty();
    if (!known)
        remark.style(Style::kWarning);
    remark.append(known ? cause.what : "unknown cause");
    remark.style(Style::kPlain);
    if (cause.n != 0) {
        remark.append(" #");
        remark.text().append_decimal(cause.n);
    }
    if (show_from) {
        remark.style(Style::kDim);
        remark.append(" (was ");
        remark.append(name(state.from));
        remark.append(")");
    }
}

void LadderView::show(const RetransmitEntry& retransmit, const Entry& entry,
                      Conversation& conversation) {
    const auto rail = meet(conversation, *entry.side);
    auto& remark = picture_.remark();
    remark.style(Style::kWarning);
    remark.append("sent again: ");
    if (format_.absolute) {
        remark.text().append_decimal(retransmit.seq);
        remark.append(":");
        remark.text().append_decimal(retransmit.end);
    } else {
        conversation.symbols.append(remark.text(), rail, retransmit.seq);
        remark.append(":");
        conversation.symbols.append(remark.text(), rail, retransmit.end);
    }
    if (!retransmit.why.empty()) {
        remark.append(" (");
        remark.append(retransmit.why);
        remark.append(")");
    }
    if (retransmit.error != 0) {
        remark.append(" failed: error ");
        remark.text().append_signed(retransmit.error);
    }
    picture_.at_rail(conversation, rail, false);
}

namespace {

// The kernel's name for why, if it has one: `: NO_SOCKET`.
void append_reason(Line& line, const ReasonName& name) {
    std::string_view reason(name.data(), name.size());
    reason = reason.substr(0, reason.find('\0'));
    line.append(reason.empty() ? "" : ": ");
    while (!reason.empty()) {
        const auto glyph = glyph_of(reason, false);
        line.append(glyph);
        reason.remove_prefix(glyph.source);
    }
}

}  // namespace

void LadderView::show(const ResetEntry& reset, const Entry& entry, Conversation& conversation) {
    const auto rail = meet(conversation, *entry.side);
    auto& remark = picture_.remark();
    remark.style(Style::kFailure);
    remark.append(reset.sent ? "sends RST" : "RST received");
    append_reason(remark, reset.reason);
    picture_.at_rail(conversation, rail, false);
}

// Its arrow has been drawn already, and led there. A segment that nobody saw leave has
// no arrow.
void LadderView::show(const DropEntry& drop, const Entry& entry, Conversation& conversation) {
    const auto rail = meet(conversation, *entry.side);
    auto& remark = picture_.remark();
    remark.style(Style::kFailure);
    remark.append_utf8(format_.utf8 ? "\u2717 " : "X ");
    if (drop.n != 0) {
        remark.append("#");
        remark.text().append_decimal(drop.n);
    } else {
        append_flags(remark.text(), drop.flags);
    }
    remark.append(" dropped");
    append_reason(remark, drop.reason);
    picture_.at_rail(conversation, drop.n != 0 ? other(rail) : rail, false);
}

void LadderView::show(const NoteEntry& note, const Entry& entry, Conversation& conversation) {
    auto& remark = picture_.remark();
    remark.style(Style::kDim);
    remark.append_utf8(note.text);
    picture_.at_rail(conversation, meet(conversation, *entry.side), false);
}

void LadderView::show(const LostEntry& lost, const Entry& entry, Conversation& /*conversation*/) {
    this->lost(lost, entry);
}

void LadderView::show(const SummaryEntry& /*summary*/, const Entry& /*entry*/,
                      Conversation& /*conversation*/) {}

std::string_view LadderView::sentence_of(const Entry& entry) {
    return explainer_ ? explainer_->explain(entry) : std::string_view();
}

// --- Rows of no conversation

void LadderView::lost(const LostEntry& lost, const Entry& entry) {
    auto& remark = picture_.remark();
    remark.style(Style::kFailure);
    remark.append("-- ");
    remark.text().append_decimal(lost.count);
    remark.append(lost.count == 1 ? " event lost here (" : " events lost here (");
    if (lost.from != 0) {
        remark.append("within ");
        append_duration(remark.text(), time_difference(entry.time, lost.from));
    } else {
        remark.append("before this");
    }
    remark.append(") --");
    picture_.across();
}

// Whatever is lost may be missing in each ladder that is not finished.
void LadderView::of_trace(const Entry& entry) {
    const std::string_view sentence = sentence_of(entry);
    bool told = false;
    if (is_lost(entry) && !format_.interleave) {
        for (auto& [number, conversation] : conversations_) {
            if (!conversation.has_header || conversation.is_done())
                continue;
            picture_.clear();
            picture_.start_row(entry, &conversation);
            lost(std::get<LostEntry>(entry.body), entry);
            picture_.sentence(sentence, &conversation);
            conversation.last_row = entry.time;
            emit(conversation);
            told = true;
        }
    }
    if (told)
        return;
    picture_.start_row(entry, nullptr);
    if (const auto* lost = std::get_if<LostEntry>(&entry.body)) {
        this->lost(*lost, entry);
    } else if (const auto* note = std::get_if<NoteEntry>(&entry.body)) {
        picture_.remark().style(Style::kDim);
        picture_.remark().append_utf8(note->text);
        picture_.across();
    }
    picture_.sentence(sentence, nullptr);
    output_.write(picture_.text());
}

void LadderView::of_listener(const Entry& entry) {
    const auto& side = *entry.side;
    const auto* state = std::get_if<StateEntry>(&entry.body);
    if (state == nullptr)
        return;
    const auto known = std::find(listeners_.begin(), listeners_.end(), side.local);
    if (state->to == TcpState::kListen && known == listeners_.end() &&
        listeners_.size() < kListeners) {
        listeners_.push_back(side.local);
    } else if (state->to != TcpState::kListen && known != listeners_.end()) {
        listeners_.erase(known);
    }
    if (!format_.conversations.empty())
        return;
    picture_.start_row(entry, nullptr);
    auto& remark = picture_.remark();
    auto& out = remark.text();
    out.set_end(format_to(out.room(kMaxEndpointText), side.local));
    remark.append("  ");
    remark.style(Style::kState);
    remark.append(name(state->from));
    remark.append_utf8(format_.utf8 ? " → " : " -> ");
    remark.append(name(state->to));
    remark.append(state->observed ? "" : "*");
    remark.style(Style::kPlain);
    remark.append("  ");
    append_state_cause(*state, false);
    remark.append("  ");
    append_owner(remark, side.owner, 24, format_.utf8);
    picture_.across();
    picture_.sentence(sentence_of(entry), nullptr);
    wrote_ = true;
    output_.write(picture_.text());
}

TcpState LadderView::listening_at(const Endpoint& local) const {
    const auto hears = [&](const Endpoint& listener) {
        const bool any = listener.address.bytes == Address{}.bytes;
        return listener.port == local.port && (any || listener.address == local.address);
    };
    return std::any_of(listeners_.begin(), listeners_.end(), hears) ? TcpState::kListen
                                                                    : TcpState::kUnknown;
}

// --- Whose turn it is

void LadderView::emit(Conversation& conversation) {
    if (format_.interleave) {
        output_.write(picture_.text());
        return;
    }
    if (current_ == nullptr)
        current_ = &conversation;
    if (current_ == &conversation) {
        output_.write(picture_.text());
        return;
    }
    conversation.waiting += picture_.text();
    waiting_ += picture_.text().size();
    if (current_->is_done() || waiting_ > kMostWaiting)
        pass_turn();
}

// To the first that has something to say, and so on as long as those are over.
void LadderView::pass_turn() {
    do {
        const auto next = std::find_if(conversations_.begin(), conversations_.end(),
                                       [](const auto& it) { return !it.second.waiting.empty(); });
        if (next == conversations_.end())
            return;
        current_->interrupted = true;
        current_ = &next->second;
        write_out(*current_);
    } while (current_->is_done());
}

void LadderView::write_out(Conversation& conversation) {
    output_.write(conversation.waiting);
    waiting_ -= conversation.waiting.size();
    conversation.waiting.clear();
    conversation.waiting.shrink_to_fit();
}

void LadderView::forget_old(const Conversation& conversation) {
    done_.push_back(conversation.number);
    if (done_.size() <= kRemembered)
        return;
    const auto oldest = conversations_.find(done_.front());
    done_.pop_front();
    if (oldest == conversations_.end() || &oldest->second == current_ ||
        &oldest->second == latest_ || !oldest->second.waiting.empty())
        return;
    conversations_.erase(oldest);
}

void LadderView::end() {
    for (auto& [number, conversation] : conversations_)
        write_out(conversation);
}

}  // namespace tcpladder

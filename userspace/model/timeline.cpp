// SPDX-License-Identifier: MIT
#include "model/timeline.h"

#include <algorithm>

namespace tcpladder {

void InFlight::add(PendingEntry& pending) {
    (last_ != nullptr ? last_->next_in_flight : first_) = &pending;
    last_ = &pending;
}

PendingEntry& Timeline::push(MonoNs time, SocketSide* side) {
    auto& pending = pending_.push();
    pending.cause_id = pending.copy_of_id = pending.acks_id = 0;
    pending.wait = Wait::kNothing;
    pending.withdrawn = pending.on_condition = pending.watched = false;
    pending.id = ++last_id_;
    pending.side = side;
    pending.entry.time = time;
    pending.entry.side = side != nullptr ? &side->shown : nullptr;
    if (side != nullptr)
        ++side->connection->rows;
    return pending;
}

void Timeline::push_summary(MonoNs time, SocketSide& client) {
    auto& pending = push(time, &client);
    --last_id_;
    pending.id = 0;
    pending.entry.body.emplace<SummaryEntry>();
}

void Timeline::show_summary(Entry& entry, SocketSide& client) {
    summary_ = summarise(*client.connection, entry.time);
    entry.n = 0;
    std::get<SummaryEntry>(entry.body).connection = &summary_;
    sink_->entry(entry);
}

void Timeline::release(MonoNs now) {
    at_end_ = now == INT64_MAX;
    if (!at_end_)
        now_ = now;
    while (!pending_.empty() && is_due(pending_.front(), now)) {
        auto& pending = pending_.front();
        show(pending);
        if (pending.side != nullptr)
            --pending.side->connection->rows;
        pending_.pop();
    }
}

void Timeline::finish() {
    release(INT64_MAX);
}

namespace {

bool still_waits(const PendingEntry& pending) {
    if (pending.wait == Wait::kPort)
        return pending.side->shown.local.port == 0;
    return pending.wait != Wait::kNothing;
}

}  // namespace

bool Timeline::is_due(const PendingEntry& pending, MonoNs now) const {
    const auto longest = pending.wait == Wait::kReceipt ? transit_
                         : pending.wait == Wait::kPort  ? kPortHold
                                                        : kHold;
    return !still_waits(pending) || pending.withdrawn || now - longest >= pending.entry.time;
}

void Timeline::add_gap(MonoNs from, MonoNs until) {
    const bool goes_on = gap_until_ >= from - transit_;
    gap_from_ = goes_on ? std::min(gap_from_, from) : from;
    gap_until_ = until;
}

// Both ends are seen, there was time enough, and no record is missing.
bool Timeline::is_lost(const PendingEntry& pending) const {
    if (pending.wait != Wait::kReceipt || !pending.watched)
        return false;
    const auto sent = pending.entry.time;
    const auto latest = sent + (at_end_ ? std::min(transit_, lost_at_end_) : transit_);
    return now_ >= latest && (latest < gap_from_ || sent > gap_until_);
}

void Timeline::show(PendingEntry& pending) {
    let_go(pending);
    if (pending.withdrawn || (pending.on_condition && still_waits(pending))) {
        withdraw(pending.id);
        return;
    }
    if (pending.id == 0)
        return show_summary(pending.entry, *pending.side);
    pending.entry.n = ++shown_;
    resolve(pending);
    sink_->entry(pending.entry);
}

// Rows that a row names have their final positions when they are shown: earlier.
void Timeline::resolve(PendingEntry& pending) const {
    if (auto* segment = std::get_if<SegmentEntry>(&pending.entry.body)) {
        if (pending.copy_of_id != 0)
            segment->copy_of = position_of(pending.copy_of_id);
        if (pending.acks_id != 0)
            segment->acks = position_of(pending.acks_id);
        if (!segment->notes.empty())
            pending.side->tell(segment->notes);
    } else if (pending.cause_id != 0) {
        if (auto* state = std::get_if<StateEntry>(&pending.entry.body))
            state->cause.n = position_of(pending.cause_id);
        else if (auto* drop = std::get_if<DropEntry>(&pending.entry.body))
            drop->n = position_of(pending.cause_id);
    }
}

// Nobody may point to a row that is gone.
void Timeline::let_go(PendingEntry& pending) {
    if (pending.side == nullptr)
        return;
    auto& activity = pending.side->active();
    if (pending.wait == Wait::kReceipt)
        activity.in_flight.take_first([&](PendingEntry& entry) { return &entry == &pending; });
    if (is_lost(pending)) {
        std::get<SegmentEntry>(pending.entry.body).notes.add(Note::kNotReceived);
        activity.flow.ranges.mark_lost(pending.id);
    }
    if (activity.undecided == &pending)
        activity.undecided = nullptr;
    if (activity.unexplained == &pending)
        activity.unexplained = nullptr;
}

void Timeline::withdraw(std::uint64_t id) {
    constexpr std::size_t kKept = 4096;
    withdrawn_.push_back(id);
    if (withdrawn_.size() <= kKept) {
        return;
    }
    oldest_known_ = withdrawn_.front();
    withdrawn_.pop_front();
    ++withdrawn_before_;
}

// 0 for a row that was withdrawn, or is so old that nobody knows any more.
std::uint64_t Timeline::position_of(std::uint64_t id) const {
    const auto before = std::lower_bound(withdrawn_.begin(), withdrawn_.end(), id);
    if (id <= oldest_known_ || (before != withdrawn_.end() && *before == id)) {
        return 0;
    }
    return id - withdrawn_before_ - static_cast<std::uint64_t>(before - withdrawn_.begin());
}

}  // namespace tcpladder

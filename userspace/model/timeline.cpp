// SPDX-License-Identifier: MIT
#include "model/timeline.h"

#include <algorithm>

namespace tcpladder {

PendingEntry& Timeline::push(MonoNs time, SocketSide* side) {
    auto& pending = pending_.emplace_back();
    pending.id = ++last_id_;
    pending.side = side;
    pending.entry.time = time;
    pending.entry.side = side != nullptr ? &side->shown : nullptr;
    return pending;
}

void Timeline::release(MonoNs now) {
    while (!pending_.empty() && is_due(pending_.front(), now)) {
        show(pending_.front());
        pending_.pop_front();
    }
}

void Timeline::finish() {
    release(INT64_MAX);
}

namespace {

bool still_waits(const PendingEntry& pending) {
    if (pending.wait == Wait::kPort) return pending.side->shown.local.port == 0;
    return pending.wait != Wait::kNothing;
}

}  // namespace

bool Timeline::is_due(const PendingEntry& pending, MonoNs now) const {
    return !still_waits(pending) || pending.withdrawn || now - kHold >= pending.entry.time;
}

void Timeline::show(PendingEntry& pending) {
    let_go(pending);
    if (pending.withdrawn || (pending.on_condition && still_waits(pending))) {
        withdrawn_ids_.push_back(pending.id);
        return;
    }
    pending.entry.n = ++shown_;
    if (pending.cause_id != 0) {
        if (auto* state = std::get_if<StateEntry>(&pending.entry.body))
            state->cause.n = position_of(pending.cause_id);
    }
    sink_->entry(pending.entry);
}

// Nobody may point to a row that is gone.
void Timeline::let_go(PendingEntry& pending) {
    if (pending.side == nullptr) return;
    if (pending.wait == Wait::kReceipt) std::erase(pending.side->in_flight, &pending);
    if (pending.side->undecided == &pending) pending.side->undecided = nullptr;
}

std::uint64_t Timeline::position_of(std::uint64_t id) const {
    const auto before = std::lower_bound(withdrawn_ids_.begin(), withdrawn_ids_.end(), id);
    if (before != withdrawn_ids_.end() && *before == id) return 0;
    return id - static_cast<std::uint64_t>(before - withdrawn_ids_.begin());
}

}  // namespace tcpladder

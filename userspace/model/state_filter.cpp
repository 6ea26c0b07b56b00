// SPDX-License-Identifier: MIT
#include "model/state_filter.h"

#include <algorithm>

namespace tcpladder {

bool StateFilter::wants(TcpState state) const {
    return std::find(states_.begin(), states_.end(), state) != states_.end();
}

void StateFilter::entry(const Entry& entry) {
    if (passes(entry))
        next_->entry(entry);
}

bool StateFilter::passes(const Entry& entry) {
    if (entry.side == nullptr)
        return true;
    const auto number = entry.side->connection;
    if (std::holds_alternative<SummaryEntry>(entry.body))
        return shown_.erase(number) != 0;
    const auto* state = std::get_if<StateEntry>(&entry.body);
    const bool passing =
        state != nullptr ? passes(*state, *entry.side) : connections_.contains(number);
    if (passing && number != 0)
        shown_.insert(number);
    return passing;
}

// The other end's transitions belong to it, too. A listener is no connection.
bool StateFilter::passes(const StateEntry& state, const Side& side) {
    const bool leaves = ends_.erase(side.id) != 0;
    const bool enters = wants(state.to);
    const bool stays = enters && state.to != TcpState::kClose;  // its life is over
    if (stays)
        ends_.insert(side.id);
    auto& inside = connections_[side.connection];
    const bool other_is = inside > (leaves ? 1U : 0U);
    inside += (stays ? 1U : 0U) - (leaves ? 1U : 0U);
    if (inside == 0 || side.connection == 0)
        connections_.erase(side.connection);
    return enters || leaves || wants(state.from) || other_is;
}

}  // namespace tcpladder

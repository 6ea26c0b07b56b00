// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "model/entry.h"

namespace tcpladder {

/// Lets through what happens to a connection while one of its ends is in one of
/// the given states, from the transition into it to the one out of it. Rows about
/// the trace itself pass.
class StateFilter : public EntrySink {
public:
    StateFilter(EntrySink& next, std::vector<TcpState> states)
        : next_(&next), states_(std::move(states)) {}

    void entry(const Entry& entry) override;

private:
    bool wants(TcpState state) const;
    bool passes(const Entry& entry);
    bool passes(const StateEntry& state, const Side& side);

    EntrySink* next_;
    std::vector<TcpState> states_;
    /// Ends (Side::id) that are in such a state; how many of a connection are.
    std::unordered_set<std::uint64_t> ends_;
    std::unordered_map<std::uint32_t, unsigned> connections_;
    std::unordered_set<std::uint32_t> shown_;  ///< of which a row has passed, until its summary
};

}  // namespace tcpladder

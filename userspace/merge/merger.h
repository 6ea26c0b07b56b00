// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "merge/alignment.h"

namespace tcpladder {

/// Several recordings as one source, in the reference's time. No segment is received
/// before it was sent: where the clocks' lines would have it so, its receipt (and
/// what follows on that host) is moved, in what is shown only. Files that tell no
/// state of their own (Inferred) speak for the end that is near them.
class Merger : public EventSource {
public:
    /// `inputs` anew from their starts; `alignment` of the same, in the same order.
    Merger(std::vector<MergeInput> inputs, Alignment alignment, AddressMap addresses);

    const TraceInfo& info() const override { return info_; }
    Status next(Event& event) override;

    const Alignment& alignment() const { return alignment_; }
    std::uint64_t moved() const { return moved_; }            ///< events
    std::uint64_t duplicates() const { return duplicates_; }  ///< in two recordings of one kernel

private:
    struct Head {
        std::optional<Event> event;
        MonoNs local = 0;  ///< its time by its own clock
        bool ended = false;
    };

    bool fill(std::size_t input);
    void adopt(std::size_t input, Event& event);
    bool is_blocked(std::size_t input);
    bool is_behind(std::uint32_t host, MonoNs sent) const;
    bool is_duplicate(std::size_t input, const Event& event);

    std::vector<MergeInput> inputs_;
    Alignment alignment_;
    AddressMap addresses_;
    TraceInfo info_;
    std::vector<Head> heads_;
    std::vector<std::size_t> next_rule_;  ///< by host
    MonoNs last_ = INT64_MIN;             ///< time of the event before
    std::uint64_t moved_ = 0;
    std::uint64_t duplicates_ = 0;
    struct Seen {
        MonoNs time = 0;
        std::uint64_t key = 0;
        std::size_t input = 0;
        std::vector<std::size_t> others;  ///< whose like was left out: each has it once
    };
    bool one_kernel_twice_ = false;  ///< two inputs are of one host
    std::deque<Seen> recent_;        ///< then: events of the last microseconds
};

}  // namespace tcpladder

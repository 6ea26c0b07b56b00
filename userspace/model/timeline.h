// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <deque>

#include "model/connection.h"
#include "model/entry.h"
#include "support/reused_queue.h"

namespace tcpladder {

/// What an entry waits for before it may be shown, and those behind it with it.
enum class Wait : std::uint8_t {
    kNothing,
    kReceipt,  ///< a sent segment: its receipt on this machine
    kPort,     ///< CLOSE -> SYN_SENT: the local port, chosen a moment later
    kRefusal,  ///< the end of a mini-socket: unless its timer starts again
    kReason,   ///< a retransmission or RST: the event that tells why
};

struct PendingEntry {
    Entry entry;
    std::uint64_t id = 0;          ///< in order of arrival, from 1
    std::uint64_t cause_id = 0;    ///< of the segment that caused it (or that it drops), 0: none
    std::uint64_t copy_of_id = 0;  ///< of a segment: ids of what SegmentEntry names by row
    std::uint64_t acks_id = 0;
    SocketSide* side = nullptr;
    Wait wait = Wait::kNothing;
    bool withdrawn = false;     ///< turned out not to have happened
    bool on_condition = false;  ///< withdrawn if what it waits for does not come
    bool watched = false;       ///< a sent segment: if it arrives, that is seen
    PendingEntry* next_in_flight = nullptr;
};

template <typename IsIt>
PendingEntry* InFlight::take_first(IsIt&& is_it) {
    PendingEntry* before = nullptr;
    auto* entry = first_;
    while (entry != nullptr && !is_it(*entry)) {
        before = entry;
        entry = entry->next_in_flight;
    }
    if (entry == nullptr)
        return nullptr;
    (before != nullptr ? before->next_in_flight : first_) = entry->next_in_flight;
    if (entry == last_)
        last_ = before;
    entry->next_in_flight = nullptr;
    return entry;
}

template <typename Take>
void InFlight::take_if(Take&& take) {
    PendingEntry* before = nullptr;
    for (auto* entry = first_; entry != nullptr;) {
        auto* next = entry->next_in_flight;
        if (take(*entry)) {
            (before != nullptr ? before->next_in_flight : first_) = next;
            if (entry == last_)
                last_ = before;
            entry->next_in_flight = nullptr;
        } else {
            before = entry;
        }
        entry = next;
    }
}

/// Rows in their final order, held back for as long as one of them is waiting
/// for the fact that completes it, but never longer than kHold of event time, or
/// `transit` where that fact is a receipt (kLocalTransit if it happens on this
/// machine, longer between the hosts of a merged trace), or kPortHold where it is
/// a port.
/// What comes out is a function of the events alone, not of when they are
/// handed over: a replay prints what the live trace printed.
class Timeline {
public:
    static constexpr MonoNs kHold = 20'000'000;
    /// connect() chooses its port at once, but a busy machine may stop it before
    /// it has; and a row without a port would be wrong for good.
    static constexpr MonoNs kPortHold = 200'000'000;

    /// What is not received when the trace ends, and was sent at least `lost_at_end` before
    /// its last event, will never be; INT64_MAX: nobody knows.
    Timeline(EntrySink& sink, MonoNs transit, MonoNs lost_at_end)
        : sink_(&sink), transit_(transit), lost_at_end_(lost_at_end) {}
    MonoNs transit() const { return transit_; }

    /// Between these times records are missing: what was not seen then may have happened.
    void add_gap(MonoNs from, MonoNs until);

    /// A new last row; fill in its body. Valid until it is released.
    PendingEntry& push(MonoNs time, SocketSide* side);
    /// A summary of the connection with this end, its client. It has no position.
    void push_summary(MonoNs time, SocketSide& client);
    /// Shows what is complete, or has waited long enough, at `now`; INT64_MAX: nothing comes
    /// any more.
    void release(MonoNs now);
    /// Shows everything.
    void finish();

private:
    bool is_due(const PendingEntry& pending, MonoNs now) const;
    bool is_lost(const PendingEntry& pending) const;
    void resolve(PendingEntry& pending) const;
    void show(PendingEntry& pending);
    void show_summary(Entry& entry, SocketSide& client);
    void let_go(PendingEntry& pending);
    void withdraw(std::uint64_t id);
    std::uint64_t position_of(std::uint64_t id) const;

    EntrySink* sink_;
    MonoNs transit_;
    MonoNs lost_at_end_;
    bool at_end_ = false;
    ReusedQueue<PendingEntry> pending_;
    MonoNs now_ = 0;
    ConnectionSummary summary_;    ///< of the one that is being shown
    MonoNs gap_from_ = INT64_MAX;  ///< of the newest gap
    MonoNs gap_until_ = INT64_MIN;
    std::uint64_t last_id_ = 0;
    std::uint64_t shown_ = 0;
    std::deque<std::uint64_t> withdrawn_;  ///< the latest of them, ascending; rare
    std::uint64_t withdrawn_before_ = 0;   ///< how many there were before those
    std::uint64_t oldest_known_ = 0;       ///< positions of earlier ids are not known
};

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "model/event.h"

namespace tcpladder {

/// Puts kernel records into the order of their time.
///
/// They come in the order in which they got their place in the ring, and took
/// their time a moment later: nearly sorted. What is known to be complete is
/// released; nothing is guessed. It is known from the records (tl_header's
/// bound_ns), and when the ring was found empty (see Tracer::drain).
class RecordQueue {
public:
    /// A record, or (if `bytes` is empty) a gap.
    struct Item {
        MonoNs time;
        std::span<const std::byte> bytes;
        Lost lost;
    };

    /// Copies the record. Records that the kernel lost just before it become a
    /// gap in front of it. Records too short for a header are kept as they are:
    /// the decoder refuses them.
    void push(std::span<const std::byte> record);
    /// What the kernel has lost in all, read from its counter at the very end.
    void push_final_loss(std::uint32_t lost_total, MonoNs now);

    /// Records up to this time are all there, as far as the records themselves
    /// tell; INT64_MIN: they do not.
    MonoNs complete_until() const { return complete_until_; }
    /// Bytes of records that are held.
    std::size_t size() const { return bytes_.size(); }

    /// Calls `take(const Item&)` for everything up to `until`, in order.
    template <typename Take>
    void release(MonoNs until, Take&& take) {
        std::size_t done = 0;
        for (; done < slots_.size() && slots_[done].time <= until; ++done)
            take(item(slots_[done]));
        forget(done);
    }

private:
    struct Slot {
        MonoNs time;
        std::uint32_t offset;
        std::uint32_t size;
        std::uint64_t lost;  ///< with size 0
        MonoNs lost_from;
    };
    void insert(const Slot& slot);
    void forget(std::size_t count);
    Item item(const Slot& slot) const;

    std::vector<std::byte> bytes_;
    std::vector<Slot> slots_;  ///< sorted by time; equal times stay in ring order
    std::uint32_t lost_seen_ = 0;
    MonoNs previous_time_ = 0;  ///< of the record before, in ring order
    MonoNs complete_until_ = INT64_MIN;
};

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "model/seq.h"

namespace tcpladder {

/// Which rows carried which of an end's sequence numbers: what an acknowledgment
/// acknowledges, and what a retransmission repeats. Memory is bounded: the newest
/// kMost segments are known, and of those sent again the newest few.
class SentRanges {
public:
    /// A segment with new numbers, behind all that were added. `id` is its entry's.
    void add(Seq seq, Seq end, std::uint64_t id);
    /// One whose numbers are not new, or come late.
    void add_again(Seq seq, Seq end, std::uint64_t id);
    /// It did not reach the receiver.
    void mark_lost(std::uint64_t id);

    /// Takes note that all before `ack` is acknowledged. The newest segment that this
    /// acknowledges to its end, and that was not acknowledged before: of several copies
    /// the first that is not lost. 0: there is none.
    std::uint64_t acknowledge(Seq ack);
    /// The first segment that had the number `seq`; 0: not known.
    std::uint64_t first_with(Seq seq) const;

    /// All that it knows, to a PackedWriter or from a PackedReader; `base` is near its numbers.
    template <typename Codec>
    void each_field(Codec& codec, Seq base);

private:
    static constexpr std::size_t kFew = 4;  // a short conversation needs no more
    static constexpr std::size_t kMost = 4096;

    struct Range {
        Seq seq = 0;
        Seq end = 0;
        std::uint64_t id_and_lost = 0;  ///< together in 16 bytes; 0: no range

        std::uint64_t id() const { return id_and_lost >> 1; }
        bool lost() const { return (id_and_lost & 1) != 0; }
        bool has(Seq number) const {
            return seq_at_or_after(number, seq) && seq_before(number, end);
        }
    };
    /// Those sent again: the newest.
    struct Again {
        std::array<Range, 8> ranges{};
        std::array<bool, 8> acked{};
        std::size_t added = 0;
    };

    template <typename Codec>
    static void each_field(Codec& codec, Range& range, Seq base);
    Range& at(std::size_t i) { return ring()[(first_ + i) & (capacity_ - 1)]; }
    const Range& at(std::size_t i) const {
        return const_cast<SentRanges*>(this)->at(i);  // NOLINT(*-const-cast)
    }
    Range* ring() { return many_ != nullptr ? many_.get() : few_.data(); }
    void grow();
    const Range* acknowledge_again(Seq ack);
    const Range* copy_that_arrived(const Range& lost) const;

    std::array<Range, kFew> few_{};
    std::unique_ptr<Range[]> many_;  // NOLINT(*-avoid-c-arrays): grows by powers of two
    std::uint32_t capacity_ = kFew;
    std::uint32_t first_ = 0;
    std::uint32_t count_ = 0;
    std::uint32_t acked_ = 0;  ///< so many of them, from the first on, are acknowledged
    std::unique_ptr<Again> again_;
};

template <typename Codec>
void SentRanges::each_field(Codec& codec, Range& range, Seq base) {
    auto id = range.id();
    bool lost = range.lost();
    codec.seq(range.seq, base);
    codec.seq(range.end, range.seq);
    codec.id(id);
    codec.flags({&lost});
    range.id_and_lost = id << 1 | (lost ? 1U : 0U);
}

template <typename Codec>
void SentRanges::each_field(Codec& codec, Seq base) {
    codec.number(capacity_);
    if (capacity_ > kFew && many_ == nullptr)
        many_ = std::make_unique<Range[]>(capacity_);  // NOLINT(*-avoid-c-arrays)
    codec.number(first_);
    codec.number(count_);
    codec.number(acked_);
    for (std::size_t i = 0; i < count_; ++i)
        each_field(codec, at(i), base);
    bool again = again_ != nullptr;
    codec.flags({&again});
    if (!again)
        return;
    if (again_ == nullptr)
        again_ = std::make_unique<Again>();
    codec.number(again_->added);
    for (std::size_t i = 0; i < again_->ranges.size(); ++i) {
        each_field(codec, again_->ranges[i], base);
        codec.flags({&again_->acked[i]});
    }
}

}  // namespace tcpladder

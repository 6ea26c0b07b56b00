// SPDX-License-Identifier: MIT
#include "model/sent_ranges.h"

#include <algorithm>

namespace tcpladder {

// What is acknowledged stays until its place is needed: it may be sent again.
void SentRanges::add(Seq seq, Seq end, std::uint64_t id) {
    if (count_ == capacity_ && acked_ == 0 && capacity_ < kMost)
        grow();
    if (count_ == capacity_) {
        first_ = (first_ + 1) & (capacity_ - 1);
        --count_;
        acked_ -= acked_ > 0 ? 1 : 0;
    }
    at(count_++) = {seq, end, id << 1};
}

void SentRanges::grow() {
    auto more = std::make_unique<Range[]>(std::size_t{capacity_} * 2);  // NOLINT(*-c-arrays)
    for (std::uint32_t i = 0; i < count_; ++i)
        more[i] = at(i);
    many_ = std::move(more);
    capacity_ *= 2;
    first_ = 0;
}

void SentRanges::add_again(Seq seq, Seq end, std::uint64_t id) {
    if (again_ == nullptr)
        again_ = std::make_unique<Again>();
    const auto i = again_->added++ % again_->ranges.size();
    again_->ranges[i] = {seq, end, id << 1};
    again_->acked[i] = false;
}

void SentRanges::mark_lost(std::uint64_t id) {
    for (std::uint32_t i = count_; i > 0 && at(i - 1).id() >= id; --i)
        at(i - 1).id_and_lost |= at(i - 1).id() == id ? 1U : 0U;
    if (again_ == nullptr)
        return;
    for (auto& range : again_->ranges)
        range.id_and_lost |= range.id() == id ? 1U : 0U;
}

std::uint64_t SentRanges::acknowledge(Seq ack) {
    const Range* newest = nullptr;
    while (acked_ < count_ && !seq_before(ack, at(acked_).end))
        newest = &at(acked_++);
    if (again_ == nullptr)
        return newest != nullptr ? newest->id() : 0;
    const auto* again = acknowledge_again(ack);
    if (newest == nullptr)
        return again != nullptr ? again->id() : 0;
    if (again != nullptr && seq_before(newest->end, again->end))
        return again->id();
    const auto* copy = newest->lost() ? copy_that_arrived(*newest) : nullptr;
    return copy != nullptr ? copy->id() : newest->id();
}

// The one that ends last; of copies the first.
const SentRanges::Range* SentRanges::acknowledge_again(Seq ack) {
    const Range* newest = nullptr;
    for (std::size_t i = 0; i < again_->ranges.size(); ++i) {
        const auto& range = again_->ranges[i];
        if (range.id() == 0 || again_->acked[i] || seq_before(ack, range.end))
            continue;
        again_->acked[i] = true;
        if (range.lost())
            continue;
        const auto later = newest != nullptr ? seq_diff(range.end, newest->end) : 1;
        if (later > 0 || (later == 0 && range.id() < newest->id()))
            newest = &range;
    }
    return newest;
}

const SentRanges::Range* SentRanges::copy_that_arrived(const Range& lost) const {
    const Range* first = nullptr;
    for (const auto& range : again_->ranges) {
        if (range.id() <= lost.id() || range.lost() || !range.has(lost.end - 1))
            continue;
        if (first == nullptr || range.id() < first->id())
            first = &range;
    }
    return first;
}

std::uint64_t SentRanges::first_with(Seq seq) const {
    std::uint32_t low = 0;
    std::uint32_t high = count_;
    while (low < high) {
        const auto middle = (low + high) / 2;
        if (seq_before(seq, at(middle).end))
            high = middle;
        else
            low = middle + 1;
    }
    if (low < count_ && at(low).has(seq))
        return at(low).id();
    if (again_ == nullptr)
        return 0;
    std::uint64_t first = 0;
    for (const auto& range : again_->ranges) {
        if (range.id() != 0 && range.has(seq) && (first == 0 || range.id() < first))
            first = range.id();
    }
    return first;
}

}  // namespace tcpladder

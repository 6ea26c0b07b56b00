// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "support/huge_pages.h"

namespace tcpladder {

/// A queue of objects that stay where they are and are used again: no allocation per object
/// once it has been as long as it gets.
template <typename T>
class ReusedQueue {
public:
    bool empty() const { return count_ == 0; }
    std::size_t size() const { return count_; }
    /// From the front, less than size().
    T& operator[](std::size_t at) { return *ring_[(first_ + at) & (ring_.size() - 1)]; }
    T& front() { return (*this)[0]; }
    T& back() { return (*this)[count_ - 1]; }
    /// A new last one, as it was when it left the queue, or else as T() makes it.
    T& push() {
        if (count_ == ring_.size())
            grow();
        ++count_;
        return back();
    }
    void pop() {
        first_ = (first_ + 1) & (ring_.size() - 1);
        --count_;
    }

private:
    // The ring is full: unrolled, then followed by as many new ones.
    void grow() {
        constexpr std::size_t kFirst = 64;
        std::rotate(ring_.begin(), ring_.begin() + static_cast<std::ptrdiff_t>(first_),
                    ring_.end());
        first_ = 0;
        const auto size = ring_.empty() ? kFirst : ring_.size() * 2;
        while (ring_.size() < size)
            ring_.push_back(&storage_.add());
    }

    Slab<T> storage_;
    std::vector<T*> ring_;  ///< a power of two; all are allocated
    std::size_t first_ = 0;
    std::size_t count_ = 0;
};

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "support/huge_pages.h"

namespace tcpladder {

struct SocketSide;

/// A hash table of ends, by a key that the caller hashes and compares: open
/// addressing, so that a look-up touches one cache line and then the end itself.
/// (std::unordered_map took a third of the model's time.)
class SideTable {
public:
    /// The end with this hash that `is_it` accepts, or null.
    template <typename IsIt>
    SocketSide* find(std::uint32_t hash, IsIt&& is_it) const {
        for (std::size_t i = hash & mask(); !slots_.empty() && slots_[i].side != nullptr;
             i = (i + 1) & mask()) {
            if (slots_[i].hash == hash && is_it(*slots_[i].side))
                return slots_[i].side;
        }
        return nullptr;
    }
    /// The caller has made sure that no end with an equal key is in it.
    void insert(std::uint32_t hash, SocketSide& side);
    /// Does nothing if it is not in it.
    void erase(std::uint32_t hash, const SocketSide& side);

private:
    struct Slot {
        std::uint32_t hash = 0;
        SocketSide* side = nullptr;
    };
    std::size_t mask() const { return slots_.size() - 1; }
    void grow();

    std::vector<Slot, HugeAllocator<Slot>>
        slots_;  ///< a power of two of them, at most half full: a search ends soon
    std::size_t used_ = 0;
};

}  // namespace tcpladder

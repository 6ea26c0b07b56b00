// SPDX-License-Identifier: MIT
#include "model/side_table.h"

#include <algorithm>

namespace tcpladder {

void SideTable::insert(std::uint32_t hash, SocketSide& side) {
    if (slots_.empty() || used_ * 2 >= slots_.size())
        grow();
    std::size_t i = hash & mask();
    while (slots_[i].side != nullptr)
        i = (i + 1) & mask();
    slots_[i] = {hash, &side};
    ++used_;
}

// What stands behind the hole and could not stand earlier moves up, so that no
// search ends too soon.
void SideTable::erase(std::uint32_t hash, const SocketSide& side) {
    if (slots_.empty())
        return;
    std::size_t hole = hash & mask();
    while (slots_[hole].side != &side) {
        if (slots_[hole].side == nullptr)
            return;
        hole = (hole + 1) & mask();
    }
    --used_;
    for (std::size_t i = (hole + 1) & mask(); slots_[i].side != nullptr; i = (i + 1) & mask()) {
        const std::size_t home = slots_[i].hash & mask();
        if (((i - home) & mask()) < ((i - hole) & mask()))
            continue;
        slots_[hole] = slots_[i];
        hole = i;
    }
    slots_[hole] = {};
}

// What is large has a huge page, and then at once all of it: to get the next one, for twice as
// much, the kernel would clear it, which takes longer than to fill it.
void SideTable::grow() {
    constexpr std::size_t kFirst = 64;
    auto old = std::move(slots_);
    auto size = old.empty() ? kFirst : old.size() * 2;
    if (size * sizeof(Slot) >= HugeAllocator<Slot>::kLarge)
        size = std::max(size, kHugePage / sizeof(Slot));
    slots_.assign(size, {});
    used_ = 0;
    for (const auto& slot : old) {
        if (slot.side != nullptr)
            insert(slot.hash, *slot.side);
    }
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "model/event.h"

namespace tcpladder {

struct SocketSide;

/// The latest rows of segments, whosever: a drop comes soon after the sending or the
/// receipt, but the row may have been shown already, and the socket forgotten.
class RecentSegments {
public:
    struct Item {
        std::uint64_t id = 0;          ///< of the row, see Timeline; 0: none
        SocketSide* sender = nullptr;  ///< may be another connection's by now
        std::uint64_t skb = 0;
        Seq seq = 0;
        Seq ack = 0;
    };

    void add(const Item& item) { items_[next_++ % kItems] = item; }

    /// The newest that `is_it` (given a const Item&) accepts; null if there is none.
    template <typename IsIt>
    const Item* newest(IsIt&& is_it) const {
        for (std::size_t i = 1; i <= kItems; ++i) {
            const auto& item = items_[(next_ - i) % kItems];
            if (item.id != 0 && is_it(item))
                return &item;
        }
        return nullptr;
    }

private:
    static constexpr std::size_t kItems = 256;  // a power of two
    std::array<Item, kItems> items_{};
    std::size_t next_ = 0;
};

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "model/event.h"

namespace tcpladder {

/// What the kernel side cuts in a live trace, done to events: see bpf/filter.bpf.h.
struct EventFilter {
    std::uint16_t port = 0;    ///< either end; 0: any
    std::uint8_t version = 0;  ///< 4 or 6; 0: any
    Address host;              ///< either end; version 0: any
    std::uint32_t netns = 0;   ///< inode number; 0: any

    bool accepts(const Event& event) const {
        return accepts_all() || (is_in_netns(event) && accepts_ends_of(event));
    }

private:
    bool accepts_all() const {
        return port == 0 && version == 0 && host.version == 0 && netns == 0;
    }
    bool is_in_netns(const Event& event) const;
    bool accepts_ends_of(const Event& event) const;
};

}  // namespace tcpladder

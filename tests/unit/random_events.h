// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "model/event.h"

namespace tcpladder::test {

/// Events of a few conversations as no kernel would send them: any state after any other,
/// segments that nobody sent, names of any bytes, gaps. Their times only grow.
class RandomEvents {
public:
    explicit RandomEvents(unsigned seed) : random_(seed) {}

    Event next();

private:
    bool chance(unsigned of) { return random_() % of == 0; }
    std::uint32_t below(std::uint32_t most) { return static_cast<std::uint32_t>(random_() % most); }
    SocketEnds ends(bool of_client);
    Task random_task();
    TcpState random_state() { return static_cast<TcpState>(below(13)); }
    Seq random_seq() { return chance(20) ? below(UINT32_MAX) : 0xfffffff0U + below(40); }
    Segment random_segment();
    StateChange random_change();
    decltype(Event::body) random_body();

    std::mt19937_64 random_;
    MonoNs now_ = 1'000'000'000;
    std::vector<Segment> under_way_;
};

}  // namespace tcpladder::test

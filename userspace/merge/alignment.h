// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "merge/address_map.h"
#include "merge/clock_map.h"
#include "merge/segment_matcher.h"
#include "model/event_source.h"

namespace tcpladder {

/// One of the recordings to be merged.
struct MergeInput {
    std::unique_ptr<EventSource> source;
    std::string name;     ///< where the source does not know its host
    std::string boot_id;  ///< equal ones share a clock, sockets and namespaces; empty: not known
};

/// How a recording's clock was told in the reference's, the first one's.
struct AlignedClock {
    enum class Basis {
        kReference,
        kSameKernel,  ///< as another recording: nothing to align
        kSegments,    ///< segments in both directions: the bound holds
        kOneWay,      ///< in one direction only: no bound
        kWallClock,   ///< no segment in common: both hosts' clocks are trusted
    };
    Basis basis = Basis::kReference;
    ClockMap map;
    std::uint32_t host = 0;  ///< position in TraceInfo::hosts
    std::string name;
    std::int64_t ahead = 0;     ///< ns that its wall clock is ahead of the reference's, at first
    std::int64_t bound = 0;     ///< ns, the largest possible error
    double drift = 0;           ///< ns per second, of the first stretch
    std::size_t stretches = 1;  ///< straight ones; more if the clock was stepped or slewed
    std::size_t dropped = 0;    ///< matches that fit nothing
    MatchCounts matches;
};

/// A receipt that would come before its sending: the merger holds it back.
struct OrderRule {
    std::uint32_t from = 0;
    MonoNs sent = 0;      ///< by the sender's clock
    MonoNs received = 0;  ///< by the receiver's clock
};

struct Alignment {
    std::vector<AlignedClock> clocks;           ///< of each input
    std::vector<std::string> hosts;             ///< names, each once
    std::vector<std::vector<OrderRule>> rules;  ///< by receiving host, sorted by `received`
    MonoNs longest_transit = 0;                 ///< of a matched segment, ns
};

/// Reads the inputs to their ends and aligns their clocks with the first one's by
/// the segments that they share; directly, or through others that are aligned
/// already. Memory: 24 bytes for each matched segment.
Alignment align(std::vector<MergeInput>& inputs, const AddressMap& addresses);

}  // namespace tcpladder

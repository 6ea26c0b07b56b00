// SPDX-License-Identifier: MIT
#pragma once

#include <unordered_map>

#include "model/connections.h"
#include "model/event.h"

namespace tcpladder {

/// Picks one end of each connection, the one that was seen first: what it sent and
/// received is what a capture at its place would hold. A program that analyses TCP
/// takes the other end's sightings for retransmissions.
class OneEnd {
public:
    /// Whether the segment was seen where its connection is looked at from.
    bool has(const Event& event, const Segment& segment);

private:
    /// By the connection, whichever end it is seen from: the end that was seen first.
    std::unordered_map<FlowKey, FlowKey, FlowKeyHash> chosen_;
};

}  // namespace tcpladder

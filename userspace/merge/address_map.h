// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/event.h"

namespace tcpladder {

/// What address translation (NAT) between the hosts has hidden: which end is
/// really which. Applied to the events of all hosts, both ends of a connection
/// find each other again. Raw header bytes stay as they were on the wire.
class AddressMap {
public:
    AddressMap() = default;
    /// From texts such as `203.0.113.9:61000=10.0.0.5:40000` (one end) or
    /// `198.51.100.1=10.0.0.2` (all ports of an address): what is seen = what it is.
    /// Throws UsageError.
    explicit AddressMap(const std::vector<std::string>& texts);

    bool empty() const { return ends_.empty(); }
    Endpoint translate(const Endpoint& seen) const;
    void translate(Event& event) const;

private:
    std::map<Endpoint, Endpoint> ends_;  ///< port 0: any
};

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include "lab/scenario.h"
#include "model/address.h"

namespace tcpladder::lab {

/// The client is 192.0.2.1 and 2001:db8::1, the server .2 and ::2: networks that
/// are kept for documentation (RFC 5737, RFC 3849), so no route leads out of them.
inline Address address_of(Host host, std::uint8_t version) {
    const std::uint8_t last = host == Host::kClient ? 1 : 2;
    Address address;
    address.version = version;
    if (version == 4)
        address.bytes = {192, 0, 2, last};
    else
        address.bytes = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last};
    return address;
}

}  // namespace tcpladder::lab

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

namespace tcpladder {

/// A capability of the kernel (capabilities(7)).
struct Capability {
    unsigned number;
    std::string_view name;  ///< as in `CAP_BPF`
};

/// Bit N stands for capability N, as in /proc/PID/status.
using CapabilitySet = std::uint64_t;

constexpr CapabilitySet bit(Capability capability) {
    return CapabilitySet{1} << capability.number;
}

/// What this process may do now.
CapabilitySet effective_capabilities();

/// Makes them the effective and permitted ones, and no others; none is
/// inherited any more. Throws Error: one of them is not permitted.
void set_capabilities(CapabilitySet wanted);

}  // namespace tcpladder

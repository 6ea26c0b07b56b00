// SPDX-License-Identifier: MIT
#include "support/capabilities.h"

#include <array>
#include <cerrno>

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support/error.h"

namespace tcpladder {
namespace {

/// Lower and upper half: the kernel's version 3 of this call.
using Words = std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>;

long call(long number, const Words& words) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    return ::syscall(number, &header, words.data());
}

}  // namespace

CapabilitySet effective_capabilities() {
    Words words{};
    if (call(SYS_capget, words) != 0)
        throw system_error("cannot read the capabilities", errno);
    return words[0].effective | CapabilitySet{words[1].effective} << 32;
}

void set_capabilities(CapabilitySet wanted) {
    const auto low = static_cast<std::uint32_t>(wanted);
    const auto high = static_cast<std::uint32_t>(wanted >> 32);
    const Words words{{{low, low, 0}, {high, high, 0}}};
    ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);  // always allowed
    if (call(SYS_capset, words) != 0)
        throw system_error("cannot give up capabilities", errno);
}

}  // namespace tcpladder

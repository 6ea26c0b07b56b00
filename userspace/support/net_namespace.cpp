// SPDX-License-Identifier: MIT
#include "support/net_namespace.h"

#include <sys/stat.h>

namespace tcpladder {

std::uint32_t own_netns() {
    struct stat status {};
    return ::stat("/proc/self/ns/net", &status) == 0 ? static_cast<std::uint32_t>(status.st_ino)
                                                     : 0;
}

}  // namespace tcpladder

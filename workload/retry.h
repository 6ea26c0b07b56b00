// SPDX-License-Identifier: MIT
#pragma once

#include <cerrno>

namespace daytime {

/// Makes a system call (-1 means failure, reason in errno) again until no signal interrupts it.
template <class Call>
auto retry_interrupted(Call call) {
    auto result = call();
    while (result == -1 && errno == EINTR) {
        result = call();
    }
    return result;
}

}  // namespace daytime

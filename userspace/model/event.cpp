// SPDX-License-Identifier: MIT
#include "model/event.h"

#include <algorithm>

namespace tcpladder {

std::string_view Task::name() const {
    return {comm.begin(), std::find(comm.begin(), comm.end(), '\0')};
}

}  // namespace tcpladder

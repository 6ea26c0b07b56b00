// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "model/event.h"

namespace tcpladder {

/// What two tracers of one kernel say alike of one event, in 64 bits: all that matters of
/// it but the time and what is disguised in each recording with a key of its own.
std::uint64_t event_key(const Event& event);

}  // namespace tcpladder

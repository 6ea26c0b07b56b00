// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>

namespace daytime {

/// Sleeps that long, however often a signal interrupts; not at all for 0.
void pause_for(std::chrono::nanoseconds pause);

}  // namespace daytime

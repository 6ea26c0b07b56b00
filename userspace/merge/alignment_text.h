// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "merge/alignment.h"

namespace tcpladder {

/// One sentence for the user: `server's clock is 3.214 ms ahead of client's, ±66 us,
/// drift 12 ppm (212 segments matched, 0 not)`. Empty for the reference.
std::string alignment_text(const AlignedClock& clock, const std::string& reference);

}  // namespace tcpladder

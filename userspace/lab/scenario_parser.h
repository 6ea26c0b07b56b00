// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "lab/scenario.h"

namespace tcpladder::lab {

/// Reads a scenario; docs/lab.md has its language. `file` is for messages, `name`
/// becomes its name. Throws Error: `FILE:LINE: 'the words': what is wrong`.
Scenario parse_scenario(std::string_view text, const std::string& file, const std::string& name);

}  // namespace tcpladder::lab

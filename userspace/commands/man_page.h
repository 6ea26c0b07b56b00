// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "commands/command_doc.h"

namespace tcpladder {

/// tcpladder(8), or tcpladder-COMMAND(8), in roff. `version`: as it is shown in
/// the page's foot.
std::string man_page(const CommandDoc& program, const std::string& command,
                     const std::string& version);

}  // namespace tcpladder

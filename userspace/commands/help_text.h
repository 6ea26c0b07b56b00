// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "commands/command_doc.h"

namespace tcpladder {

/// What --help prints, in 80 columns.
std::string help_text(const CommandDoc& command);

}  // namespace tcpladder

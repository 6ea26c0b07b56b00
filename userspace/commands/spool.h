// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <vector>

#include "commands/input_file.h"
#include "support/unique_fd.h"

namespace tcpladder {

/// Copies pipes to files that have no name, all at once, until their ends or Ctrl-C,
/// for what has to be read twice. One file for each pipe. Throws Error.
std::vector<UniqueFd> spool(const std::vector<std::unique_ptr<InputFile>>& pipes);

}  // namespace tcpladder

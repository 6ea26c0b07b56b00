// SPDX-License-Identifier: MIT
#pragma once

#include "commands/input_file.h"
#include "support/unique_fd.h"

namespace tcpladder {

/// Copies a pipe to a file that has no name, until its end or Ctrl-C, for what has
/// to be read twice. Throws Error.
UniqueFd spool(InputFile& pipe);

}  // namespace tcpladder

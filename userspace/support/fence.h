// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace tcpladder {

/// From here on this process and those that it starts run no program, change no
/// file and make no TCP connection, whoever they are: Landlock, as far as the
/// kernel has it (5.13; files' ends 6.2, TCP 6.7). What is open stays usable,
/// and all can be read. Files can be made and written in `folder`, unless that
/// is empty. Also sets no_new_privs. Throws Error: `folder` is not there.
void put_up_fence(const std::string& folder);

}  // namespace tcpladder

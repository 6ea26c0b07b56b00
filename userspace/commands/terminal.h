// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include "commands/cli.h"

namespace tcpladder {

/// What standard output is, and what may be written to it.
struct Terminal {
    bool is_one = false;
    std::size_t columns = 0;  ///< 0: not known
    bool utf8 = false;        ///< the locale's character set
    bool no_color = false;    ///< NO_COLOR is set (no-color.org), or TERM is `dumb`
};

Terminal look_at_stdout();

/// Fills in what the command line has left open: colours, characters, width, and the
/// format. `one_conversation`: only one is followed.
void adapt(DisplayOptions& options, const Terminal& terminal, bool one_conversation);

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string_view>

namespace daytime {

/// Runs the body of main(). Returns the exit status: 0 done, 1 failed, 2 wrong usage. A failure is
/// told in one line on stderr.
int run_program(std::string_view program, const std::function<void()>& body);

/// One line on stderr, "<program>: <kind>: <text>". Control characters in the text are escaped.
void report(std::string_view program, std::string_view kind, std::string_view text);

}  // namespace daytime

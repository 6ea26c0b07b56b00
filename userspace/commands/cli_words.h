// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/tcp_state.h"

namespace tcpladder {

/// What stands before and behind the first `--` of `trace`.
struct SplitLine {
    std::vector<const char*> own;
    std::vector<std::string> command;
};

/// Throws UsageError if there is a `--` and no command behind it.
SplitLine split_command(int argc, const char* const* argv);

/// `show FILE… [filter]`: takes the filter off the end of the words. It begins with
/// the first word that is no file and has no dot nor slash, as all words that a filter
/// may begin with but bare addresses. The first word of all is a file.
std::vector<std::string> take_filter(std::vector<std::string>& words);

/// `SYN-RECEIVED,time_wait`. Throws UsageError.
std::vector<TcpState> parse_states(std::string_view text);

}  // namespace tcpladder

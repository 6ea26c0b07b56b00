// SPDX-License-Identifier: MIT
#include "commands/cli_words.h"

#include <algorithm>

#include <fmt/core.h>
#include <unistd.h>

#include "support/error.h"

namespace tcpladder {

SplitLine split_command(int argc, const char* const* argv) {
    const std::vector<const char*> words(argv, argv + argc);
    if (argc < 2 || std::string_view(words[1]) != "trace")
        return {words, {}};
    const auto dashes = std::find_if(words.begin(), words.end(),
                                     [](std::string_view word) { return word == "--"; });
    if (dashes == words.end())
        return {words, {}};
    if (dashes + 1 == words.end())
        throw UsageError("behind -- there is no command", "tcpladder trace -- COMMAND ARGUMENT…");
    return {{words.begin(), dashes}, {dashes + 1, words.end()}};
}

std::vector<std::string> take_filter(std::vector<std::string>& words) {
    const auto is_file = [](const std::string& word) {
        const bool looks_like_one =
            word.find_first_of("./") != std::string::npos && word.find(' ') == std::string::npos;
        return word == "-" || looks_like_one || ::access(word.c_str(), F_OK) == 0;
    };
    if (words.empty())
        return {};
    const auto first = std::find_if_not(words.begin() + 1, words.end(), is_file);
    std::vector<std::string> filter(first, words.end());
    words.erase(first, words.end());
    return filter;
}

std::vector<TcpState> parse_states(std::string_view text) {
    std::vector<TcpState> states;
    while (true) {
        const auto comma = text.find(',');
        const auto word = text.substr(0, comma);
        const auto state = tcp_state_named(word);
        if (!state)
            throw UsageError(fmt::format("--state: '{}' is no state of TCP", word),
                             "as ESTABLISHED, SYN_RECV, FIN-WAIT-1, close-wait");
        states.push_back(*state);
        if (comma == std::string_view::npos)
            return states;
        text.remove_prefix(comma + 1);
    }
}

}  // namespace tcpladder

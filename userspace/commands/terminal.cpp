// SPDX-License-Identifier: MIT
#include "commands/terminal.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <string>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

namespace tcpladder {
namespace {

constexpr std::size_t kColumns = 100;  // where nothing is known

std::string_view variable(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

// By the name alone: whether the locale is installed here does not matter.
bool locale_is_utf8() {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        if (variable(name).empty())
            continue;
        std::string value(variable(name));
        std::transform(value.begin(), value.end(), value.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        return value.find("utf-8") != std::string::npos || value.find("utf8") != std::string::npos;
    }
    return false;
}

}  // namespace

Terminal look_at_stdout() {
    Terminal terminal;
    terminal.is_one = ::isatty(STDOUT_FILENO) == 1;
    terminal.utf8 = locale_is_utf8();
    terminal.no_color = !variable("NO_COLOR").empty() || variable("TERM") == "dumb";
    winsize size{};
    if (terminal.is_one && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        terminal.columns = size.ws_col;
    return terminal;
}

// The lines of a pipe are ASCII, for grep.
void adapt(DisplayOptions& options, const Terminal& terminal, bool one_conversation) {
    if (!options.view_chosen && terminal.is_one && one_conversation)
        options.view = ViewKind::kLadder;
    auto& format = options.format;
    format.color = options.color == ColorChoice::kAlways ||
                   (options.color == ColorChoice::kAuto && terminal.is_one && !terminal.no_color);
    format.utf8 =
        !options.ascii && terminal.utf8 && (terminal.is_one || options.view == ViewKind::kLadder);
    format.width = options.width != 0      ? options.width
                   : terminal.columns != 0 ? terminal.columns
                                           : kColumns;
}

}  // namespace tcpladder

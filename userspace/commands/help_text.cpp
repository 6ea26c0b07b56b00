// SPDX-License-Identifier: MIT
#include "commands/help_text.h"

#include <algorithm>
#include <string_view>

#include <fmt/core.h>

namespace tcpladder {
namespace {

constexpr std::size_t kColumns = 80;
constexpr std::size_t kHelpColumn = 26;

/// Words into lines; the first one goes on where `text` stands.
void append_wrapped(std::string& text, std::string_view words) {
    auto column = kHelpColumn;
    while (!words.empty()) {
        const auto end = std::min(words.find(' '), words.size());
        const auto word = words.substr(0, end);
        words.remove_prefix(std::min(end + 1, words.size()));
        if (column > kHelpColumn && column + 1 + word.size() > kColumns) {
            text += "\n" + std::string(kHelpColumn, ' ');
            column = kHelpColumn;
        } else if (column > kHelpColumn) {
            text += ' ';
            ++column;
        }
        text += word;
        column += word.size();
    }
    text += '\n';
}

void append_row(std::string& text, std::string name, std::string_view help) {
    if (name.size() + 2 > kHelpColumn) {
        text += name + "\n";
        name.clear();
    }
    text += fmt::format("{:<{}}", name, kHelpColumn);
    append_wrapped(text, help);
}

// Long names stand below each other, whether there is a short one or not.
std::string indented(const OptionDoc& option) {
    const bool long_only = !option.names.empty() && option.names.front().starts_with("--");
    return (long_only ? "      " : "  ") + names_of(option, true);
}

}  // namespace

std::string help_text(const CommandDoc& command) {
    auto text = fmt::format("{}\nUsage: {}\n", command.description, command.usage());
    if (!command.commands.empty()) {
        text += "\nCommands:\n";
        for (const auto& each : command.commands)
            append_row(text, "  " + each.name, each.description);
    }
    if (!command.arguments.empty()) {
        text += "\nArguments:\n";
        for (const auto& argument : command.arguments)
            append_row(text, indented(argument), argument.help);
    }
    for (const auto& group : command.groups()) {
        text += "\n" + group + ":\n";
        for (const auto& option : command.options) {
            if (option.group == group)
                append_row(text, indented(option), option.help);
        }
    }
    return text + command.notes;
}

}  // namespace tcpladder

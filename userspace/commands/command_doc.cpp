// SPDX-License-Identifier: MIT
#include "commands/command_doc.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include <CLI/CLI.hpp>

namespace tcpladder {
namespace {

constexpr auto kHelpGroup = "Help";

std::string in_capitals(std::string text) {
    for (auto& c : text)
        c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> words;
    while (!text.empty()) {
        const auto end = std::min(text.find(separator), text.size());
        words.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

/// CLI11 tells a checked set of words as `TEXT:{a,b}`.
std::vector<std::string> choices_of(std::string_view type) {
    const auto start = type.find(":{");
    if (start == std::string_view::npos || !type.ends_with('}'))
        return {};
    type.remove_prefix(start + 2);
    type.remove_suffix(1);
    return split(type, ',');
}

// What CLI11 says where nobody gave the value a name tells the user nothing.
bool says_nothing(std::string_view type) {
    static constexpr std::array kTypes = {"", "TEXT", "UINT", "INT", "FLOAT", "BOOLEAN", "ENUM"};
    return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

std::string value_of(const CLI::Option& option, const OptionDoc& doc) {
    if (!doc.choices.empty())
        return CLI::detail::join(doc.choices, "|");
    const auto type = option.get_type_name();
    if (option.get_items_expected_max() == 0 && type.empty())
        return "";
    if (!says_nothing(type))
        return type;
    if (option.get_positional())
        return option.get_name(true);
    return in_capitals(option.get_lnames().empty() ? "value" : option.get_lnames().front());
}

OptionDoc describe(const CLI::Option& option) {
    OptionDoc doc;
    for (const auto& name : option.get_snames())
        doc.names.push_back("-" + name);
    for (const auto& name : option.get_lnames())
        doc.names.push_back("--" + name);
    doc.choices = choices_of(option.get_type_name());
    doc.value = value_of(option, doc);
    doc.may_lack_value = option.get_items_expected_max() == 0;
    if (doc.may_lack_value && doc.value.find('|') != std::string::npos)
        doc.choices = split(doc.value, '|');
    doc.required = option.get_required();
    doc.several = option.get_expected_max() > 1;
    doc.help = option.get_description();
    doc.group = option.get_group();
    return doc;
}

}  // namespace

std::vector<std::string> CommandDoc::groups() const {
    std::vector<std::string> names;
    for (const auto& option : options) {
        if (std::find(names.begin(), names.end(), option.group) == names.end())
            names.push_back(option.group);
    }
    return names;
}

std::string CommandDoc::usage() const {
    std::string text = "tcpladder ";
    if (name != "tcpladder")
        text += name + " ";
    text += "[OPTIONS]";
    for (const auto& argument : arguments) {
        const auto word = argument.value + (argument.several ? "…" : "");
        text += argument.required ? " " + word : " [" + word + "]";
    }
    return commands.empty() ? text : text + " COMMAND …";
}

CommandDoc describe(const CLI::App& app) {
    CommandDoc doc{.name = app.get_name(),
                   .description = app.get_description(),
                   .notes = app.get_footer(),
                   .arguments = {},
                   .options = {},
                   .commands = {}};
    for (const auto* option : app.get_options()) {
        if (option->get_group().empty())
            continue;
        auto& place = option->get_positional() ? doc.arguments : doc.options;
        place.push_back(describe(*option));
        if (option == app.get_help_ptr() || option == app.get_version_ptr())
            place.back().group = kHelpGroup;
    }
    // CLI11 makes them first; they are read last.
    std::stable_partition(doc.options.begin(), doc.options.end(),
                          [](const OptionDoc& option) { return option.group != kHelpGroup; });
    for (const auto* command : app.get_subcommands({})) {
        if (!command->get_group().empty())
            doc.commands.push_back(describe(*command));
    }
    return doc;
}

std::string names_of(const OptionDoc& option, bool with_value) {
    auto text = CLI::detail::join(option.names, ", ");
    if (!with_value || option.value.empty())
        return text;
    if (option.may_lack_value)
        return text + "[=" + option.value + "]";
    return text + (text.empty() ? "" : " ") + option.value;
}

}  // namespace tcpladder

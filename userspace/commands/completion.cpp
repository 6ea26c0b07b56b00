// SPDX-License-Identifier: MIT
#include "commands/completion.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "support/error.h"

namespace tcpladder {
namespace {

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
    std::string text;
    for (const auto& word : words)
        text += (text.empty() ? "" : std::string(separator)) + word;
    return text;
}

/// For all three shells: in single quotes.
std::string quoted(std::string_view text) {
    std::string result = "'";
    for (const char c : text)
        result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return result + "'";
}

std::vector<std::string> names(const std::vector<CommandDoc>& commands) {
    std::vector<std::string> result;
    for (const auto& command : commands)
        result.push_back(command.name);
    return result;
}

/// What is offered for a value, as shell code; empty: nothing.
struct Offers {
    std::string files, devices, users;
};

std::string offer(const OptionDoc& option, const Offers& offers) {
    if (option.takes_file())
        return offers.files;
    if (option.value == "DEVICE")
        return offers.devices;
    return option.value == "USER" ? offers.users : "";
}

// --- bash

constexpr auto kBashStart =
    R"(# bash completion for tcpladder                             -*- shell-script -*-
_tcpladder() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command= i
    # `--name=value` comes in three words.
    if [[ $current == = ]]; then current=; elif [[ $previous == = ]]; then
        previous=${COMP_WORDS[COMP_CWORD-2]}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        if [[ ${COMP_WORDS[i]} == [a-z]* ]]; then command=${COMP_WORDS[i]}; break; fi
    done
    _tcpladder_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current"); }
    _tcpladder_files() { compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current"); }
    case $command:$previous in
)";

void append_bash_values(std::string& text, const CommandDoc& command, const std::string& name) {
    static const Offers kOffers{"_tcpladder_files",
                                "_tcpladder_words \"$(command ls /sys/class/net)\"",
                                "mapfile -t COMPREPLY < <(compgen -u -- \"$current\")"};
    for (const auto& option : command.options) {
        if (option.value.empty() || option.may_lack_value)
            continue;  // the next word is another one
        std::vector<std::string> patterns;
        for (const auto& each : option.names)
            patterns.push_back(name + ":" + each);
        const auto what = option.choices.empty()
                              ? offer(option, kOffers)
                              : "_tcpladder_words " + quoted(joined(option.choices, " "));
        text += fmt::format("    {}) {}; return ;;\n", joined(patterns, "|"),
                            what.empty() ? ":" : what);
    }
}

std::string bash(const CommandDoc& program) {
    std::string text = kBashStart;
    for (const auto& command : program.commands)
        append_bash_values(text, command, command.name);
    text += "    esac\n    case $command:$current in\n";
    const auto append_options = [&text](const CommandDoc& command, const std::string& name) {
        std::vector<std::string> all;
        for (const auto& option : command.options) {
            all.insert(all.end(), option.names.begin(), option.names.end());
            if (option.may_lack_value)
                for (const auto& choice : option.choices)
                    all.push_back(option.names.back() + "=" + choice);
        }
        text += fmt::format("    {}:-*) _tcpladder_words {} ;;\n", name, quoted(joined(all, " ")));
    };
    append_options(program, "");
    for (const auto& command : program.commands)
        append_options(command, command.name);
    text += fmt::format("    :*) _tcpladder_words {} ;;\n",
                        quoted(joined(names(program.commands), " ")));
    for (const auto& command : program.commands) {
        if (!command.arguments.empty() && command.arguments.front().takes_file())
            text += fmt::format("    {}:*) _tcpladder_files ;;\n", command.name);
    }
    return text + "    esac\n}\ncomplete -F _tcpladder tcpladder\n";
}

// --- zsh

// Of a specification `--name[help]:value:action`: what would end a part.
std::string zsh_text(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '[' || c == ']' || c == ':' || c == '\\')
            result += '\\';
        result += c;
    }
    return result;
}

std::string zsh_value(const OptionDoc& option) {
    static const Offers kOffers{"_files", "_net_interfaces", "_users"};
    if (option.value.empty())
        return "";
    const auto action =
        option.choices.empty() ? offer(option, kOffers) : "(" + joined(option.choices, " ") + ")";
    return fmt::format("{}{}:{}", option.may_lack_value ? "::" : ":", zsh_text(option.value),
                       action.empty() ? " " : action);
}

void append_zsh_options(std::string& text, const CommandDoc& command, std::string_view indent) {
    for (const auto& option : command.options) {
        for (const auto& name : option.names) {
            const auto* const repeats = option.value.empty() ? "*" : "";
            const auto* const equals = option.may_lack_value && option.value.size() > 0 ? "=-" : "";
            text += fmt::format("{}{} \\\n", indent,
                                quoted(fmt::format("{}{}{}[{}]{}", repeats, name, equals,
                                                   zsh_text(option.help), zsh_value(option))));
        }
    }
}

std::string zsh(const CommandDoc& program) {
    std::string text =
        "#compdef tcpladder\nlocal curcontext=$curcontext state line\n"
        "typeset -A opt_args\n_arguments -C -S \\\n";
    append_zsh_options(text, program, "    ");
    text +=
        "    '1:command:->command' '*::argument:->argument' && return\n"
        "if [[ $state == command ]]; then\n    local -a commands=(\n";
    for (const auto& command : program.commands)
        text += "        " + quoted(command.name + ":" + zsh_text(command.description)) + "\n";
    text += "    )\n    _describe command commands\n    return\nfi\ncase $line[1] in\n";
    for (const auto& command : program.commands) {
        text += fmt::format("{})\n    _arguments -s -S \\\n", command.name);
        append_zsh_options(text, command, "        ");
        const bool files = !command.arguments.empty() && command.arguments.front().takes_file();
        text += files ? "        '*:file:_files' ;;\n" : "        ;;\n";
    }
    return text + "esac\n";
}

// --- fish

void append_fish_options(std::string& text, const CommandDoc& command, std::string_view condition) {
    static const Offers kOffers{"-F", "-xa '(command ls /sys/class/net)'",
                                "-xa '(__fish_complete_users)'"};
    for (const auto& option : command.options) {
        text += fmt::format("complete -c tcpladder -n '{}'", condition);
        for (const auto& name : option.names)
            text +=
                name.starts_with("--") ? " -l " + name.substr(2) : " -s " + quoted(name.substr(1));
        if (!option.choices.empty())
            text += fmt::format(" -{}a {}", option.may_lack_value ? "" : "x",
                                quoted(joined(option.choices, " ")));
        else if (!option.value.empty()) {
            const auto what = offer(option, kOffers);
            text += what.empty() ? " -x" : " -r " + what;
        }
        text += fmt::format(" -d {}\n", quoted(option.help));
    }
}

std::string fish(const CommandDoc& program) {
    std::string text = "complete -c tcpladder -f\n";
    append_fish_options(text, program, "__fish_use_subcommand");
    for (const auto& command : program.commands) {
        text += fmt::format("complete -c tcpladder -n __fish_use_subcommand -a {} -d {}\n",
                            command.name, quoted(command.description));
        const auto inside = "__fish_seen_subcommand_from " + command.name;
        append_fish_options(text, command, inside);
        if (!command.arguments.empty() && command.arguments.front().takes_file())
            text += fmt::format("complete -c tcpladder -n '{}' -F\n", inside);
    }
    return text;
}

}  // namespace

std::string completion(const CommandDoc& program, const std::string& shell) {
    if (shell == "bash")
        return bash(program);
    if (shell == "zsh")
        return zsh(program);
    if (shell == "fish")
        return fish(program);
    throw UsageError("there are completions for bash, zsh and fish, not for '" + shell + "'");
}

}  // namespace tcpladder

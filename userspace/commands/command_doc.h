// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace tcpladder {

/// An option, or an argument without a name, as the help tells it.
struct OptionDoc {
    std::vector<std::string> names;    ///< short ones first, with dashes; of an argument: none
    std::string value;                 ///< `PORT`; empty: it takes none
    bool required = false;             ///< of an argument
    bool several = false;              ///< of an argument: it can be given more than once
    bool may_lack_value = false;       ///< `--explain[=LANGUAGE]`
    std::vector<std::string> choices;  ///< all values that it takes; empty: others, too
    std::string help;
    std::string group;

    bool takes_file() const { return value == "FILE"; }
};

/// A command, for --help, the man pages and the completions: all are made from
/// this, so that none of them can lag behind.
struct CommandDoc {
    std::string name;         ///< `trace`; of the program itself: `tcpladder`
    std::string description;  ///< one line
    std::string notes;        ///< examples, and more paragraphs
    std::vector<OptionDoc> arguments;
    std::vector<OptionDoc> options;  ///< by group, in the order of the help
    std::vector<CommandDoc> commands;

    std::vector<std::string> groups() const;
    /// `tcpladder trace [OPTIONS]`.
    std::string usage() const;
};

/// What is hidden is left out.
CommandDoc describe(const CLI::App& app);

/// `-f, --format`; with `value`: `-f, --format ladder|lines`.
std::string names_of(const OptionDoc& option, bool with_value);

}  // namespace tcpladder

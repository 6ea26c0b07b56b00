// SPDX-License-Identifier: MIT
#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include <doctest/doctest.h>
#include <CLI/CLI.hpp>

#include "commands/cli.h"
#include "commands/command_doc.h"
#include "commands/completion.h"
#include "commands/help_text.h"
#include "commands/man_page.h"
#include "support/error.h"

using namespace tcpladder;

namespace {

std::string output(std::vector<const char*> words) {
    words.insert(words.begin(), "tcpladder");
    const auto options = parse_command_line(static_cast<int>(words.size()), words.data());
    return std::get<HelpText>(options).text;
}

std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> result;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        result.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return result;
}

/// As the program's own help lists them.
std::vector<std::string> commands() {
    std::vector<std::string> result;
    bool listed = false;
    for (const auto& line : lines(output({"--help"}))) {
        if (line == "Commands:")
            listed = true;
        else if (line.empty())
            listed = false;
        else if (listed && line[2] != ' ')
            result.push_back(line.substr(2, line.find(' ', 2) - 2));
    }
    return result;
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// A command of all kinds of options.
CommandDoc example() {
    CLI::App app{"program: what it is", "tcpladder"};
    auto* command = app.add_subcommand("cook", "Cook: what's there");
    static std::vector<std::string> files;
    static std::string text;
    static bool flag = false;
    command->add_option("FILE", files, "recipes")->required();
    command->option_defaults()->group("Taste");
    command->add_option("-s,--salt-level", text, "how much")->check(CLI::IsMember({"no", "some"}));
    command->add_option("--spice", text, "a [kind] of it: any");
    command->add_option("-w", text, "write it down")->type_name("FILE");
    command->add_flag("--hot{very}", text, "or mild")->type_name("very|mild");
    command->add_flag("-q", flag, "quietly");
    app.add_subcommand("eat", "Eat")->add_option("WHAT", text, "all");
    app.add_subcommand("hidden", "x")->group("");
    app.footer("\nExamples:\n  tcpladder cook -q\n\n.Dots are no requests.\n");
    return describe(app);
}

}  // namespace

TEST_CASE("the help fits on a terminal, and every value has a name") {
    auto names = commands();
    CHECK(names.size() >= 4);
    for (const auto& name : names) {
        CAPTURE(name);
        for (const auto& line : lines(output({name.c_str(), "--help"}))) {
            CAPTURE(line);
            CHECK(line.size() <= 100);
            CHECK_FALSE(has(line, "TEXT"));
            CHECK_FALSE(has(line, "VALUE"));  // ->type_name("…") says what it is
        }
    }
}

TEST_CASE("the help shows names, values, choices, groups") {
    const auto program = example();
    REQUIRE(program.commands.size() == 2);
    CHECK(program.commands[1].usage() == "tcpladder eat [OPTIONS] [WHAT]");
    CHECK(help_text(program.commands[0]) == R"(Cook: what's there
Usage: tcpladder cook [OPTIONS] FILE…

Arguments:
  FILE                    recipes

Taste:
  -s, --salt-level no|some
                          how much
      --spice SPICE       a [kind] of it: any
  -w FILE                 write it down
      --hot[=very|mild]   or mild
  -q                      quietly

Help:
  -h, --help              Print this help message and exit
)");
}

TEST_CASE("a man page has all that the help has") {
    const auto page = man_page(example(), "cook", "1.0");
    CHECK(has(page, ".TH tcpladder\\-cook 8"));
    CHECK(has(page, ".B \\-s, \\-\\-salt\\-level no|some\nhow much\n"));
    CHECK(has(page, ".B \\-\\-hot[=very|mild]\n"));
    const auto main = man_page(example(), "", "1.0");
    CHECK(has(main, "tcpladder \\- what it is\n"));
    CHECK(has(main, ".SH EXAMPLES\n.nf\n  tcpladder cook \\-q\n.fi\n"));
    CHECK(has(main, "\n\\&.Dots are no requests.\n"));
    CHECK_FALSE(has(main, "hidden"));
    CHECK_THROWS_AS(man_page(example(), "bake", "1.0"), UsageError);
}

TEST_CASE("completions have all options, and their words") {
    const auto program = example();
    const auto bash = completion(program, "bash");
    CHECK(has(bash, "    cook:-s|cook:--salt-level) _tcpladder_words 'no some'; return ;;\n"));
    CHECK(has(bash, "    cook:-w) _tcpladder_files; return ;;\n"));
    CHECK(has(bash, "'-s --salt-level --spice -w --hot --hot=very --hot=mild -q"));
    const auto zsh = completion(program, "zsh");
    CHECK(has(zsh, "'--salt-level[how much]:no|some:(no some)'"));
    CHECK(has(zsh, R"('--spice[a \[kind\] of it\: any]:SPICE: ')"));
    CHECK(has(zsh, "'cook:Cook\\: what'\\''s there'"));
    const auto fish = completion(program, "fish");
    CHECK(has(fish, "-s 's' -l salt-level -xa 'no some' -d 'how much'\n"));
    for (const auto& script : {bash, zsh, fish})
        CHECK_FALSE(has(script, "hidden"));
    CHECK_THROWS_AS(completion(program, "csh"), UsageError);
}

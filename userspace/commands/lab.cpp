// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/lab_report.h"
#include "commands/lab_run.h"
#include "commands/terminal.h"
#include "lab/catalog.h"
#include "lab/coverage.h"
#include "lab/scenario_parser.h"
#include "support/error.h"
#include "support/say.h"

namespace tcpladder {
namespace {

using Outcome = LabResult::Outcome;

std::string read_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file)
        throw UsageError("cannot read '" + path + "'");
    return text;
}

lab::Scenario from_file(const std::string& path) {
    auto name = path.substr(path.rfind('/') + 1);
    name.resize(name.size() - 4);
    return lab::parse_scenario(read_text(path), path, name);
}

lab::Scenario from_catalog(const lab::CatalogEntry& entry) {
    const std::string name(entry.name);
    return lab::parse_scenario(entry.text, name + ".lab", name);
}

lab::Scenario find(const std::string& name) {
    if (name.ends_with(".lab") && name.size() > 4)
        return from_file(name);
    for (const auto& entry : lab::catalog()) {
        if (entry.name == name)
            return from_catalog(entry);
    }
    throw UsageError("there is no scenario '" + name + "'",
                     "tcpladder lab list shows them; a file's name ends in .lab");
}

std::vector<lab::Scenario> all() {
    std::vector<lab::Scenario> scenarios;
    for (const auto& entry : lab::catalog())
        scenarios.push_back(from_catalog(entry));
    return scenarios;
}

int list() {
    std::size_t width = 0;
    for (const auto& entry : lab::catalog())
        width = std::max(width, entry.name.size());
    for (const auto& scenario : all())
        fmt::print("{:<{}}  {}{}\n", scenario.name, width, scenario.shows,
                   scenario.slow ? " (slow)" : "");
    return kDone;
}

// Namespaces without a name live as long as a process or descriptor of ours; the
// kernel kills the actors when we die. So there can be nothing; we look all the same.
int clean() {
    const auto left = find_lab_processes();
    for (const auto pid : left)
        say(fmt::format("process {} of a lab is there: its lab is still running", pid));
    if (left.empty())
        say("nothing is left of any lab, and by design nothing can be: its hosts end with it");
    return kDone;
}

int status_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::kHeld:
        case Outcome::kSkipped:
            return kDone;
        case Outcome::kNotHeld:
            return kNotMet;
        case Outcome::kInterrupted:
            break;
    }
    return kFailed;
}

/// Each drawn live, one after the other.
int show(const std::vector<lab::Scenario>& scenarios, const LabOptions& options) {
    int status = kDone;
    for (const auto& scenario : scenarios) {
        for (std::uint32_t i = 0; i < options.repeat; ++i) {
            print_story(scenario);
            const auto result = run_scenario(scenario, options);
            print_result(scenario, result);
            status = std::max(status, status_of(result.outcome));
            if (result.outcome == Outcome::kInterrupted)
                return kFailed;
        }
    }
    return status;
}

/// A table, a row each.
int run_all(const LabOptions& given) {
    auto options = given;
    options.view = ViewKind::kNone;
    // With --coverage the page is the result, and the table only chatter.
    LabTable table(options.coverage ? stderr : stdout);
    lab::Coverage coverage;
    for (const auto& scenario : all()) {
        for (std::uint32_t i = 0; i < options.repeat; ++i) {
            const auto result = run_scenario(scenario, options);
            table.add(scenario, result);
            if (result.outcome == Outcome::kInterrupted)
                return kFailed;
            if (result.outcome == Outcome::kSkipped)
                coverage.skip(scenario, result.reason);
            if (result.outcome == Outcome::kHeld)
                coverage.add(scenario, result.story);
        }
    }
    table.finish();
    if (options.coverage)
        fmt::print("{}", coverage.page());
    const bool complete = !options.coverage || coverage.missing() == 0;
    return table.failures() == 0 && complete ? kDone : kNotMet;
}

}  // namespace

int run_lab(const LabOptions& given) {
    auto options = given;
    adapt(options, look_at_stdout(), true);
    const auto& what = options.what;
    if (what.size() == 1 && what[0] == "list")
        return list();
    if (what.size() == 1 && what[0] == "clean")
        return clean();
    std::vector<lab::Scenario> scenarios;
    const bool everything = what.size() == 1 && what[0] == "all";
    for (const auto& name : what) {
        if (!everything)
            scenarios.push_back(find(name));
    }
    if (options.coverage && !everything)
        throw UsageError("--coverage is of all scenarios", "sudo tcpladder lab all --coverage");
    if (::geteuid() != 0)
        throw Error("the lab needs root", "sudo tcpladder lab …");
    return everything ? run_all(options) : show(scenarios, options);
}

}  // namespace tcpladder

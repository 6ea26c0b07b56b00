// SPDX-License-Identifier: MIT
#include "commands/lab_report.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include <fmt/core.h>

#include "support/read_file.h"

namespace tcpladder {
namespace {

using Outcome = LabResult::Outcome;

constexpr std::size_t kWidest = 60;

void print_rows(std::FILE* out, const std::vector<lab::Verdict::Row>& rows) {
    std::size_t width = 8;
    for (const auto& row : rows)
        width = std::max(width, std::min(row.expected.size(), kWidest));
    fmt::print(out, "          {:<{}}   {}\n", "expected", width, "seen");
    for (const auto& row : rows)
        fmt::print(out, "        {} {:<{}}   {}\n", row.same ? ' ' : '!', row.expected, width,
                   row.seen.empty() ? "-" : row.seen);
}

void print_failures(std::FILE* out, const lab::Scenario& scenario, const LabResult& result) {
    if (!result.reason.empty())
        fmt::print(out, "  no    {}: {}\n", scenario.name, result.reason);
    for (const auto& verdict : result.verdicts) {
        if (verdict.held)
            continue;
        fmt::print(out, "  no    {}{}\n", verdict.text,
                   verdict.line != 0 ? fmt::format(" (line {})", verdict.line) : "");
        if (!verdict.rows.empty())
            print_rows(out, verdict.rows);
    }
}

const char* word(Outcome outcome) {
    switch (outcome) {
        case Outcome::kHeld:
            return "ok";
        case Outcome::kNotHeld:
            return "FAILED";
        case Outcome::kSkipped:
            return "skipped";
        case Outcome::kInterrupted:
            break;
    }
    return "stopped";
}

}  // namespace

void print_story(const lab::Scenario& scenario) {
    fmt::print("{}: {}\n", scenario.name, scenario.title);
    for (const auto& look : scenario.look)
        fmt::print("  look: {}\n", look);
    fmt::print("\n");
    std::fflush(stdout);
}

void print_result(const lab::Scenario& scenario, const LabResult& result) {
    if (result.outcome == Outcome::kSkipped) {
        fmt::print("skipped: {}\n\n", result.reason);
        return;
    }
    fmt::print("\n");
    const auto held =
        std::ranges::count_if(result.verdicts, [](const auto& verdict) { return verdict.held; });
    for (const auto& verdict : result.verdicts) {
        if (verdict.held && verdict.line != 0)
            fmt::print("  yes   {}\n", verdict.text);
    }
    print_failures(stdout, scenario, result);
    fmt::print("{}: {} of {} expectations held, {:.1f} s; {}\n\n", word(result.outcome), held,
               result.verdicts.size(), result.seconds, result.summary);
    std::fflush(stdout);
}

void LabTable::add(const lab::Scenario& scenario, const LabResult& result) {
    ++runs_;
    again_ += result.again;
    seconds_ += result.seconds;
    const auto& text = result.outcome == Outcome::kSkipped ? result.reason : scenario.title;
    fmt::print(out_, "{:<8} {:5.2f} s  {:<26} {}\n", word(result.outcome), result.seconds,
               scenario.name, text);
    if (result.outcome == Outcome::kSkipped)
        ++skipped_;
    if (result.outcome == Outcome::kNotHeld) {
        ++failures_;
        print_failures(out_, scenario, result);
    }
    std::fflush(out_);
}

void LabTable::finish() const {
    if (again_ != 0)
        fmt::print(out_, "{} more were not seen whole, and played again\n", again_);
    fmt::print(out_, "{} runs, {} failed, {} skipped, {:.1f} s\n", runs_, failures_, skipped_,
               seconds_);
}

std::vector<pid_t> find_lab_processes() {
    std::vector<pid_t> found;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
        const auto name = entry.path().filename().string();
        if (name.find_first_not_of("0123456789") != std::string::npos)
            continue;
        std::string comm;
        for_each_line(entry.path() / "comm", [&](std::string_view line) { comm = line; });
        if (comm == "lab-client" || comm == "lab-server")
            found.push_back(static_cast<pid_t>(std::stol(name)));
    }
    return found;
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include "lab/coverage.h"

#include <algorithm>

#include "lab/verdict.h"

namespace tcpladder::lab {
namespace {

constexpr std::string_view kHead = R"(# What the lab has shown

<!-- Written by: sudo tcpladder lab all --slow --coverage >docs/coverage.md -->

Every arrow of TCP's state diagram, as a real kernel went it: the scenario that showed it, the cause
that tcpladder told, and whether the transition was *observed* (the kernel said so) or *inferred*.
Look at any of them with `sudo tcpladder lab NAME`.

## RFC 9293, figure 5

)";
constexpr std::string_view kTextOnlyHead = R"(
## In the text of RFC 9293 only

)";
constexpr std::string_view kLinuxHead = R"(
## What Linux adds

)";
constexpr std::string_view kStatesHead = R"(
## The eleven states

| state | seen | scenario |
|---|---|---|
)";
constexpr std::string_view kScenariosHead = R"(
## The scenarios

Many show what changes no state: losses, repetitions, windows, strangers.

| scenario | what it shows |
|---|---|
)";

bool exists(const Arrow& arrow) {
    return arrow.from != TcpState::kUnknown;
}

// Where Linux makes two steps of an arrow, one segment has to be the cause of both.
bool leads(const std::vector<Story::State>& states, std::size_t at, const Arrow& arrow) {
    const auto& state = states[at];
    if (state.to != arrow.to || state.cause.what != arrow.cause)
        return false;
    if (arrow.through == TcpState::kUnknown)
        return state.from == arrow.from;
    return at > 0 && state.from == arrow.through && states[at - 1].from == arrow.from &&
           states[at - 1].to == arrow.through && states[at - 1].cause.n == state.cause.n &&
           state.cause.n != 0;
}

std::string link(std::string_view scenario) {
    return "[" + std::string(scenario) + "](../workload/scenarios/" + std::string(scenario) +
           ".lab)";
}

std::string way(const Arrow& arrow) {
    std::string text(tcpladder::name(arrow.from));
    if (arrow.through != TcpState::kUnknown)
        text += " -> " + std::string(tcpladder::name(arrow.through));
    return text + " -> " + std::string(tcpladder::name(arrow.to)) + ", " + std::string(arrow.cause);
}

// A `|` would end the cell.
std::string cell(std::string_view text) {
    std::string out;
    for (const char c : text)
        out += c == '|' ? std::string("\\|") : std::string(1, c);
    return out;
}

}  // namespace

void Coverage::add(const Scenario& scenario, const Story& story) {
    shows_[scenario.name] = scenario.shows;
    for (const auto& expectation : scenario.expectations) {
        const auto* expected = std::get_if<ExpectedStates>(&expectation.what);
        if (expected == nullptr)
            continue;
        auto& end = ends_.emplace_back(End{scenario.name, {}});
        for (const auto* state : states_of(*expected, story))
            end.states.push_back(*state);
    }
}

void Coverage::skip(const Scenario& scenario, const std::string& reason) {
    shows_[scenario.name] = scenario.shows;
    skipped_[scenario.name] = reason;
}

// The scenario that is about it, else the first one.
template <typename Shows>
Coverage::Found Coverage::find(std::string_view scenario, Shows&& shows) const {
    Found first;
    for (const auto& end : ends_) {
        const Found found{&end, shows(end.states)};
        if (found.state == nullptr)
            continue;
        if (end.scenario == scenario)
            return found;
        if (first.state == nullptr)
            first = found;
    }
    return first;
}

Coverage::Found Coverage::find(const Arrow& arrow) const {
    return find(arrow.scenario, [&](const auto& states) -> const Story::State* {
        for (std::size_t i = 0; i < states.size(); ++i) {
            if (leads(states, i, arrow))
                return &states[i];
        }
        return nullptr;
    });
}

Coverage::Found Coverage::find(const StateName& name) const {
    return find(name.scenario, [&](const auto& states) -> const Story::State* {
        const auto found = std::ranges::find_if(states, [&](const Story::State& state) {
            return state.to == name.state || state.from == name.state;
        });
        return found == states.end() ? nullptr : &*found;
    });
}

// The two last cells: how it was seen, and where.
std::string Coverage::seen_at(const Found& found, std::string_view scenario) const {
    if (found.state != nullptr)
        return std::string(found.state->observed ? "observed" : "inferred") + " | " +
               link(found.end->scenario) + " |\n";
    const auto skipped = skipped_.find(scenario);
    if (skipped != skipped_.end())
        return "skipped: " + cell(skipped->second) + " | " + link(scenario) + " |\n";
    return "**not seen** | |\n";
}

void Coverage::table(std::string& page, std::span<const Arrow> arrows) const {
    const bool numbered = !arrows.front().number.empty();
    page += numbered
                ? "| | RFC 9293 | event | Linux | seen | scenario |\n|---|---|---|---|---|---|\n"
                : "| RFC 9293 | event | Linux | seen | scenario |\n|---|---|---|---|---|\n";
    for (const auto& arrow : arrows) {
        if (numbered)
            page.append("| ").append(arrow.number).append(" ");
        page.append("| ").append(arrow.rfc).append(" | ").append(arrow.event).append(" | ");
        if (!exists(arrow)) {
            page.append(arrow.remark).append(" | | |\n");
            continue;
        }
        page += way(arrow);
        if (!arrow.remark.empty())
            page.append(": ").append(arrow.remark);
        page += " | " + seen_at(find(arrow), arrow.scenario);
    }
}

std::string Coverage::page() const {
    std::string page(kHead);
    table(page, figure_5());
    page += kTextOnlyHead;
    table(page, text_only());
    page += kLinuxHead;
    table(page, linux_own());
    page += kStatesHead;
    for (const auto& state : all_states())
        page += "| " + std::string(state.rfc) + " | " + seen_at(find(state), state.scenario);
    page += kScenariosHead;
    for (const auto& [name, shows] : shows_)
        page += "| " + link(name) + " | " + cell(shows) + " |\n";
    return page;
}

unsigned Coverage::missing() const {
    unsigned count = 0;
    for (const auto arrows : {figure_5(), text_only(), linux_own()}) {
        for (const auto& arrow : arrows) {
            const bool may = exists(arrow) && !skipped_.contains(arrow.scenario);
            count += may && find(arrow).state == nullptr ? 1 : 0;
        }
    }
    for (const auto& state : all_states())
        count += find(state).state == nullptr && !skipped_.contains(state.scenario) ? 1 : 0;
    return count;
}

}  // namespace tcpladder::lab

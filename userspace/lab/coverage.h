// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <vector>

#include "lab/coverage_arrows.h"
#include "lab/scenario.h"
#include "lab/story.h"

namespace tcpladder::lab {

/// Which arrows of TCP's state diagram, and which states, the scenarios have shown.
/// Only ends that a scenario says what it expects of count: that is the same in
/// every run, and so the page is, too.
class Coverage {
public:
    /// A scenario that ran and held, and what was seen of it.
    void add(const Scenario& scenario, const Story& story);
    /// One that was skipped, and why.
    void skip(const Scenario& scenario, const std::string& reason);

    /// docs/coverage.md: RFC 9293's arrows, Linux's own, the states, the scenarios.
    std::string page() const;
    /// Arrows and states that nothing showed, although what should have was not skipped.
    unsigned missing() const;

private:
    /// One end of a connection, or the listeners, in one scenario.
    struct End {
        std::string scenario;
        std::vector<Story::State> states;
    };
    struct Found {
        const End* end = nullptr;
        const Story::State* state = nullptr;
    };

    Found find(const Arrow& arrow) const;
    Found find(const StateName& state) const;
    template <typename Shows>
    Found find(std::string_view scenario, Shows&& shows) const;
    std::string seen_at(const Found& found, std::string_view scenario) const;
    void table(std::string& page, std::span<const Arrow> arrows) const;

    std::vector<End> ends_;
    std::map<std::string, std::string, std::less<>> shows_;    ///< by scenario: what it is about
    std::map<std::string, std::string, std::less<>> skipped_;  ///< by scenario: why
};

}  // namespace tcpladder::lab

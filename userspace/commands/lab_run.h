// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "commands/cli.h"
#include "lab/scenario.h"
#include "lab/story.h"
#include "lab/verdict.h"

namespace tcpladder {

/// How one run of a scenario ended.
struct LabResult {
    enum class Outcome { kHeld, kNotHeld, kSkipped, kInterrupted };
    Outcome outcome = Outcome::kHeld;
    /// What the kernels have counted and the trace has not shown; empty: it has seen all.
    std::string unseen;
    std::string reason;  ///< why it was skipped, or which step did not work
    std::vector<lab::Verdict> verdicts;
    std::string summary;  ///< of the trace
    lab::Story story;     ///< what was seen
    double seconds = 0;
    std::uint32_t again = 0;  ///< how often it was played before, and not seen whole
};

/// Plays the scenario on two new hosts and shows it on standard output. A run that
/// the trace has not seen whole tells nothing of the scenario: it is said, and the
/// scenario is played again, five times at most. Throws Error where the lab itself
/// does not work.
LabResult run_scenario(const lab::Scenario& scenario, const LabOptions& options);

}  // namespace tcpladder

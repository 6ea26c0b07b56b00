// SPDX-License-Identifier: MIT
#pragma once

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
    std::string reason;  ///< why it was skipped, or which step did not work
    std::vector<lab::Verdict> verdicts;
    std::string summary;  ///< of the trace
    lab::Story story;     ///< what was seen
    double seconds = 0;
};

/// Plays the scenario on two new hosts and shows it on standard output. Throws
/// Error where the lab itself does not work.
LabResult run_scenario(const lab::Scenario& scenario, const LabOptions& options);

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>
#include <vector>

#include <sys/types.h>

#include "commands/lab_run.h"

namespace tcpladder {

/// What the scenario is about, before it runs.
void print_story(const lab::Scenario& scenario);
/// Which expectations held, and where one did not, what was seen beside it.
void print_result(const lab::Scenario& scenario, const LabResult& result);

/// `lab all`: a row for each run, as it ends.
class LabTable {
public:
    /// `out` stays the caller's.
    explicit LabTable(std::FILE* out) : out_(out) {}
    void add(const lab::Scenario& scenario, const LabResult& result);
    void finish() const;
    unsigned failures() const { return failures_; }

private:
    std::FILE* out_;
    unsigned runs_ = 0;
    unsigned failures_ = 0;
    unsigned skipped_ = 0;
    unsigned again_ = 0;
    double seconds_ = 0;
};

/// Processes named as the lab's actors are.
std::vector<pid_t> find_lab_processes();

}  // namespace tcpladder

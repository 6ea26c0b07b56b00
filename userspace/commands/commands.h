// SPDX-License-Identifier: MIT
#pragma once

#include "commands/cli.h"

namespace tcpladder {

/// Exit statuses, the same for all commands.
enum ExitStatus : int { kDone = 0, kFailed = 1, kUsage = 2, kNotMet = 3 };

/// Each command returns its exit status (of `trace -- COMMAND` it may be the command's) and throws
/// Error for what ends it.
int run_trace(const TraceOptions& options);
int run_show(const ShowOptions& options);
int run_export(const ExportOptions& options);
int run_lab(const LabOptions& options);
int run_check(const CheckOptions& options);

}  // namespace tcpladder

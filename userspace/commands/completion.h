// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "commands/command_doc.h"

namespace tcpladder {

/// The script that completes commands, options, their words and files in
/// `shell`: bash, zsh or fish.
std::string completion(const CommandDoc& program, const std::string& shell);

}  // namespace tcpladder

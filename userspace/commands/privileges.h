// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "support/capabilities.h"
#include "support/child.h"

namespace tcpladder {

/// The capabilities that this process lacks for tracing, `CAP_BPF and CAP_PERFMON`; empty: none.
std::string missing_to_trace();
/// Throws Error, which names what is missing, if this process may not trace.
void need_capabilities_to_trace();

/// What a trace still has to do when everything is attached.
struct StillToDo {
    std::string more_files;      ///< -C, -G: the recording, of which more files will be opened
    bool signal_others = false;  ///< end processes that run as another user
};

/// Gives up what is no longer needed: becomes the user behind sudo, keeps the
/// capabilities of `still_needed()` only, and puts up the fence. Whatever is to
/// be run has to be forked before (Child). Throws Error if that fails.
void drop_privileges(const StillToDo& todo, const RunAs& user);

/// The capabilities that remain; nearly always none.
CapabilitySet still_needed(const StillToDo& todo);

}  // namespace tcpladder

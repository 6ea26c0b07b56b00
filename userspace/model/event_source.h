// SPDX-License-Identifier: MIT
#pragma once

#include "model/event.h"

namespace tcpladder {

/// Events from somewhere else than the kernel, in the order of their time: a
/// recording, a capture of another program, several of them merged.
class EventSource {
public:
    virtual ~EventSource() = default;

    /// What is true of all its events. Valid once the source exists.
    virtual const TraceInfo& info() const = 0;

    /// What next() found.
    enum class Status {
        kEvent,
        kNotYet,  ///< nothing at the moment, but more may come: a pipe, a growing file
        kEnd,
    };
    /// Fills `event` in. Throws Error for what cannot be read at all; damage at
    /// the end of what was readable is kEnd, and told by the source.
    virtual Status next(Event& event) = 0;
};

}  // namespace tcpladder

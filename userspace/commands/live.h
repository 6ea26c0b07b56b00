// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "capture/tracer.h"
#include "commands/cli.h"
#include "commands/fd_output.h"
#include "model/tracker.h"
#include "views/view.h"

namespace tcpladder {

/// The live pipeline: kernel -> decode -> model -> view -> standard output.
class Live {
public:
    /// Attaches; from here on nothing is missed.
    Live(const TraceOptions& options, const TracerOptions& tracer_options);
    ~Live();

    Tracer& tracer() { return tracer_; }
    /// Called for every event before the model gets it.
    std::function<void(const Event&)> on_event;

    /// Takes what the kernel has, shows what is complete. True: there is more
    /// already.
    bool pump();
    /// Stops the kernel side, shows the rest, ends the view.
    void finish();

    /// Enough segments were shown (-c), or nobody reads any more.
    bool done() const;
    std::size_t open_connections() const { return tracker_.open_connections(); }
    /// The summary, for stderr. Only after finish().
    std::string summary() const;
    /// Nothing was lost, refused or out of order.
    bool complete() const;

private:
    class Limit;

    void take(const RecordQueue::Item& item);

    Tracer tracer_;
    TraceInfo info_;
    FdOutput output_;
    std::unique_ptr<View> view_;
    std::unique_ptr<Limit> limit_;
    Tracker tracker_;
    Event event_;
    std::uint64_t records_ = 0;
    std::uint64_t refused_ = 0;
    std::string refusal_;  ///< of the first refused record
    KernelCounts counts_;
};

}  // namespace tcpladder

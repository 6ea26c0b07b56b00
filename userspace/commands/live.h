// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "capture/tracer.h"
#include "commands/cli.h"
#include "commands/display.h"
#include "commands/recorder.h"
#include "model/selection.h"
#include "recording/packet_filter.h"

namespace tcpladder {

/// The live pipeline: kernel -> decode -> recording, and model -> view -> standard output.
class Live {
public:
    /// Attaches; from here on nothing is missed.
    Live(const TraceOptions& options, const TracerOptions& tracer_options);

    Tracer& tracer() { return tracer_; }
    /// Called for every event of the kernel, also those that are filtered out.
    std::function<void(const Event&)> on_event;

    /// Takes what the kernel has, shows what is complete. True: there is more
    /// already.
    bool pump();
    /// Everything before this time has come.
    MonoNs complete_until() const { return complete_until_; }
    /// Stops the kernel side, shows the rest, ends the view.
    void finish();

    /// Enough segments were shown (-c), or nobody reads any more.
    bool done() const;
    std::size_t open_connections() const { return display_.open_connections(); }
    /// Nothing is held back until it is known whether it was asked for.
    bool settled() const { return !selection_ || selection_->empty(); }
    /// The summary, for stderr. Only after finish().
    std::string summary() const;
    /// Nothing was lost, refused or out of order.
    bool complete() const;
    /// Why the recording ended too early; empty: it did not.
    std::string recording_failure() const;

private:
    void feed(const Event& event);
    void take(const RecordQueue::Item& item);
    void pass_on(MonoNs complete_until);

    ClockAnchor start_;  ///< before the first event
    Tracer tracer_;
    bool shows_;  ///< there is a view beside the recording
    TraceInfo info_;
    std::optional<Recorder> recorder_;
    std::optional<PacketFilter> filter_;
    std::optional<Selection> selection_;  ///< if not everything is asked for
    Display display_;
    Event event_;
    std::string refusal_;  ///< of the first refused record
    bool failure_told_ = false;
    MonoNs complete_until_ = 0;
    RecordingEnd end_;
};

}  // namespace tcpladder

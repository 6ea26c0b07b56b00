// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <span>

#include "commands/event_loop.h"
#include "commands/replay_source.h"
#include "model/event_filter.h"
#include "model/selection.h"
#include "recording/packet_filter.h"

namespace tcpladder {

/// Reads the files of `show` and `export` to their end, or until Ctrl-C.
class Replay {
public:
    /// Opens the files and reads their starts. Throws Error.
    explicit Replay(const ShowOptions& options);

    const TraceInfo& info() const { return source_.info(); }
    /// What the model shall show: the options' filter, or that of the recording.
    std::uint16_t port() const;

    /// Takes events, in order. An empty span: there is nothing at the moment, and
    /// `idle_until` is the time by which what waits has waited long enough (INT64_MIN:
    /// it has not). False: enough.
    using Take = std::function<bool(std::span<const Event>, MonoNs idle_until)>;
    /// False: it was ended before the end of the files.
    bool run(const Take& take);

    /// Ctrl-C has ended it.
    bool interrupted() const { return loop_.interrupted(); }
    /// After run().
    const ReplaySource& source() const { return source_; }

private:
    EventSource::Status next_wanted(Event& event);
    EventSource::Status next_of_filter(Event& event);
    EventSource::Status next_of_expression(Event& event);
    bool wait(const Take& take);

    const ShowOptions& options_;
    ReplaySource source_;
    EventLoop loop_;  // from here on Ctrl-C only ends the replay
    EventFilter filter_;
    std::optional<PacketFilter> expression_;
    Selection selection_;      ///< with an expression: what it cannot decide yet
    std::deque<Event> ready_;  ///< and what it has decided
    MonoNs last_time_ = 0;
    std::optional<std::chrono::steady_clock::time_point> waiting_since_;
};

}  // namespace tcpladder

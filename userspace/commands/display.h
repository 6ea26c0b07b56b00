// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "commands/cli.h"
#include "commands/fd_output.h"
#include "model/state_filter.h"
#include "model/tracker.h"
#include "views/view.h"

namespace tcpladder {

/// From events to text: the part that a live trace and the
/// replay of its recording share, so that they print the same.
class Display {
public:
    /// To standard output, or to a descriptor that stays the caller's.
    Display(const DisplayOptions& options, const TraceInfo& info, const ConnectionFilter& filter,
            int fd = 1, const std::string& name = "standard output");
    ~Display();

    void add(const Event& event) { tracker_->add(event); }
    /// No event before `until` will come any more.
    void advance(MonoNs until);
    void flush() { output_.flush(); }
    /// The trace is over: shows the rest.
    void finish();

    /// Enough segments were shown (-c), or nobody reads any more.
    bool done() const { return enough_ || output_.closed(); }
    const Totals& totals() const { return tracker_->totals(); }
    std::size_t open_connections() const { return tracker_->open_connections(); }

private:
    class Limit;

    FdOutput output_;
    bool enough_ = false;  ///< set by limit_
    std::unique_ptr<View> view_;
    std::unique_ptr<Limit> limit_;
    std::optional<StateFilter> states_;
    std::unique_ptr<Tracker> tracker_;
};

}  // namespace tcpladder

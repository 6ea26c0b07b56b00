// SPDX-License-Identifier: MIT
#include <chrono>
#include <optional>

#include "commands/commands.h"
#include "commands/display.h"
#include "commands/event_loop.h"
#include "commands/replay_source.h"
#include "commands/summary.h"
#include "model/event_filter.h"
#include "support/say.h"

namespace tcpladder {
namespace {

/// How often a growing file is looked at.
constexpr std::chrono::milliseconds kTick{50};
/// The recorder writes what it has twice a second; it may come a little late.
constexpr std::chrono::milliseconds kHeldBack{800};
/// Events between two looks for Ctrl-C.
constexpr int kGoes = 10'000;

/// The replay while it runs.
class Replay {
public:
    explicit Replay(const ShowOptions& options)
        : options_(options),
          source_(options),
          loop_(kTick),
          filter_{options.port, options.version, options.host} {
        for (const int fd : source_.streams())
            loop_.add(fd, [] {});
    }

    int run() {
        while (source_.prepare() == EventSource::Status::kNotYet && !loop_.interrupted())
            loop_.wait();
        const auto& info = source_.info();
        const auto port = options_.port != 0 ? options_.port : info.port;
        display_.emplace(options_, info, ConnectionFilter{port});
        for (const auto& remark : source_.remarks_before())
            say(remark);
        while (!loop_.interrupted() && !display_->done() && step()) {
        }
        display_->finish();
        return report();
    }

private:
    // False: there is no more.
    bool step() {
        for (int i = 0; i < kGoes && !display_->done(); ++i) {
            const auto status = source_.next(event_);
            if (status == EventSource::Status::kEnd) {
                at_end_ = true;
                return false;
            }
            if (status == EventSource::Status::kNotYet)
                return wait();
            waiting_since_.reset();
            last_time_ = event_.time;
            if (filter_.accepts(event_) && source_.is_on(options_.interface, event_))
                display_->add(event_);
        }
        loop_.poll();
        return true;
    }

    // The recording has paused: rows that wait for a receipt have waited long enough
    // when the same time has passed here, and what the recorder held back must have come.
    bool wait() {
        display_->flush();
        const auto now = Clock::now();
        if (!waiting_since_)
            waiting_since_ = now;
        loop_.wait();
        if (const auto waited = now - *waiting_since_; waited > kHeldBack)
            display_->advance(last_time_ + std::chrono::nanoseconds(waited - kHeldBack).count());
        display_->flush();
        return true;
    }

    int report() {
        for (const auto& remark : source_.remarks_after(at_end_))
            say(remark);
        const auto& end = source_.end();
        if (!options_.format.quiet)
            say(summary_text(display_->totals(), at_end_ ? end : std::nullopt));
        if (source_.is_damaged())
            return kFailed;
        const bool complete = end && is_complete(display_->totals(), *end);
        return options_.strict && !complete ? kNotMet : kDone;
    }

    using Clock = std::chrono::steady_clock;

    const ShowOptions& options_;
    ReplaySource source_;
    EventLoop loop_;  // from here on Ctrl-C only ends the replay
    EventFilter filter_;
    std::optional<Display> display_;
    Event event_;
    MonoNs last_time_ = 0;
    std::optional<Clock::time_point> waiting_since_;
    bool at_end_ = false;
};

}  // namespace

int run_show(const ShowOptions& options) {
    return Replay(options).run();
}

}  // namespace tcpladder

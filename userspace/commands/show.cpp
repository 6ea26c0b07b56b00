// SPDX-License-Identifier: MIT
#include <chrono>
#include <optional>
#include <span>

#include "commands/commands.h"
#include "commands/display.h"
#include "commands/event_loop.h"
#include "commands/read_ahead.h"
#include "commands/replay_source.h"
#include "commands/summary.h"
#include "model/event_filter.h"
#include "support/say.h"

namespace tcpladder {
namespace {

/// How often a growing file is looked at.
constexpr std::chrono::milliseconds kTick{50};

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
        while (source_.prepare() == Status::kNotYet && !loop_.interrupted())
            loop_.wait();
        const auto& info = source_.info();
        const auto port = options_.port != 0 ? options_.port : info.port;
        display_.emplace(options_, info, ConnectionFilter{port});
        for (const auto& remark : source_.remarks_before())
            say(remark);
        const bool read_to_end = show_all();
        display_->finish();
        return report(read_to_end);
    }

private:
    using Status = EventSource::Status;

    // False: it was ended before.
    bool show_all() {
        ReadAhead events([this](Event& event) { return next_wanted(event); });
        while (!loop_.interrupted() && !display_->done()) {
            std::span<const Event> batch;
            const auto status = events.take(batch);
            if (status == Status::kEnd)
                return true;
            if (status == Status::kNotYet)
                wait();
            else
                show(batch);
            loop_.poll();
        }
        return false;
    }

    // In the thread that reads.
    Status next_wanted(Event& event) {
        while (true) {
            const auto status = source_.next(event);
            if (status != Status::kEvent)
                return status;
            if (filter_.accepts(event) && source_.is_on(options_.interface, event))
                return status;
        }
    }

    void show(std::span<const Event> batch) {
        for (const auto& event : batch) {
            if (display_->done())
                return;
            display_->add(event);
        }
        if (batch.empty())
            return;
        waited_ = 0;
        last_time_ = batch.back().time;
    }

    // The recording has paused: rows that wait for a receipt have waited long enough
    // when the same time has passed here.
    void wait() {
        display_->flush();
        loop_.wait();
        if (++waited_ > kPatience)
            display_->advance(last_time_ + std::chrono::nanoseconds(kTick * kPatience).count());
        display_->flush();
    }

    int report(bool read_to_end) {
        for (const auto& remark : source_.remarks_after(read_to_end))
            say(remark);
        const auto& end = source_.end();
        if (!options_.format.quiet)
            say(summary_text(display_->totals(), read_to_end ? end : std::nullopt));
        if (source_.is_damaged())
            return kFailed;
        const bool complete = end && is_complete(display_->totals(), *end);
        return options_.strict && !complete ? kNotMet : kDone;
    }

    static constexpr int kPatience = 4;

    const ShowOptions& options_;
    ReplaySource source_;
    EventLoop loop_;  // from here on Ctrl-C only ends the replay
    EventFilter filter_;
    std::optional<Display> display_;
    MonoNs last_time_ = 0;
    int waited_ = 0;
};

}  // namespace

int run_show(const ShowOptions& options) {
    return Replay(options).run();
}

}  // namespace tcpladder

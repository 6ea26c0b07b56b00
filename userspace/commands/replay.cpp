// SPDX-License-Identifier: MIT
#include "commands/replay.h"

#include <chrono>

#include "commands/read_ahead.h"
#include "commands/summaries.h"

namespace tcpladder {
namespace {

/// How often a growing file is looked at.
constexpr std::chrono::milliseconds kTick{50};
/// The recorder writes what it has twice a second; it may come a little late.
constexpr std::chrono::milliseconds kHeldBack{800};

}  // namespace

Replay::Replay(const ShowOptions& options)
    : options_(options),
      source_(options),
      loop_(kTick),
      filter_{options.port, options.version, options.host, options.netns} {
    if (!options.expression.empty()) {
        expression_.emplace(options.expression);
        need_connections(*expression_, options.summary);
    }
    for (const int fd : source_.streams())
        loop_.add(fd, [] {});
    while (source_.prepare() == EventSource::Status::kNotYet && !loop_.interrupted())
        loop_.wait();
}

std::uint16_t Replay::port() const {
    return options_.port != 0 ? options_.port : source_.info().port;
}

// In the thread that reads.
EventSource::Status Replay::next_wanted(Event& event) {
    return expression_ ? next_of_expression(event) : next_of_filter(event);
}

// Nothing is held longer than 20 ms of the recording's time.
EventSource::Status Replay::next_of_expression(Event& event) {
    const auto take = [this](const Event& decided) { ready_.push_back(decided); };
    while (ready_.empty()) {
        const auto status = next_of_filter(event);
        if (status == EventSource::Status::kNotYet)
            return status;
        if (status == EventSource::Status::kEnd) {
            selection_.release(INT64_MAX, take);
            if (ready_.empty())
                return status;
            break;
        }
        const auto verdict = expression_->apply(event);
        if (verdict != PacketFilter::Verdict::kNo) {
            event.undecided = verdict == PacketFilter::Verdict::kUnknown;
            selection_.add(event);
        }
        selection_.release(event.time, take);
    }
    event = ready_.front();
    ready_.pop_front();
    return EventSource::Status::kEvent;
}

EventSource::Status Replay::next_of_filter(Event& event) {
    while (true) {
        const auto status = source_.next(event);
        if (status != EventSource::Status::kEvent)
            return status;
        if (filter_.accepts(event) && source_.is_on(options_.interface, event))
            return status;
    }
}

bool Replay::run(const Take& take) {
    ReadAhead events([this](Event& event) { return next_wanted(event); });
    while (!loop_.interrupted()) {
        std::span<const Event> batch;
        const auto status = events.take(batch);
        if (status == EventSource::Status::kEnd)
            return true;
        if (status == EventSource::Status::kNotYet) {
            if (!wait(take))
                return false;
        } else if (!batch.empty()) {
            waiting_since_.reset();
            last_time_ = batch.back().time;
            if (!take(batch, INT64_MIN))
                return false;
        }
        loop_.poll();
    }
    return false;
}

// The recording has paused: rows that wait for a receipt have waited long enough
// when the same time has passed here, and what the recorder held back must have come.
bool Replay::wait(const Take& take) {
    const auto now = std::chrono::steady_clock::now();
    if (!waiting_since_)
        waiting_since_ = now;
    const auto waited = now - *waiting_since_ - kHeldBack;
    const auto idle_until =
        waited.count() > 0 ? last_time_ + std::chrono::nanoseconds(waited).count() : INT64_MIN;
    if (idle_until != INT64_MIN)
        source_.advance(idle_until);
    if (!take({}, idle_until))
        return false;
    loop_.wait();
    return true;
}

}  // namespace tcpladder

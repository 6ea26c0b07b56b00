// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "model/event_source.h"

namespace tcpladder {

/// Reads a source in a thread of its own, some batches ahead: reading a recording
/// takes as long as showing it. The one place with a thread: it pays by a third
/// (tests/bench/replay), and only the batches are shared.
class ReadAhead {
public:
    using Next = std::function<EventSource::Status(Event&)>;

    /// From now on `next` is called in the thread only.
    explicit ReadAhead(Next next);
    ~ReadAhead();
    ReadAhead(const ReadAhead&) = delete;
    ReadAhead& operator=(const ReadAhead&) = delete;

    /// The next events, in order; valid until the next call. With kNotYet and kEnd
    /// there are none, and then the thread stands still: the source may be used.
    /// Throws what the source has thrown.
    EventSource::Status take(std::span<const Event>& events);

private:
    static constexpr std::size_t kBatch = 512;
    static constexpr std::size_t kBatches = 8;
    /// Who had to wait goes on when so many are filled, or are left: waking somebody takes
    /// longer than a batch.
    static constexpr std::size_t kHalf = kBatches / 2;

    struct Batch {
        std::vector<Event> events = std::vector<Event>(kBatch);
        std::size_t count = 0;
        EventSource::Status status = EventSource::Status::kEvent;  ///< of what follows them
        std::exception_ptr failure;
    };

    void run();
    void fill(Batch& batch);
    std::size_t ready() const { return filled_ - taken_; }
    bool may_fill() const { return over_ || (!paused_ && ready() <= kHalf); }
    bool may_take() const { return ready() >= kHalf || (paused_ && ready() > 0); }

    Next next_;
    std::array<Batch, kBatches> batches_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t filled_ = 0;       ///< batches filled so far
    std::size_t taken_ = 0;        ///< batches given back so far
    bool holding_ = false;         ///< the caller has one
    bool paused_ = false;          ///< after kNotYet or kEnd
    bool waits_for_more_ = false;  ///< the caller was told kNotYet
    bool over_ = false;
    std::thread thread_;
};

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include "commands/read_ahead.h"

#include <utility>

namespace tcpladder {

ReadAhead::ReadAhead(Next next) : next_(std::move(next)), thread_([this] { run(); }) {}

ReadAhead::~ReadAhead() {
    {
        const std::lock_guard lock(mutex_);
        over_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void ReadAhead::fill(Batch& batch) {
    batch.count = 0;
    batch.status = EventSource::Status::kEvent;
    batch.failure = nullptr;
    try {
        while (batch.count < kBatch && batch.status == EventSource::Status::kEvent) {
            batch.status = next_(batch.events[batch.count]);
            if (batch.status == EventSource::Status::kEvent)
                ++batch.count;
        }
    } catch (...) {
        batch.failure = std::current_exception();
        batch.status = EventSource::Status::kEnd;
    }
}

void ReadAhead::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        if (paused_ || ready() == kBatches)
            changed_.wait(lock, [this] { return may_fill(); });
        if (over_)
            return;
        auto& batch = batches_[filled_ % kBatches];
        lock.unlock();
        fill(batch);
        lock.lock();
        paused_ = batch.status != EventSource::Status::kEvent;
        ++filled_;
        if (may_take())
            changed_.notify_all();
    }
}

EventSource::Status ReadAhead::take(std::span<const Event>& events) {
    std::unique_lock lock(mutex_);
    if (std::exchange(waits_for_more_, false)) {
        paused_ = false;
        changed_.notify_all();
    }
    if (std::exchange(holding_, false)) {
        const auto& batch = batches_[taken_ % kBatches];
        const auto status = batch.status;
        ++taken_;
        if (may_fill())
            changed_.notify_all();
        if (batch.failure)
            std::rethrow_exception(batch.failure);
        waits_for_more_ = status == EventSource::Status::kNotYet;
        if (status != EventSource::Status::kEvent)
            return status;
    }
    if (ready() == 0)
        changed_.wait(lock, [this] { return may_take(); });
    const auto& batch = batches_[taken_ % kBatches];
    holding_ = true;
    events = std::span(batch.events).first(batch.count);
    return EventSource::Status::kEvent;
}

}  // namespace tcpladder

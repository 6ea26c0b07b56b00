// SPDX-License-Identifier: MIT
#include "commands/live.h"

#include <algorithm>
#include <array>
#include <ctime>

#include <fmt/core.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "views/views.h"

namespace tcpladder {
namespace {

/// Of a ring that fills as fast as we empty it, before Ctrl-C is looked for.
constexpr int kGoesBeforeLooking = 64;

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::string kernel_release() {
    utsname names{};
    return ::uname(&names) == 0 ? names.release : "";
}

// The two clocks cannot be read at once: the closest of a few tries.
std::int64_t wall_offset() {
    std::int64_t best = 0;
    MonoNs smallest = INT64_MAX;
    for (int i = 0; i < 5; ++i) {
        const auto before = monotonic_now();
        timespec wall{};
        ::clock_gettime(CLOCK_REALTIME, &wall);
        const auto after = monotonic_now();
        if (after - before >= smallest)
            continue;
        smallest = after - before;
        best = std::int64_t{wall.tv_sec} * 1'000'000'000 + wall.tv_nsec - (before + after) / 2;
    }
    return best;
}

TraceInfo trace_info(const Tracer& tracer, const TracerOptions& options) {
    return {.hosts = {host_name()},
            .kernel = kernel_release(),
            .wall_offset = wall_offset(),
            .port = options.port,
            .timers = tracer.has_timers()};
}

std::string plural(std::uint64_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace

/// Lets rows through until enough segments were among them.
class Live::Limit : public EntrySink {
public:
    Limit(EntrySink& next, std::uint64_t segments) : next_(&next), segments_(segments) {}
    void entry(const Entry& entry) override {
        if (reached())
            return;
        next_->entry(entry);
        if (std::holds_alternative<SegmentEntry>(entry.body))
            ++shown_;
    }
    bool reached() const { return segments_ != 0 && shown_ >= segments_; }

private:
    EntrySink* next_;
    std::uint64_t segments_;
    std::uint64_t shown_ = 0;
};

Live::Live(const TraceOptions& options, const TracerOptions& tracer_options)
    : tracer_(tracer_options),
      info_(trace_info(tracer_, tracer_options)),
      output_(STDOUT_FILENO, "standard output"),
      view_(make_view(options.view, output_, options.format)),
      limit_(std::make_unique<Limit>(*view_, options.count)),
      tracker_(*limit_, info_, ConnectionFilter{tracer_options.port}) {
    view_->begin(info_);
    for (auto event : tracer_.open_sockets()) {
        event.time = 0;  // they were there before all that is in the ring already
        tracker_.add(event);
    }
}

Live::~Live() = default;

bool Live::pump() {
    bool more = true;
    for (int i = 0; more && i < kGoesBeforeLooking; ++i) {
        const auto drained = tracer_.drain();
        more = drained.more;
        tracer_.queue().release(drained.complete_until, [this](const auto& item) { take(item); });
        tracker_.advance(drained.complete_until);
        view_->advance(drained.complete_until);
    }
    output_.flush();
    return more;
}

void Live::take(const RecordQueue::Item& item) {
    if (item.bytes.empty()) {
        event_ = Event{item.time, 0, 0, item.lost};
    } else {
        ++records_;
        if (const auto problem = tracer_.decoder().decode(item.bytes, event_); !problem.empty()) {
            if (refused_++ == 0)
                refusal_ = problem;
            return;
        }
    }
    if (on_event)
        on_event(event_);
    tracker_.add(event_);
}

void Live::finish() {
    tracer_.detach();
    while (pump()) {
    }
    counts_ = tracer_.counts();
    tracer_.queue().push_final_loss(tracer_.lost_total(), monotonic_now());
    tracer_.queue().release(INT64_MAX, [this](const auto& item) { take(item); });
    tracker_.finish();
    view_->end();
    output_.flush();
}

bool Live::done() const {
    return limit_->reached() || output_.closed();
}

std::string Live::summary() const {
    const auto& totals = tracker_.totals();
    auto text =
        fmt::format("{}, {}, {}", plural(totals.connections, "connection"),
                    plural(totals.segments, "segment"), plural(totals.transitions, "state change"));
    if (totals.inferred > 0)
        text += fmt::format(" ({} inferred)", totals.inferred);
    if (totals.retransmits > 0)
        text += ", " + plural(totals.retransmits, "retransmission");
    if (totals.resets > 0)
        text += ", " + plural(totals.resets, "reset");
    if (totals.unknown_causes > 0)
        text += fmt::format(", {} with unknown cause", totals.unknown_causes);
    text +=
        fmt::format("; {} from the kernel, {} lost", plural(counts_.sent, "record"), counts_.lost);
    if (counts_.lost > 0)
        text += fmt::format(" ({} of segments, {} of states): a larger --buffer helps",
                            counts_.lost_segments, counts_.lost_states);
    if (counts_.unreadable > 0)
        text += "; " + plural(counts_.unreadable, "segment") + " with unreadable headers";
    if (counts_.missed > 0)
        text += fmt::format("; {} missed by the kernel", counts_.missed);
    if (refused_ > 0)
        text += "; " + plural(refused_, "record") + " refused (" + refusal_ + ")";
    if (counts_.sent != records_)
        text += fmt::format("; {} arrived of {} records", records_, counts_.sent);
    if (totals.late > 0)
        text += "; " + plural(totals.late, "row") + " out of order";
    return text;
}

bool Live::complete() const {
    return counts_.lost == 0 && counts_.unreadable == 0 && counts_.missed == 0 && refused_ == 0 &&
           tracker_.totals().late == 0 && counts_.sent == records_;
}

}  // namespace tcpladder

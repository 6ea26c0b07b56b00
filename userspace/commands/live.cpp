// SPDX-License-Identifier: MIT
#include "commands/live.h"

#include <array>

#include <fmt/core.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "commands/process_tree.h"
#include "commands/summary.h"
#include "support/error.h"
#include "support/read_file.h"
#include "support/say.h"

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

std::string boot_id() {
    std::string id;
    for_each_line("/proc/sys/kernel/random/boot_id",
                  [&](std::string_view line) { id = std::string(line); });
    return id;
}

TraceInfo trace_info(const Tracer& tracer, const TraceOptions& asked, const TracerOptions& options,
                     const ClockAnchor& start) {
    return {.hosts = {host_name()},
            .kernel = kernel_release(),
            .wall_offset = start.real - start.mono,
            .port = options.port,
            .timers = tracer.plan().timers,
            .hold = asked.hold};
}

// In the words of the command line.
std::string filter_text(const TraceOptions& options) {
    if (!options.all)
        return fmt::format("--port {}", options.daytime_port);
    std::string text = "--all";
    if (!options.command.empty())
        text = "-- " + options.command.front();
    if (options.pid != 0)
        text = fmt::format("--pid {}", options.pid);
    if (!options.comm.empty())
        text = "--comm " + options.comm;
    if (options.port != 0)
        text += fmt::format(" --port {}", options.port);
    if (options.host.version != 0)
        text += " --host " + to_string(options.host);
    if (options.version != 0)
        text += fmt::format(" -{}", options.version);
    if (!options.interface.empty())
        text += " -i " + options.interface;
    if (options.netns != 0)
        text += fmt::format(" --netns {}", options.netns);
    if (options.light)
        text += " --light";
    return options.expression.empty() ? text : text + " " + options.expression;
}

// Those that are born while we look have a parent that is followed already.
void follow(Tracer& tracer, std::uint32_t pid) {
    std::size_t known = 0;
    for (auto tree = process_tree(pid); tree.size() > known; tree = process_tree(pid)) {
        for (const auto process : tree)
            tracer.add_process(process);
        known = tree.size();
    }
    if (known == 0)
        throw Error(fmt::format("there is no process {}", pid));
}

DisplayOptions display_of(const TraceOptions& options) {
    DisplayOptions display = options;
    if (options.record.file == "-")
        display.view = ViewKind::kNone;
    return display;
}

}  // namespace

Live::Live(const TraceOptions& options, const TracerOptions& tracer_options)
    : start_(read_clocks()),
      tracer_(tracer_options),
      shows_(display_of(options).view != ViewKind::kNone),
      info_(trace_info(tracer_, options, tracer_options, start_)),
      display_(display_of(options), info_, ConnectionFilter{tracer_options.port}) {
    if (!options.record.file.empty()) {
        const RecordingInfo info{.trace = info_,
                                 .boot_id = boot_id(),
                                 .filter = filter_text(options),
                                 .version = TCPLADDER_VERSION};
        recorder_.emplace(options.record, info, start_);
    }
    if (!options.expression.empty())
        filter_.emplace(options.expression);
    if (tracer_options.select || filter_)
        selection_.emplace();
    if (options.pid != 0)
        follow(tracer_, options.pid);
    for (auto event : tracer_.open_sockets()) {
        event.time = start_.mono;  // they were there before all that is in the ring already
        if (!filter_ || filter_->judge(event) == PacketFilter::Verdict::kYes)
            feed(event);
    }
}

bool Live::pump() {
    bool more = true;
    for (int i = 0; more && i < kGoesBeforeLooking; ++i) {
        const auto drained = tracer_.drain();
        more = drained.more;
        tracer_.queue().release(drained.complete_until, [this](const auto& item) { take(item); });
        pass_on(drained.complete_until);
        complete_until_ = drained.complete_until;
    }
    display_.flush();
    if (recorder_)
        recorder_->tick();
    if (!failure_told_ && !recording_failure().empty()) {
        failure_told_ = true;
        say("error: " + recording_failure());
    }
    return more;
}

void Live::pass_on(MonoNs complete_until) {
    if (selection_) {
        selection_->release(complete_until, [this](const auto& event) { feed(event); });
        complete_until = selection_->complete_until(complete_until);
    }
    display_.advance(complete_until);
}

void Live::take(const RecordQueue::Item& item) {
    if (item.bytes.empty()) {
        event_ = Event{item.time, 0, 0, item.lost};
    } else {
        ++end_.arrived;
        if (const auto problem = tracer_.decoder().decode(item.bytes, event_); !problem.empty()) {
            if (end_.refused++ == 0)
                refusal_ = problem;
            return;
        }
    }
    if (on_event)
        on_event(event_);
    if (filter_) {
        const auto verdict = filter_->apply(event_);
        if (verdict == PacketFilter::Verdict::kNo)
            return;
        event_.undecided = event_.undecided || verdict == PacketFilter::Verdict::kUnknown;
    }
    if (selection_)
        selection_->add(event_);
    else
        feed(event_);
}

void Live::feed(const Event& event) {
    if (recorder_)
        recorder_->add(event);
    display_.add(event);
}

void Live::finish() {
    tracer_.detach();
    while (pump()) {
    }
    end_.counts = tracer_.counts();
    tracer_.queue().push_final_loss(tracer_.lost_total(), monotonic_now());
    tracer_.queue().release(INT64_MAX, [this](const auto& item) { take(item); });
    pass_on(INT64_MAX);
    if (recorder_)
        recorder_->finish(end_);
    display_.finish();
}

bool Live::done() const {
    if (display_.done())
        return true;
    return recorder_ && recorder_->over() && (recorder_->failure().empty() || !shows_);
}

std::string Live::summary() const {
    auto text = summary_text(display_.totals(), end_);
    if (!refusal_.empty())
        text += " (" + refusal_ + ")";
    if (recorder_ && !recorder_->on_stdout())
        text += "; " + recorder_->result();
    return text;
}

bool Live::complete() const {
    return is_complete(display_.totals(), end_);
}

std::string Live::recording_failure() const {
    return recorder_ ? recorder_->failure() : "";
}

}  // namespace tcpladder

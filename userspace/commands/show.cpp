// SPDX-License-Identifier: MIT
#include <cstdint>
#include <filesystem>
#include <system_error>

#include "commands/commands.h"
#include "commands/display.h"
#include "commands/replay.h"
#include "commands/summary.h"
#include "commands/terminal.h"
#include "support/say.h"

namespace tcpladder {
namespace {

int report(const ShowOptions& options, const Display& display, const ReplaySource& source,
           bool read_to_end) {
    for (const auto& remark : source.remarks_after(read_to_end))
        say(remark);
    const auto end = read_to_end ? source.end() : std::optional<RecordingEnd>{};
    if (!options.format.quiet)
        say(summary_text(display.totals(), end));
    if (source.is_damaged())
        return kFailed;
    // With -c, what follows was not asked for.
    const bool all = display.done() || (end && is_complete(display.totals(), *end));
    const bool complete = all && !source.lacks_records();
    return options.strict && !complete ? kNotMet : kDone;
}

/// Whether a second conversation comes.
class Conversations : public EntrySink {
public:
    void entry(const Entry& entry) override {
        if (entry.side != nullptr && entry.side->connection > most_)
            most_ = entry.side->connection;
    }
    bool wants_summaries() const override { return false; }
    bool several() const { return most_ > 1; }

private:
    std::uint32_t most_ = 0;
};

bool can_be_read_twice(const ShowOptions& options) {
    constexpr std::uintmax_t kMost = 32U << 20;  // bytes: it takes no time that anybody notices
    std::uintmax_t bytes = 0;
    for (const auto& name : options.files) {
        std::error_code error;
        if (options.tail || !std::filesystem::is_regular_file(name, error))
            return false;
        bytes += std::filesystem::file_size(name, error);
    }
    return bytes <= kMost;
}

// Read once for that, up to the second conversation.
bool holds_one_conversation(const ShowOptions& options) {
    if (options.format.conversations.size() == 1)
        return true;
    if (!can_be_read_twice(options))
        return false;
    Conversations conversations;
    Replay replay(options);
    Tracker tracker(conversations, replay.info(), ConnectionFilter{replay.port()});
    replay.run([&](std::span<const Event> events, MonoNs /*idle_until*/) {
        for (const auto& event : events)
            tracker.add(event);
        return !conversations.several();
    });
    tracker.finish();
    return !conversations.several();
}

}  // namespace

int run_show(const ShowOptions& given) {
    auto options = given;
    const auto terminal = look_at_stdout();
    const bool may_draw = terminal.is_one && !options.view_chosen;
    adapt(options, terminal, may_draw && holds_one_conversation(options));
    Replay replay(options);
    Display display(options, replay.info(), ConnectionFilter{replay.port()});
    for (const auto& remark : replay.source().remarks_before())
        say(remark);
    const bool read_to_end = replay.run([&](std::span<const Event> events, MonoNs idle_until) {
        for (const auto& event : events) {
            if (display.done())
                return false;
            display.add(event);
        }
        if (idle_until != INT64_MIN)
            display.advance(idle_until);
        if (events.empty())
            display.flush();
        return !display.done();
    });
    display.finish();
    return report(options, display, replay.source(), read_to_end);
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
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
    const bool complete = end && is_complete(display.totals(), *end);
    return options.strict && !complete ? kNotMet : kDone;
}

}  // namespace

int run_show(const ShowOptions& given) {
    auto options = given;
    adapt(options, look_at_stdout(), options.format.conversations.size() == 1);
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

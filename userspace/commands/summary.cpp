// SPDX-License-Identifier: MIT
#include "commands/summary.h"

#include <fmt/core.h>

namespace tcpladder {
namespace {

std::string counted_text(const RecordingEnd& end) {
    const auto& counts = end.counts;
    auto text =
        fmt::format("; {} from the kernel, {} lost", plural(counts.sent, "record"), counts.lost);
    if (counts.lost > 0)
        text += fmt::format(" ({} of segments, {} of states): a larger --buffer helps",
                            counts.lost_segments, counts.lost_states);
    if (counts.unreadable > 0)
        text += "; " + plural(counts.unreadable, "segment") + " with unreadable headers";
    if (counts.missed > 0)
        text += fmt::format("; {} missed by the kernel", counts.missed);
    if (end.refused > 0)
        text += "; " + plural(end.refused, "record") + " refused";
    if (counts.sent != end.arrived)
        text += fmt::format("; {} arrived of {} records", end.arrived, counts.sent);
    return text;
}

}  // namespace

std::string plural(std::uint64_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string summary_text(const Totals& totals, const std::optional<RecordingEnd>& end) {
    auto text =
        fmt::format("{}, {}, {}", plural(totals.connections, "connection"),
                    plural(totals.segments, "segment"), plural(totals.transitions, "state change"));
    if (totals.inferred > 0)
        text += fmt::format(" ({} inferred)", totals.inferred);
    if (totals.retransmits > 0)
        text += ", " + plural(totals.retransmits, "retransmission");
    if (totals.resets > 0)
        text += ", " + plural(totals.resets, "reset");
    if (totals.drops > 0)
        text += ", " + plural(totals.drops, "dropped segment");
    if (totals.unknown_causes > 0)
        text += fmt::format(", {} with unknown cause", totals.unknown_causes);
    if (end)
        text += counted_text(*end);
    if (totals.late > 0)
        text += "; " + plural(totals.late, "row") + " out of order";
    return text;
}

bool is_complete(const Totals& totals, const RecordingEnd& end) {
    const auto& counts = end.counts;
    return counts.lost == 0 && counts.unreadable == 0 && counts.missed == 0 && end.refused == 0 &&
           totals.late == 0 && counts.sent == end.arrived;
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include "views/json_view.h"

namespace tcpladder {

JsonView::JsonView(Output& output, const Format& /*format*/) : output_(output) {}

void JsonView::begin(const TraceInfo& info) {
    clock_ = WallTime(WallTime::Zone::kUtc, info.wall_offset);
    sides_.begin(info.hosts);
}

void JsonView::entry(const Entry& entry) {
    row_.clear();
    append_head(entry);
    if (const auto* segment = std::get_if<SegmentEntry>(&entry.body)) {
        sides_.append(row_, entry.side, segment->tcp);
    } else {
        sides_.append(row_, entry.side);
    }
    body_.append(entry);
    row_.append("}\n");
    output_.write(row_.view());
}

void JsonView::append_head(const Entry& entry) {
    row_.append(R"({"v":1)");
    if (entry.n != 0) {
        row_.append(R"(,"n":)");
        row_.append_decimal(entry.n);
    }
    row_.append(R"(,"kind":")");
    row_.append(json_kind(entry));
    row_.append(R"(","time":")");
    clock_.append_rfc3339(row_, entry.time);
    row_.append(R"(","mono_ns":)");
    row_.append_signed(entry.time);
}

}  // namespace tcpladder

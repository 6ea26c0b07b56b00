// SPDX-License-Identifier: MIT
#include "views/csv_states_view.h"

#include <array>

namespace tcpladder {
namespace {

constexpr std::array<std::string_view, 4> kCauseTypes = {"unknown", "call", "segment", "timer"};

std::string_view word_of(Role role) {
    return role == Role::kClient ? "client" : role == Role::kServer ? "server" : "";
}

}  // namespace

void CsvStatesView::begin(const TraceInfo& info) {
    clock_ = WallTime(WallTime::Zone::kUtc, info.wall_offset);
    output_.write(
        "n,time,mono_ns,conn,side,local,remote,pid,comm,old,new,observed,cause_type,cause_what,"
        "cause_n,in_state_ns\n");
}

void CsvStatesView::entry(const Entry& entry) {
    const auto* state = std::get_if<StateEntry>(&entry.body);
    if (state == nullptr || entry.side == nullptr)
        return;
    const auto& side = *entry.side;
    line_.number(entry.n);
    clock_.append_rfc3339(line_.cell(), entry.time);
    line_.signed_number(entry.time);
    side.connection != 0 ? line_.number(side.connection) : line_.nothing();
    line_.word(word_of(side.role));
    line_.endpoint(side.local);
    line_.endpoint(side.remote);
    side.owner.pid != 0 ? line_.number(side.owner.pid) : line_.nothing();
    line_.name(side.owner.name());
    line_.word(name(state->from));
    line_.word(name(state->to));
    line_.word(state->observed ? "true" : "false");
    line_.word(kCauseTypes[static_cast<std::size_t>(state->cause.type)]);
    line_.phrase(state->cause.what);
    state->cause.n != 0 ? line_.number(state->cause.n) : line_.nothing();
    state->in_state_ns ? line_.signed_number(*state->in_state_ns) : line_.nothing();
    output_.write(line_.finish());
}

}  // namespace tcpladder

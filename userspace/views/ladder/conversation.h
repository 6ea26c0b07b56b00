// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "model/entry.h"
#include "views/ladder/symbols.h"

namespace tcpladder {

/// One end as the picture knows it: what its last row said.
struct LadderEnd {
    std::uint64_t id = 0;  ///< Side::id; 0: not met yet
    Endpoint name;
    Role role = Role::kUnknown;
    Task owner;
    NetNs netns = 0;
    TcpState state = TcpState::kUnknown;
    bool inferred = false;  ///< the state is
    /// The number of what was sent again last, where its arrow says why.
    std::optional<Seq> told_again;

    /// Nothing more is expected of it but the end of TIME_WAIT.
    bool is_done() const { return state == TcpState::kClose || state == TcpState::kTimeWait; }
};

/// One conversation, and what is remembered of it from row to row.
struct Conversation {
    std::uint32_t number = 0;
    std::array<LadderEnd, 2> ends;
    Symbols symbols;
    std::optional<MonoNs> last_row;
    bool to_itself = false;  ///< both ends are one socket
    bool reset = false;      ///< a RST was seen
    bool has_header = false;
    bool interrupted = false;  ///< another one was drawn since: say again whose rails these are
    /// Rows that wait until it is this conversation's turn.
    std::string waiting;

    LadderEnd& end(Rail rail) { return ends[index_of(rail)]; }
    const LadderEnd& end(Rail rail) const { return ends[index_of(rail)]; }
    /// Both ends are, as far as they are known; where no state is, a RST is the end.
    bool is_over() const {
        const auto silent = [](const LadderEnd& end) {
            return end.is_done() || end.state == TcpState::kUnknown;
        };
        return silent(ends[0]) && silent(ends[1]) &&
               (reset || ends[0].is_done() || ends[1].is_done());
    }
};

/// Which rail is the side's. Meets the ends at their first row: the client goes to
/// the left; where it is not known who that is, the end with the higher port.
Rail meet(Conversation& conversation, const Side& side);

}  // namespace tcpladder

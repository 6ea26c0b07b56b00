// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string_view>

#include "model/tcp_state.h"

namespace tcpladder::lab {

/// One way from state to state that a scenario should show.
struct Arrow {
    std::string_view number;  ///< in docs/coverage.md; empty: not in RFC 9293's figure 5
    std::string_view rfc;     ///< `LISTEN -> SYN-RECEIVED`, or what it is about
    std::string_view event;   ///< RFC 9293's words for what makes it
    TcpState from;
    TcpState to;
    std::string_view cause;     ///< tcpladder's words for it
    std::string_view scenario;  ///< that is about it, and is named if it showed it
    /// Linux passes this state on the way, by the same segment. kUnknown: none.
    TcpState through = TcpState::kUnknown;
    std::string_view remark = {};  ///< where Linux differs
};

/// One of TCP's states.
struct StateName {
    std::string_view rfc;
    TcpState state;
    std::string_view scenario;
};

/// RFC 9293's figure 5, in the order of its states.
std::span<const Arrow> figure_5();
/// In RFC 9293's text only.
std::span<const Arrow> text_only();
/// Not in RFC 9293: what Linux, its timers and its administrators do.
std::span<const Arrow> linux_own();
std::span<const StateName> all_states();

}  // namespace tcpladder::lab

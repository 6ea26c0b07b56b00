// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tcpladder {

/// Linux's numbers (include/net/tcp_states.h, stable since 2.6; 12 since 4.4).
enum class TcpState : std::uint8_t {
    kUnknown = 0,
    kEstablished = 1,
    kSynSent = 2,
    kSynRecv = 3,
    kFinWait1 = 4,
    kFinWait2 = 5,
    kTimeWait = 6,
    kClose = 7,
    kCloseWait = 8,
    kLastAck = 9,
    kListen = 10,
    kClosing = 11,
    kNewSynRecv = 12,  ///< a request socket: shown as SYN_RECV
};

/// A number from a kernel record; nothing if it is none of the above but 0.
std::optional<TcpState> tcp_state_from(unsigned number);

/// By the name that Linux, RFC 9293 or ss gives it, in any case: `FIN_WAIT1`,
/// `FIN-WAIT-1`, `fin-wait-1`, `SYN-RECEIVED`, `CLOSED`, `estab`.
std::optional<TcpState> tcp_state_named(std::string_view text);

/// Linux's name: `SYN_RECV`, `FIN_WAIT1`, `CLOSE`; `?` for kUnknown.
std::string_view name(TcpState state);

/// Its socket is the end of no connection any more.
inline bool is_closed(TcpState state) {
    return state == TcpState::kClose || state == TcpState::kTimeWait;
}

/// Whether RFC 9293 (figure 5 and section 3.10) has a way from one to the other,
/// Linux's spelling of it included (SYN_RECV -> CLOSE for "to LISTEN", aborts).
bool is_legal(TcpState from, TcpState to);

}  // namespace tcpladder

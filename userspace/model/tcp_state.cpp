// SPDX-License-Identifier: MIT
#include "model/tcp_state.h"

#include <string>
#include <utility>

namespace tcpladder {
namespace {

constexpr auto kLastState = static_cast<unsigned>(TcpState::kNewSynRecv);

/// A request socket is in SYN_RECV.
TcpState canonical(TcpState state) {
    return state == TcpState::kNewSynRecv ? TcpState::kSynRecv : state;
}

template <typename... States>
constexpr unsigned set_of(States... states) {
    return ((1U << static_cast<unsigned>(states)) | ... | 0U);
}

unsigned successors(TcpState state) {
    using enum TcpState;
    switch (state) {
        case kClose:
            return set_of(kListen, kSynSent);
        case kListen:
            return set_of(kSynRecv, kClose);
        case kSynSent:
            return set_of(kSynRecv, kEstablished, kClose);
        case kSynRecv:
            return set_of(kEstablished, kFinWait1, kCloseWait, kClose);
        case kEstablished:
            return set_of(kFinWait1, kCloseWait, kClose);
        case kFinWait1:
            return set_of(kFinWait2, kClosing, kTimeWait, kClose);
        case kFinWait2:
        case kClosing:
            return set_of(kTimeWait, kClose);
        case kCloseWait:
            return set_of(kLastAck, kClose);
        case kLastAck:
            return set_of(kClose);
        case kTimeWait:
            return set_of(kSynRecv, kClose);  // reopened by a SYN: section 3.10.7.4
        case kUnknown:
        case kNewSynRecv:
            break;
    }
    return 0;
}

}  // namespace

std::optional<TcpState> tcp_state_from(unsigned number) {
    if (number == 0 || number > kLastState) {
        return std::nullopt;
    }
    return static_cast<TcpState>(number);
}

std::string_view name(TcpState state) {
    switch (state) {
        case TcpState::kUnknown:
            break;
        case TcpState::kEstablished:
            return "ESTABLISHED";
        case TcpState::kSynSent:
            return "SYN_SENT";
        case TcpState::kSynRecv:
        case TcpState::kNewSynRecv:
            return "SYN_RECV";
        case TcpState::kFinWait1:
            return "FIN_WAIT1";
        case TcpState::kFinWait2:
            return "FIN_WAIT2";
        case TcpState::kTimeWait:
            return "TIME_WAIT";
        case TcpState::kClose:
            return "CLOSE";
        case TcpState::kCloseWait:
            return "CLOSE_WAIT";
        case TcpState::kLastAck:
            return "LAST_ACK";
        case TcpState::kListen:
            return "LISTEN";
        case TcpState::kClosing:
            return "CLOSING";
    }
    return "?";
}

bool is_legal(TcpState from, TcpState to) {
    return (successors(canonical(from)) & set_of(canonical(to))) != 0;
}

std::optional<TcpState> tcp_state_named(std::string_view text) {
    using enum TcpState;
    static constexpr std::pair<std::string_view, TcpState> kNames[] = {
        {"ESTABLISHED", kEstablished},
        {"ESTAB", kEstablished},
        {"SYNSENT", kSynSent},
        {"SYNRECV", kSynRecv},
        {"SYNRECEIVED", kSynRecv},
        {"SYNRCVD", kSynRecv},
        {"FINWAIT1", kFinWait1},
        {"FINWAIT2", kFinWait2},
        {"TIMEWAIT", kTimeWait},
        {"CLOSE", kClose},
        {"CLOSED", kClose},
        {"UNCONN", kClose},
        {"UNCONNECTED", kClose},
        {"CLOSEWAIT", kCloseWait},
        {"LASTACK", kLastAck},
        {"LISTEN", kListen},
        {"LISTENING", kListen},
        {"CLOSING", kClosing},
    };
    std::string plain;
    for (const char c : text) {
        if (c != '-' && c != '_')
            plain += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    for (const auto& [name, state] : kNames) {
        if (plain == name)
            return state;
    }
    return std::nullopt;
}

}  // namespace tcpladder

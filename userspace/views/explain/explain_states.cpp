// SPDX-License-Identifier: MIT
// What the explainer says of state changes. The model has named the cause; here
// it gets its place in the RFC.
#include "views/explain/explainer.h"

namespace tcpladder {

void Explainer::on(const StateEntry& state) {
    row_ = state.cause.n;
    const bool opening = state.to == TcpState::kListen || state.to == TcpState::kSynSent ||
                         state.to == TcpState::kSynRecv || state.to == TcpState::kEstablished;
    if (opening) {
        say_opening(state);
    } else if (state.to == TcpState::kClose) {
        say_end(state);
    } else {
        say_closing(state);
    }
    if (!state.observed) {
        say(Message::kInferred);
    }
    conversation_->learn(*from_, state);
}

void Explainer::say_opening(const StateEntry& state) {
    switch (state.to) {
        case TcpState::kListen:
            return say(Message::kListen);
        case TcpState::kSynSent:
            return say(Message::kConnect);
        case TcpState::kEstablished:
            return say_established(state);
        default:
            break;
    }
    if (row_ != 0 && to_->syn.seen()) {
        to_->syn.n = row_;  // of several copies the one that it answers
    }
    if (state.from == TcpState::kSynSent) {
        return say(Message::kSynReceivedCrossed);
    }
    if (from_->syn.acked) {
        row_ = to_->syn.n;
        return say(Message::kSynReceivedLate);
    }
    say(Message::kSynReceived);
    if (state.observed && to_->syn.seen() && to_->syn_payload == 0) {
        say(Message::kRequestSocket);
    }
}

void Explainer::say_established(const StateEntry& state) {
    say(state.from == TcpState::kSynSent ? Message::kEstablishedActive
                                         : Message::kEstablishedPassive);
}

void Explainer::say_closing(const StateEntry& state) {
    switch (state.to) {
        case TcpState::kFinWait1:
            return say(state.cause.what == "close()"      ? Message::kFinWait1Close
                       : state.cause.what == "shutdown()" ? Message::kFinWait1Shutdown
                       : state.cause.what == "exit()"     ? Message::kFinWait1Exit
                                                          : Message::kFinWait1);
        case TcpState::kCloseWait:
            return say(Message::kCloseWait);
        case TcpState::kLastAck:
            return say(Message::kLastAck);
        case TcpState::kFinWait2:
            return say(to_->fin.is_row(row_) ? Message::kFinWait2Passing : Message::kFinWait2);
        case TcpState::kClosing:
            return say(Message::kClosing);
        case TcpState::kTimeWait:
            say(Message::kTimeWait);
            if (state.observed) {
                say(Message::kTimeWaitSocket);
            }
            return;
        default:
            return;
    }
}

void Explainer::say_end(const StateEntry& state) {
    const std::string_view what = state.cause.what;
    if (state.from == TcpState::kListen) {
        return say(Message::kListenEnd);
    }
    if (state.from == TcpState::kTimeWait) {
        return say(what == "2MSL"                             ? Message::kTimeWaitEnd
                   : what == "rcv RST"                        ? Message::kTimeWaitReset
                   : what == "rcv SYN" || what == "connect()" ? Message::kTimeWaitReused
                                                              : Message::kClosed);
    }
    if (what == "rcv ICMP error") {
        return say(Message::kIcmp);
    }
    if (state.cause.type == CauseType::kSegment) {
        return say_end_by_segment(state);
    }
    if (state.cause.type == CauseType::kTimer) {
        return say(what == "FIN_WAIT2 timeout"        ? Message::kFinWait2Timeout
                   : state.from == TcpState::kSynRecv ? Message::kSynRecvTimeout
                   : state.from == TcpState::kSynSent ? Message::kConnectTimeout
                                                      : Message::kTimeout);
    }
    if (what == "connect() failed") {
        return say(Message::kConnectFailed);
    }
    if (what == "SOCK_DESTROY") {
        return say(Message::kDestroyed);
    }
    if (what == "connect(AF_UNSPEC)") {
        return say(Message::kDisconnected);
    }
    if (what == "close() of listener") {
        return say(Message::kListenerGone);
    }
    const bool by_call = state.cause.type == CauseType::kCall;
    if (by_call && state.from == TcpState::kSynSent) {
        return say(Message::kConnectClosed);
    }
    say(by_call && what == "close(), abort" ? Message::kAbort : Message::kClosed);
}

void Explainer::say_end_by_segment(const StateEntry& state) {
    const std::string_view what = state.cause.what;
    if (what == "rcv data, too late") {
        return say(Message::kLateData);
    }
    if (what == "rcv ACK of FIN" && state.from == TcpState::kLastAck) {
        return say(Message::kLastAckEnd);
    }
    if (what != "rcv RST") {
        return say(Message::kClosed);
    }
    say(state.from == TcpState::kSynSent   ? Message::kRefused
        : state.from == TcpState::kSynRecv ? Message::kSynRecvReset
                                           : Message::kReset);
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include "model/cause.h"

namespace tcpladder {
namespace {

// errno values are Linux's (include/uapi/asm-generic/errno.h).
constexpr std::uint32_t kEpipe = 32;
constexpr std::uint32_t kEconnaborted = 103;
constexpr std::uint32_t kEconnreset = 104;
constexpr std::uint32_t kEtimedout = 110;
constexpr std::uint32_t kEconnrefused = 111;
constexpr std::uint32_t kEhostunreach = 113;

CauseFound call(std::string_view what) {
    return {{CauseType::kCall, what, 0}, 0};
}
CauseFound timer(std::string_view what) {
    return {{CauseType::kTimer, what, 0}, 0};
}
CauseFound segment(std::string_view what, std::uint64_t id) {
    return {{CauseType::kSegment, what, 0}, id};
}

// The third segment of the handshake, or whatever acknowledged our SYN.
CauseFound by_handshake_ack(std::uint16_t cpu, const Received& received) {
    const auto ack = received.ack_on(cpu);
    const bool syn_ack = received.syn_ack != 0 && received.syn_ack == ack;
    return segment(syn_ack ? "rcv SYN+ACK" : "rcv ACK", ack);
}

CauseFound by_ack_of_fin(const Received& received) {
    return segment("rcv ACK of FIN", received.ack_of_fin);
}

// Linux runs tcp_reset() also on a socket that nobody holds any more when data
// comes for it: then there is no RST, and the data was the cause.
CauseFound by_reset(const Received& received) {
    if (received.reset == 0 && received.data != 0)
        return segment("rcv data, too late", received.data);
    return segment("rcv RST", received.reset);
}

// tcp_rcv_state_process() of 6.18, where nobody holds the socket any more: what acknowledges its
// FIN ends it if it brings data, or if TCP_LINGER2 is negative.
CauseFound end_without_holder(const Received& received) {
    if (received.fin != 0)
        return segment("rcv FIN", received.fin);
    if (received.data != 0 && received.data == received.last)
        return by_reset(received);
    return by_ack_of_fin(received);
}

CauseFound end_by_segment(TcpState from, const SocketSide& side) {
    switch (from) {
        case TcpState::kLastAck:
        case TcpState::kClosing:
            return by_ack_of_fin(side.active().received);
        case TcpState::kFinWait1:
        case TcpState::kFinWait2:
            return end_without_holder(side.active().received);
        default:
            return by_reset(side.active().received);
    }
}

CauseFound end_by_error(std::uint32_t error, TcpState from, const SocketSide& side) {
    switch (error) {
        case kEconnreset:
        case kEconnrefused:
        case kEpipe:
            return by_reset(side.active().received);
        case kEtimedout:
            return timer("timeout");
        case kEconnaborted:
            return call("SOCK_DESTROY");
        case kEhostunreach:
            return segment("rcv ICMP error", 0);
        case 0:
            break;
        default:
            return {};
    }
    switch (from) {
        case TcpState::kListen:
        case TcpState::kSynSent:
            return call("close()");
        case TcpState::kEstablished:
        case TcpState::kCloseWait:
        case TcpState::kSynRecv:
            return call("close(), abort");
        default:
            return end_by_segment(from, side);
    }
}

CauseFound end_of(const StateChange& change, const SocketSide& side) {
    if (side.active().reset_id != 0)
        return {{CauseType::kSegment, "rcv RST", 0}, side.active().reset_id};
    switch (change.via) {
        case Via::kClose:
            if (change.task.exiting)
                return call("exit()");
            return call(change.from == TcpState::kListen || change.from == TcpState::kSynSent
                            ? "close()"
                            : "close(), abort");
        case Via::kShutdown:
            return call("shutdown()");
        case Via::kDisconnect:
            return call("connect(AF_UNSPEC)");
        case Via::kConnect:
            return call("connect() failed");
        case Via::kDestroy:
            return call("SOCK_DESTROY");
        case Via::kListenerClosed:
            return call("close() of listener");
        case Via::kTimer:
            return timer("timeout");
        case Via::kIcmp:
            return segment("rcv ICMP error", 0);
        case Via::kReset:
            return by_reset(side.active().received);
        case Via::kSegment:
            if (change.error != 0)
                return by_reset(side.active().received);
            return end_by_segment(change.from, side);
        case Via::kNotTaken:
            if (change.task.exiting && change.error == 0)
                return call("exit()");
            return end_by_error(change.error, change.from, side);
        default:
            return {};
    }
}

// FIN_WAIT1 and LAST_ACK: our own FIN goes out.
CauseFound sending_fin(const StateChange& change) {
    switch (change.via) {
        case Via::kClose:
            return call(change.task.exiting ? "exit()" : "close()");
        case Via::kShutdown:
            return call("shutdown()");
        case Via::kNotTaken:
            return call(change.task.exiting ? "exit()" : "close() or shutdown()");
        default:
            return {};
    }
}

}  // namespace

CauseFound cause_by_segment(TcpState from, TcpState to, const SocketSide& side) {
    switch (to) {
        case TcpState::kSynRecv:
            return segment("rcv SYN", side.active().received.syn);
        case TcpState::kCloseWait:
        case TcpState::kClosing:
            return segment("rcv FIN", side.active().received.fin);
        case TcpState::kFinWait2:
            return by_ack_of_fin(side.active().received);
        case TcpState::kTimeWait:
            return from == TcpState::kClosing ? by_ack_of_fin(side.active().received)
                                              : segment("rcv FIN", side.active().received.fin);
        case TcpState::kClose:
            return end_by_segment(from, side);
        default:
            return {};
    }
}

CauseFound cause_of(const StateChange& change, std::uint16_t cpu, TcpState to,
                    const SocketSide& side) {
    switch (to) {
        case TcpState::kListen:
            return call("listen()");
        case TcpState::kSynSent:
            return call("connect()");
        case TcpState::kFinWait1:
        case TcpState::kLastAck:
            return sending_fin(change);
        case TcpState::kEstablished:
            return change.from == TcpState::kSynSent
                       ? segment("rcv SYN+ACK", side.active().received.syn_ack)
                       : by_handshake_ack(cpu, side.active().received);
        case TcpState::kClose:
            return end_of(change, side);
        default:
            return cause_by_segment(change.from, to, side);
    }
}

}  // namespace tcpladder

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
CauseFound segment(std::string_view what, const ReceivedSegment* received) {
    return {{CauseType::kSegment, what, 0}, received != nullptr ? received->id : 0};
}

bool is(const ReceivedSegment& received, std::uint16_t set, std::uint16_t clear = 0) {
    return (received.flags & set) == set && (received.flags & clear) == 0;
}

CauseFound by_syn(const SocketSide& side) {
    return segment("rcv SYN", side.received.newest([](const ReceivedSegment& received) {
        return is(received, tcp_flag::kSyn, tcp_flag::kAck);
    }));
}

CauseFound by_syn_ack(const SocketSide& side) {
    return segment("rcv SYN+ACK", side.received.newest([](const ReceivedSegment& received) {
        return is(received, tcp_flag::kSyn | tcp_flag::kAck);
    }));
}

// The third segment of the handshake, or whatever acknowledged our SYN first.
CauseFound by_handshake_ack(const SocketSide& side) {
    const auto* received = side.received.newest([&](const ReceivedSegment& candidate) {
        return is(candidate, tcp_flag::kAck, tcp_flag::kRst) &&
               (!side.isn_seen || seq_diff(candidate.ack, side.base) > 0);
    });
    return segment(received != nullptr && is(*received, tcp_flag::kSyn) ? "rcv SYN+ACK" : "rcv ACK",
                   received);
}

CauseFound by_fin(const SocketSide& side) {
    return segment("rcv FIN", side.received.newest([](const ReceivedSegment& received) {
        return is(received, tcp_flag::kFin, tcp_flag::kRst);
    }));
}

// Only the first segment that acknowledges our FIN can be it: later ones find
// another state.
CauseFound by_ack_of_fin(const SocketSide& side) {
    const auto* received =
        side.received.oldest(side.since.value_or(0), [&](const ReceivedSegment& candidate) {
            return is(candidate, tcp_flag::kAck, tcp_flag::kRst | tcp_flag::kSyn) &&
                   side.fin_end && seq_at_or_after(candidate.ack, *side.fin_end);
        });
    return segment("rcv ACK of FIN", received);
}

// Linux runs tcp_reset() also on a socket that nobody holds any more when data
// comes for it: then there is no RST, and the data was the cause.
CauseFound by_reset(const SocketSide& side) {
    const auto* reset = side.received.newest(
        [](const ReceivedSegment& received) { return is(received, tcp_flag::kRst); });
    if (reset != nullptr) return segment("rcv RST", reset);
    const auto* data = side.received.newest(
        [](const ReceivedSegment& received) { return received.end != received.seq; });
    return data != nullptr ? segment("rcv data, too late", data) : segment("rcv RST", nullptr);
}

CauseFound end_by_segment(TcpState from, const SocketSide& side) {
    switch (from) {
        case TcpState::kLastAck:
        case TcpState::kClosing:
            return by_ack_of_fin(side);
        case TcpState::kFinWait1:
        case TcpState::kFinWait2:
            return by_fin(side);
        default:
            return by_reset(side);
    }
}

CauseFound end_by_error(std::uint32_t error, TcpState from, const SocketSide& side) {
    switch (error) {
        case kEconnreset:
        case kEconnrefused:
        case kEpipe:
            return by_reset(side);
        case kEtimedout:
            return timer("timeout");
        case kEconnaborted:
            return call("SOCK_DESTROY");
        case kEhostunreach:
            return segment("rcv ICMP error", nullptr);
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
    if (side.reset_id) return {{CauseType::kSegment, "rcv RST", 0}, *side.reset_id};
    switch (change.via) {
        case Via::kClose:
            if (change.task.exiting) return call("exit()");
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
            return segment("rcv ICMP error", nullptr);
        case Via::kReset:
            return by_reset(side);
        case Via::kSegment:
            if (change.error != 0) return by_reset(side);
            return end_by_segment(change.from, side);
        case Via::kNotTaken:
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
            return by_syn(side);
        case TcpState::kEstablished:
            return from == TcpState::kSynSent ? by_syn_ack(side) : by_handshake_ack(side);
        case TcpState::kCloseWait:
        case TcpState::kClosing:
            return by_fin(side);
        case TcpState::kFinWait2:
            return by_ack_of_fin(side);
        case TcpState::kTimeWait:
            return from == TcpState::kClosing ? by_ack_of_fin(side) : by_fin(side);
        case TcpState::kClose:
            return end_by_segment(from, side);
        default:
            return {};
    }
}

CauseFound cause_of(const StateChange& change, TcpState to, const SocketSide& side) {
    switch (to) {
        case TcpState::kListen:
            return call("listen()");
        case TcpState::kSynSent:
            return call("connect()");
        case TcpState::kFinWait1:
        case TcpState::kLastAck:
            return sending_fin(change);
        case TcpState::kClose:
            return end_of(change, side);
        default:
            return cause_by_segment(change.from, to, side);
    }
}

}  // namespace tcpladder

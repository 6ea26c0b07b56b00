// SPDX-License-Identifier: MIT
#include "lab/coverage_arrows.h"

#include <array>

namespace tcpladder::lab {
namespace {

using enum TcpState;

constexpr std::array kFigure5{
    Arrow{"1", "CLOSED -> LISTEN", "passive OPEN", kClose, kListen, "listen()", "stop-listening"},
    Arrow{"2", "CLOSED -> SYN-SENT", "active OPEN; snd SYN", kClose, kSynSent, "connect()",
          "handshake-and-close"},
    Arrow{"3", "LISTEN -> CLOSED", "CLOSE", kListen, kClose, "close()", "stop-listening"},
    Arrow{"4", "LISTEN -> SYN-RECEIVED", "rcv SYN; snd SYN,ACK", kListen, kSynRecv, "rcv SYN",
          "handshake-and-close", kUnknown,
          "the kernel speaks only at the third segment; the request's timer tells of the SYN"},
    Arrow{"5", "LISTEN -> SYN-SENT", "SEND; snd SYN", kUnknown, kUnknown, "", "", kUnknown,
          "does not exist in Linux: connect() on a listener fails with EISCONN, send() with EPIPE"},
    Arrow{"6", "SYN-SENT -> CLOSED", "CLOSE", kSynSent, kClose, "close()", "connect-given-up"},
    Arrow{"7", "SYN-SENT -> SYN-RECEIVED", "rcv SYN; snd SYN,ACK", kSynSent, kSynRecv, "rcv SYN",
          "simultaneous-open"},
    Arrow{"8", "SYN-SENT -> ESTABLISHED", "rcv SYN,ACK; snd ACK", kSynSent, kEstablished,
          "rcv SYN+ACK", "handshake-and-close"},
    Arrow{"9", "SYN-RECEIVED -> ESTABLISHED", "rcv ACK of SYN", kSynRecv, kEstablished, "rcv ACK",
          "handshake-and-close"},
    Arrow{"10", "SYN-RECEIVED -> FIN-WAIT-1", "CLOSE; snd FIN", kSynRecv, kFinWait1, "close()",
          "close-in-syn-recv"},
    Arrow{"11", "SYN-RECEIVED -> LISTEN", "rcv RST", kSynRecv, kClose, "rcv RST",
          "reset-in-syn-recv", kUnknown,
          "Linux ends the request; its listener has been in LISTEN all the time"},
    Arrow{"12", "ESTABLISHED -> FIN-WAIT-1", "CLOSE; snd FIN", kEstablished, kFinWait1, "close()",
          "handshake-and-close"},
    Arrow{"13", "ESTABLISHED -> CLOSE-WAIT", "rcv FIN; snd ACK", kEstablished, kCloseWait,
          "rcv FIN", "handshake-and-close"},
    Arrow{"14", "FIN-WAIT-1 -> FIN-WAIT-2", "rcv ACK of FIN", kFinWait1, kFinWait2,
          "rcv ACK of FIN", "handshake-and-close"},
    Arrow{"15", "FIN-WAIT-1 -> CLOSING", "rcv FIN; snd ACK", kFinWait1, kClosing, "rcv FIN",
          "simultaneous-close"},
    Arrow{"16", "FIN-WAIT-1 -> TIME-WAIT", "rcv ACK of FIN and FIN; snd ACK", kFinWait1, kTimeWait,
          "rcv FIN", "fin-with-ack", kFinWait2, "by way of FIN_WAIT2, one segment for both steps"},
    Arrow{"17", "FIN-WAIT-2 -> TIME-WAIT", "rcv FIN; snd ACK", kFinWait2, kTimeWait, "rcv FIN",
          "half-close", kUnknown,
          "the kernel says CLOSE; the small socket's timer tells the truth"},
    Arrow{"18", "CLOSING -> TIME-WAIT", "rcv ACK of FIN", kClosing, kTimeWait, "rcv ACK of FIN",
          "simultaneous-close"},
    Arrow{"19", "CLOSE-WAIT -> LAST-ACK", "CLOSE; snd FIN", kCloseWait, kLastAck, "close()",
          "handshake-and-close"},
    Arrow{"20", "LAST-ACK -> CLOSED", "rcv ACK of FIN", kLastAck, kClose, "rcv ACK of FIN",
          "handshake-and-close"},
    Arrow{"21", "TIME-WAIT -> CLOSED", "timeout = 2MSL", kTimeWait, kClose, "2MSL",
          "time-wait-ends", kUnknown, "no event but the small socket's timer"},
};

constexpr std::array kTextOnly{
    Arrow{"", "SYN-SENT -> CLOSED", "rcv RST", kSynSent, kClose, "rcv RST", "refused"},
    Arrow{"", "ESTABLISHED -> CLOSED", "rcv RST", kEstablished, kClose, "rcv RST", "forged-reset"},
    Arrow{"", "FIN-WAIT-1 -> CLOSED", "rcv RST", kFinWait1, kClose, "rcv RST",
          "reset-in-fin-wait1"},
    Arrow{"", "FIN-WAIT-2 -> CLOSED", "rcv RST", kFinWait2, kClose, "rcv RST",
          "reset-in-fin-wait2"},
    Arrow{"", "CLOSE-WAIT -> CLOSED", "rcv RST", kCloseWait, kClose, "rcv RST",
          "reset-in-close-wait"},
    Arrow{"", "CLOSING -> CLOSED", "rcv RST", kClosing, kClose, "rcv RST", "reset-in-closing"},
    Arrow{"", "LAST-ACK -> CLOSED", "rcv RST", kLastAck, kClose, "rcv RST", "reset-in-last-ack"},
    Arrow{"", "TIME-WAIT -> CLOSED", "rcv RST", kTimeWait, kClose, "rcv RST",
          "time-wait-assassination"},
    Arrow{"", "SYN-RECEIVED -> CLOSE-WAIT", "rcv FIN", kSynRecv, kCloseWait, "rcv FIN",
          "fin-in-third-segment", kEstablished,
          "by way of ESTABLISHED, one segment for both steps"},
    Arrow{"", "ESTABLISHED -> CLOSED", "ABORT; snd RST", kEstablished, kClose, "close(), abort",
          "linger-zero"},
    Arrow{"", "SYN-SENT -> CLOSED", "USER TIMEOUT", kSynSent, kClose, "timeout", "connect-timeout"},
    Arrow{"", "ESTABLISHED -> CLOSED", "USER TIMEOUT", kEstablished, kClose, "timeout",
          "user-timeout"},
    Arrow{"", "FIN-WAIT-1 -> CLOSED", "USER TIMEOUT", kFinWait1, kClose, "timeout",
          "orphan-timeout"},
    Arrow{"", "SYN-SENT -> CLOSED", "ICMP error", kSynSent, kClose, "rcv ICMP error",
          "host-unreachable"},
    Arrow{"", "TIME-WAIT -> SYN-RECEIVED", "rcv a newer SYN", kTimeWait, kClose, "rcv SYN",
          "time-wait-new-syn", kUnknown, "a new connection on the same four numbers"},
};

constexpr std::array kLinuxOwn{
    Arrow{"", "LISTEN -> CLOSED", "shutdown(SHUT_RD)", kListen, kClose, "shutdown()",
          "stop-listening"},
    Arrow{"", "LISTEN -> CLOSED", "connect(AF_UNSPEC)", kListen, kClose, "connect(AF_UNSPEC)",
          "stop-listening"},
    Arrow{"", "SYN-SENT -> CLOSED", "connect() finds no free port", kSynSent, kClose,
          "connect() failed", "time-wait-refuses", kUnknown, "no SYN was sent"},
    Arrow{"", "SYN-RECEIVED -> CLOSED", "the SYN+ACK stays unanswered", kSynRecv, kClose,
          "SYN+ACK timeout", "syn-ack-unanswered"},
    Arrow{"", "SYN-RECEIVED -> CLOSED", "the accept queue is full (tcp_abort_on_overflow)",
          kSynRecv, kClose, "rcv ACK, no room", "abort-on-overflow"},
    Arrow{"", "ESTABLISHED -> FIN-WAIT-1", "shutdown(SHUT_WR)", kEstablished, kFinWait1,
          "shutdown()", "half-close"},
    Arrow{"", "ESTABLISHED -> FIN-WAIT-1", "the process dies", kEstablished, kFinWait1, "exit()",
          "killed"},
    Arrow{"", "ESTABLISHED -> CLOSED", "connect(AF_UNSPEC)", kEstablished, kClose,
          "connect(AF_UNSPEC)", "disconnect"},
    Arrow{"", "ESTABLISHED -> CLOSED", "SOCK_DESTROY (ss -K)", kEstablished, kClose, "SOCK_DESTROY",
          "destroyed"},
    Arrow{"", "ESTABLISHED -> CLOSED", "the listener closes before accept()", kEstablished, kClose,
          "close() of listener", "listener-closes-children"},
    Arrow{"", "FIN-WAIT-1 -> CLOSED", "data for a socket that nobody holds", kFinWait1, kClose,
          "rcv data, too late", "data-to-orphan"},
    Arrow{"", "FIN-WAIT-2 -> CLOSED", "the same, in the small socket", kFinWait2, kClose,
          "rcv data, too late", "data-to-fin-wait2"},
    Arrow{"", "FIN-WAIT-2 -> CLOSED", "tcp_fin_timeout", kFinWait2, kClose, "FIN_WAIT2 timeout",
          "fin-wait2-timeout"},
    Arrow{"", "FIN-WAIT-2 -> CLOSED", "close() with TCP_LINGER2 -1", kFinWait2, kClose,
          "close(), abort", "linger2-negative"},
    Arrow{"", "FIN-WAIT-2 -> CLOSED", "rcv FIN, and tcp_max_tw_buckets forbids TIME_WAIT",
          kFinWait2, kClose, "rcv FIN", "no-time-wait"},
    Arrow{"", "TIME-WAIT -> CLOSED", "connect() from the same port (tcp_tw_reuse)", kTimeWait,
          kClose, "connect()", "time-wait-reuse"},
};

constexpr std::array kStates{
    StateName{"CLOSED", kClose, "handshake-and-close"},
    StateName{"LISTEN", kListen, "handshake-and-close"},
    StateName{"SYN-SENT", kSynSent, "handshake-and-close"},
    StateName{"SYN-RECEIVED", kSynRecv, "handshake-and-close"},
    StateName{"ESTABLISHED", kEstablished, "handshake-and-close"},
    StateName{"FIN-WAIT-1", kFinWait1, "handshake-and-close"},
    StateName{"FIN-WAIT-2", kFinWait2, "half-close"},
    StateName{"CLOSE-WAIT", kCloseWait, "close-wait"},
    StateName{"CLOSING", kClosing, "simultaneous-close"},
    StateName{"LAST-ACK", kLastAck, "handshake-and-close"},
    StateName{"TIME-WAIT", kTimeWait, "handshake-and-close"},
};

}  // namespace

std::span<const Arrow> figure_5() {
    return kFigure5;
}

std::span<const Arrow> text_only() {
    return kTextOnly;
}

std::span<const Arrow> linux_own() {
    return kLinuxOwn;
}

std::span<const StateName> all_states() {
    return kStates;
}

}  // namespace tcpladder::lab

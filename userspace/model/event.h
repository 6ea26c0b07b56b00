// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/address.h"
#include "model/packet.h"
#include "model/tcp_state.h"

namespace tcpladder {

/// CLOCK_MONOTONIC of the recording machine, nanoseconds.
using MonoNs = std::int64_t;

/// A network namespace: its inode number, and above it the position of its host in
/// TraceInfo::hosts, since two hosts may use one number. 0: not known.
using NetNs = std::uint64_t;
constexpr NetNs netns_of(std::uint32_t host, std::uint32_t inode) {
    return (NetNs{host} << 32) | inode;
}
constexpr std::uint32_t inode_of(NetNs netns) {
    return static_cast<std::uint32_t>(netns);
}
constexpr std::uint32_t host_of(NetNs netns) {
    return static_cast<std::uint32_t>(netns >> 32);
}

/// Enough for IPv6 with extension headers and a full TCP header.
inline constexpr std::size_t kMaxHeaderBytes = 160;

/// A task as the kernel names it. The name is hostile text: escape to print.
struct Task {
    std::uint32_t pid = 0;  ///< thread group in the initial pid namespace; 0: not known
    std::uint32_t tid = 0;
    std::uint32_t uid = 0;
    std::array<char, 16> comm{};  ///< up to the first NUL
    bool exiting = false;         ///< in do_exit(): the kernel closes its files

    std::string_view name() const;
};

/// The two ends of a socket, seen from it. A port that is not chosen yet is 0.
struct SocketEnds {
    Endpoint local;
    Endpoint remote;
    bool operator==(const SocketEnds&) const = default;
};

/// One segment at one hook: sent (net_dev_queue, above the queueing discipline
/// and before segmentation) or received (netif_receive_skb, before the stack).
struct Segment {
    Segment() {}  // not "= default": that would first clear all header bytes
    bool sent = false;
    bool also_received = false;  ///< and at the same moment: a capture of loopback has it once
    std::uint64_t cookie = 0;    ///< of the sending socket, 0: not known
    std::uint64_t skb = 0;       ///< identifies one sk_buff while it travels; 0: not known
    std::uint32_t length = 0;    ///< from the IP header on, bytes
    std::uint32_t ifindex = 0;
    std::uint16_t gso_size = 0;  ///< payload per segment of an aggregate; 0: plain
    std::uint16_t gso_segs = 0;
    TcpState sk_state = TcpState::kUnknown;     ///< of the sending socket
    TcpState tw_substate = TcpState::kUnknown;  ///< where sk_state is TIME_WAIT
    TcpHeader tcp;
    std::uint16_t captured = 0;  ///< valid bytes of headers
    std::array<std::uint8_t, kMaxHeaderBytes> headers;
};

/// What the kernel's call chain says of a state change's origin.
enum class Via : std::uint8_t {
    kNotTaken,        ///< no call chain was taken
    kUnknown,         ///< taken, and it names nothing that we know
    kListen,          ///< listen()
    kConnect,         ///< connect()
    kClose,           ///< close(), also the kernel's at exit
    kShutdown,        ///< shutdown()
    kDisconnect,      ///< connect(AF_UNSPEC)
    kDestroy,         ///< SOCK_DESTROY (`ss -K`)
    kSegment,         ///< a received segment, at once or from the socket's backlog
    kReset,           ///< a received RST, or a reset that the kernel made of a segment
    kTimer,           ///< retransmission, probe, keepalive or FIN_WAIT2 timer
    kIcmp,            ///< an ICMP error
    kListenerClosed,  ///< the listener went away with this connection in its queue
};

/// Whether a state change was told by the kernel, or inferred from the segments of
/// a capture that has nothing else; then also where its end is, seen from
/// Event::netns.
enum class Inferred : std::uint8_t {
    kNo,
    kHere,      ///< the end is there
    kPeer,      ///< its peer is there, itself it is on another host
    kLoopback,  ///< both are there
};

/// inet_sock_set_state: never old == new, never other than TCP.
struct StateChange {
    SocketEnds ends;
    Task task;  ///< on the CPU; the actor only for calls
    std::uint64_t cookie = 0;
    Seq snd_una = 0;
    Seq snd_nxt = 0;
    Seq rcv_nxt = 0;
    std::uint32_t error = 0;  ///< sk_err, an errno
    TcpState from = TcpState::kUnknown;
    TcpState to = TcpState::kUnknown;
    Via via = Via::kNotTaken;
    Inferred inferred = Inferred::kNo;
};

/// Which clock made the kernel send again (icsk_pending); kNone: an ACK did.
enum class RetransmitTimer : std::uint8_t {
    kNone = 0,
    kRto = 1,
    kProbe = 3,
    kTlp = 5,
    kReorder = 6
};

/// tcp_retransmit_skb, tcp_retransmit_synack; follows its own sent segment.
struct Retransmit {
    SocketEnds ends;
    std::uint64_t cookie = 0;
    Seq seq = 0;
    Seq end = 0;  ///< exclusive
    std::int32_t error = 0;
    bool syn_ack = false;  ///< of a request socket
    TcpState state = TcpState::kUnknown;
    std::uint8_t timer = 0;     ///< RetransmitTimer, or a number that we do not know
    std::uint8_t ca_state = 0;  ///< 0 open, 1 disorder, 2 CWR, 3 recovery, 4 loss
    std::uint8_t count = 0;
};

/// The kernel's name for why, up to the first NUL; empty where it has none.
using ReasonName = std::array<char, 40>;

/// tcp_send_reset, tcp_receive_reset.
struct Reset {
    SocketEnds ends;  ///< local: the end that the event is about
    std::uint64_t cookie = 0;
    bool sent = false;
    TcpState state = TcpState::kUnknown;
    ReasonName reason{};
};

/// kfree_skb: the kernel threw away a segment that was on its way. Not its own loss
/// meter: a full accept queue, for one, drops a SYN without a word.
struct Drop {
    SocketEnds ends;           ///< local: the segment's source
    std::uint64_t cookie = 0;  ///< of the socket that the segment belonged to, at either end
    std::uint64_t skb = 0;     ///< as in Segment
    Seq seq = 0;
    Seq ack = 0;
    std::uint32_t payload = 0;
    std::uint16_t flags = 0;  ///< tcp_flag
    ReasonName reason{};
};

enum class Mini : std::uint8_t { kRequest = 1, kTimeWait = 2 };
enum class TimerStep : std::uint8_t { kStart = 1, kExpire = 2, kCancel = 3 };

/// The timer of a request or TIME_WAIT socket: when SYN_RECV and TIME_WAIT
/// truly begin and end.
struct MiniState {
    SocketEnds ends;
    std::uint64_t cookie = 0;
    std::uint64_t timer = 0;  ///< identifies the timer while it lives
    Mini mini = Mini::kRequest;
    TimerStep step = TimerStep::kStart;
    TcpState substate = TcpState::kUnknown;  ///< TIME_WAIT: FIN_WAIT2 or TIME_WAIT
    std::uint8_t timeouts = 0;               ///< request: SYN+ACK timeouts so far
    std::uint64_t listener_cookie = 0;       ///< request: its listener's; 0: not known
};

/// kUse: it sent or received through it. kSeed: it had it open when the trace began.
enum class OwnerHow : std::uint8_t { kUse = 1, kSeed = 2 };

/// A process is seen to hold the socket.
struct Owner {
    SocketEnds ends;
    Task task;
    std::uint64_t cookie = 0;
    OwnerHow how = OwnerHow::kUse;
    TcpState state = TcpState::kUnknown;
};

/// Records that found no room, at this place of the stream.
struct Lost {
    std::uint64_t count = 0;
    MonoNs from = 0;  ///< time of the last record before the gap; the event's time ends it
};

/// One fact from one kernel, complete in itself: live, replayed and made by
/// tests alike. Events enter the model in the order of their time.
struct Event {
    MonoNs time = 0;
    NetNs netns = 0;
    std::uint16_t cpu = 0;
    std::variant<Segment, StateChange, Retransmit, Reset, MiniState, Owner, Lost, Drop> body;
    /// Not known yet whether it is one of those asked for: see Selection. Never in the model.
    bool undecided = false;
};

/// How long a sent segment waits for its receipt on the same machine, ns.
inline constexpr MonoNs kLocalTransit = 20'000'000;

/// What is true of a whole trace.
struct TraceInfo {
    std::vector<std::string> hosts;  ///< names; several if recordings were merged
    std::string kernel;
    std::int64_t wall_offset = 0;  ///< Unix ns = MonoNs + this, sampled once at the start
    std::uint16_t port = 0;        ///< the trace was limited to this port; 0: it was not
    bool timers = true;  ///< mini-sockets' timers are seen; otherwise TIME_WAIT is inferred
    /// How long a sent segment may be on its way, ns: longer where recordings of
    /// several hosts were merged.
    MonoNs hold = kLocalTransit;
};

}  // namespace tcpladder

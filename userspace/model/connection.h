// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "model/entry.h"
#include "model/flow.h"
#include "model/story.h"

namespace tcpladder {

struct Connection;
struct PendingEntry;

/// How sure the owner of a socket is; later kinds replace earlier ones.
enum class OwnerSource : std::uint8_t {
    kNone,
    kListener,  ///< not accepted yet, or not known by whom: the listener's owner
    kSeen,      ///< seen to open or use it
};

/// Which segments an end has received, as far as one of them can be the cause of
/// a transition: ids of their entries (see Timeline), 0: none.
struct Received {
    std::uint64_t syn = 0;         ///< the newest without ACK
    std::uint64_t syn_ack = 0;     ///< the newest
    std::uint64_t fin = 0;         ///< the newest
    std::uint64_t reset = 0;       ///< the newest
    std::uint64_t ack = 0;         ///< the newest, and no RST
    std::uint64_t ack_of_fin = 0;  ///< the first that acknowledges this end's FIN
    std::uint64_t data = 0;        ///< the newest with a payload
    std::uint64_t last = 0;
};

/// Segments that an end has sent and whose receipt was not seen yet, in the order
/// of their sending: a list through the entries themselves.
class InFlight {
public:
    void add(PendingEntry& pending);
    /// Takes out the first entry that `is_it` (given a const PendingEntry&) accepts;
    /// null if there is none.
    template <typename IsIt>
    PendingEntry* take_first(IsIt&& is_it);
    /// Takes out every entry that `take` (given a PendingEntry&) accepts.
    template <typename Take>
    void take_if(Take&& take);
    bool empty() const { return first_ == nullptr; }

private:
    PendingEntry* first_ = nullptr;
    PendingEntry* last_ = nullptr;
};

/// One passage of a segment through a device. Where devices are stacked (bond,
/// VLAN, bridge) the same sk_buff passes several: those are not new segments.
struct Sighting {
    MonoNs time = 0;
    std::uint64_t skb = 0;
    std::uint32_t ifindex = 0;
    Seq seq = 0;
    Seq ack = 0;

    bool is_hop_of(const Sighting& first) const {
        constexpr MonoNs kNear = 1'000'000;
        return skb != 0 && skb == first.skb && ifindex != first.ifindex && seq == first.seq &&
               ack == first.ack && time - first.time < kNear;
    }
};

/// One end of a connection: what is shown of it (Side) and what the model knows.
struct SocketSide {
    Side shown;
    Connection* connection = nullptr;
    SocketSide* peer = nullptr;  ///< itself where a socket is connected to itself
    std::uint64_t cookie = 0;

    TcpState state = TcpState::kUnknown;
    std::optional<MonoNs> since;  ///< when it came into `state`
    OwnerSource owner_source = OwnerSource::kNone;
    bool place_guessed = false;  ///< its netns is only where its segments were seen

    bool base_known = false;  ///< `base` is the number that counts as relative 0
    bool isn_seen = false;    ///< and it is the initial sequence number
    Seq base = 0;
    std::optional<Seq> fin_end;  ///< one past the FIN that this end sent
    std::optional<std::uint8_t> window_scale;

    bool mini_fin_wait2 = false;            ///< FIN_WAIT2 is kept by a TIME_WAIT socket
    std::optional<std::uint64_t> reset_id;  ///< entry of the RST that this end accepted
    std::uint64_t previous_cookie = 0;      ///< of the socket that had this 4-tuple before
    /// An end that its timer announced and may still take back: see Wait::kRefusal.
    PendingEntry* undecided = nullptr;

    bool sends_seen = false;              ///< its segments are seen when it sends them
    bool receives_seen = false;           ///< and its peer's when it receives them
    bool answers_syn = false;             ///< its SYN+ACK in `unexplained` followed a repeated SYN
    PendingEntry* unexplained = nullptr;  ///< of its segments: see Wait::kReason
    std::string_view reset_reason;        ///< of the RST that it is about to send
    MonoNs reset_sent_at = 0;             ///< when the kernel last said that it sends one
    Flow flow;
    EndStory story;

    Received received;
    Sighting last_sent;
    Sighting last_received;
    InFlight in_flight;

    void touch() { ++shown.revision; }
    /// A segment that it has sent is shown, with these notes.
    void tell(const Notes& notes);
    void set_owner(const Task& task, OwnerSource source);
    /// Nothing more is expected of it but the end of TIME_WAIT.
    bool is_done() const {
        return state == TcpState::kClose || state == TcpState::kTimeWait ||
               state == TcpState::kUnknown;
    }
};

/// Two ends. Lives until both are closed and a little longer.
struct Connection {
    std::uint32_t number = 0;  ///< in this trace, from 1; 0: a listener
    std::array<SocketSide, 2> sides;
    bool in_use = true;  ///< false: its memory waits for another connection
    bool open = true;    ///< counts among those that are not done
    MonoNs last_segment = 0;
    std::optional<MonoNs> retire_at;
    Story story;
};

}  // namespace tcpladder

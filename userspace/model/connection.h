// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "model/entry.h"
#include "model/flow.h"
#include "model/story.h"
#include "support/huge_pages.h"

namespace tcpladder {

class PackedWriter;
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
    std::uint64_t ack_before = 0;  ///< the newest that came to another CPU than `ack`
    std::uint64_t ack_of_fin = 0;  ///< the first that acknowledges this end's FIN
    std::uint64_t data = 0;        ///< the newest with a payload
    std::uint64_t last = 0;
    std::uint16_t ack_cpu = 0;  ///< where `ack` came to
    std::uint16_t ack_before_cpu = 0;

    /// The newest ACK that came to this CPU, or else the newest.
    std::uint64_t ack_on(std::uint16_t cpu) const {
        return cpu != ack_cpu && cpu == ack_before_cpu && ack_before != 0 ? ack_before : ack;
    }
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

/// What is known of an end as long as it may still act.
struct EndActivity {
    Flow flow;
    EndStory story;
    Received received;
    Sighting last_sent;
    Sighting last_received;
    InFlight in_flight;
    /// An end that its timer announced and may still take back: see Wait::kRefusal.
    PendingEntry* undecided = nullptr;
    PendingEntry* unexplained = nullptr;  ///< of its segments: see Wait::kReason
    std::string_view reset_reason;        ///< of the RST that it is about to send
    MonoNs reset_sent_at = 0;             ///< when the kernel last said that it sends one
    std::uint64_t reset_id = 0;           ///< entry of the RST that it accepted; 0: none
    std::uint64_t previous_cookie = 0;    ///< of the socket that had this 4-tuple before
};

/// The same of both, and of the connection. Most of the memory of a connection.
struct Activity {
    std::array<EndActivity, 2> ends;
    Story story;
};

/// One end of a connection: what is shown of it (Side) and what the model knows.
struct SocketSide {
    std::uint64_t cookie = 0;
    Side shown;  ///< its start and the cookie are what is compared when it is looked for
    Connection* connection = nullptr;
    SocketSide* peer = nullptr;  ///< itself where a socket is connected to itself

    std::optional<MonoNs> since;  ///< when it came into `state`
    TcpState state = TcpState::kUnknown;
    OwnerSource owner_source = OwnerSource::kNone;
    bool in_names = false;  ///< which tables of Connections find it
    bool in_ends = false;
    bool in_cookies = false;
    bool place_guessed : 1 = false;  ///< its netns is only where its segments were seen

    bool base_known : 1 = false;      ///< `base` is the number that counts as relative 0
    bool isn_seen : 1 = false;        ///< and it is the initial sequence number
    bool mini_fin_wait2 : 1 = false;  ///< FIN_WAIT2 is kept by a TIME_WAIT socket
    bool sends_seen : 1 = false;      ///< its segments are seen when it sends them
    bool receives_seen : 1 = false;   ///< and its peer's when it receives them
    bool answers_syn : 1 = false;     ///< its SYN+ACK in `unexplained` followed a repeated SYN
    std::optional<std::uint8_t> window_scale;
    Seq base = 0;
    std::optional<Seq> fin_end;  ///< one past the FIN that this end sent

    /// The rest, which is in little room while nothing happens (Connection::rest).
    EndActivity& active() const;
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
    std::uint32_t rows = 0;    ///< of the timeline that are not shown yet
    bool in_use = true;        ///< false: its memory waits for another connection
    bool open = true;          ///< counts among those that are not done
    std::array<SocketSide, 2> sides;
    MonoNs last_segment = 0;
    std::optional<MonoNs> retire_at;

    /// `activities` must outlive it.
    explicit Connection(Pool<Activity>& activities) : activities_(&activities) {}

    Activity& active() {
        if (active_ == nullptr) [[unlikely]]
            wake();
        return *active_;
    }
    /// Puts active() into a quarter of its room until somebody asks for it, unless something
    /// has happened since `before`, a millisecond ago or more. No row may be waiting.
    void rest(MonoNs before, PackedWriter& writer);
    bool is_resting() const { return resting_ != nullptr; }
    /// Gives active() back: nobody will ask for it any more.
    void forget();

private:
    void wake();

    Pool<Activity>* activities_;
    Activity* active_ = nullptr;
    std::unique_ptr<char8_t[]> resting_;  // NOLINT(*-avoid-c-arrays): see PackedWriter
};

inline EndActivity& SocketSide::active() const {
    return connection->active().ends[this == connection->sides.data() ? 0 : 1];
}

}  // namespace tcpladder

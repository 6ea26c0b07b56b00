// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "model/connection_summary.h"
#include "model/event.h"
#include "model/segment_notes.h"

namespace tcpladder {

enum class Role : std::uint8_t { kUnknown, kClient, kServer };

/// One end of a connection, as far as it is known at this moment. Owned by the
/// model; valid while the entry that points to it is being shown.
struct Side {
    NetNs netns = 0;  ///< 0: this end has not been seen itself
    Endpoint local;
    Endpoint remote;  ///< version 0: a listener, it has none
    Role role = Role::kUnknown;
    Task owner;                    ///< pid 0: not known
    std::uint32_t connection = 0;  ///< number in this trace, from 1; 0: a listener
    std::uint32_t revision = 0;    ///< changes whenever one of the fields above does
    std::uint64_t id = 0;          ///< unique in this trace: with revision, a key for caches
    const Side* peer = nullptr;    ///< the other end, itself where it is; null: a listener
};

/// One segment, once: its sending and its receiving, whichever were seen.
struct SegmentEntry {
    SegmentEntry() {}  // not "= default": that would first clear all header bytes
    std::optional<MonoNs> sent;
    std::optional<MonoNs> received;
    TcpHeader tcp;
    std::uint32_t length = 0;    ///< from the IP header on
    std::uint32_t ifindex = 0;   ///< of the first sighting
    std::uint16_t gso_size = 0;  ///< an aggregate of segments of this payload; 0: plain
    std::uint16_t gso_segs = 0;
    bool relative_known = false;  ///< rel_* below are meaningful
    std::uint32_t rel_seq = 0;    ///< SYN is 0, the first data byte 1
    std::uint32_t rel_ack = 0;
    std::optional<std::uint32_t> window_scaled;  ///< where the scale is known
    Notes notes;
    std::uint64_t copy_of = 0;  ///< row of the first copy of what is sent again; 0: none, not known
    std::uint64_t acks = 0;     ///< row of the newest segment that this is the first to acknowledge
    std::string_view reset_reason;  ///< of a RST, the kernel's name; the model's; empty: not known
    std::uint16_t captured = 0;     ///< valid bytes of headers
    std::array<std::uint8_t, kMaxHeaderBytes> headers;  ///< the IP packet from its start

    std::uint32_t rel_end() const { return rel_seq + (tcp.end() - tcp.seq); }
    std::span<const std::uint8_t> option_bytes() const;  ///< of the TCP header
};

enum class CauseType : std::uint8_t { kUnknown, kCall, kSegment, kTimer };

struct Cause {
    CauseType type = CauseType::kUnknown;
    std::string_view what;  ///< `close()`, `rcv SYN+ACK`, `2MSL timer`; static storage
    std::uint64_t n = 0;    ///< the segment's position in the trace; 0: none, or not seen
    bool operator==(const Cause&) const = default;
};

struct StateEntry {
    TcpState from = TcpState::kUnknown;
    TcpState to = TcpState::kUnknown;
    bool observed = true;  ///< false: inferred, the kernel did not say so
    Cause cause;
    std::optional<std::int64_t> in_state_ns;  ///< how long `from` had lasted, where known
};

struct RetransmitEntry {
    Seq seq = 0;
    Seq end = 0;
    std::string_view why;  ///< `RTO`, `TLP`, `fast`, `SYN+ACK timeout`; static storage
    std::int32_t error = 0;
};

struct ResetEntry {
    bool sent = false;
    ReasonName reason{};
    /// Not sent, and not received either: data came that nobody will read, and Linux runs
    /// tcp_reset() for it.
    bool by_data = false;
};

/// The kernel threw a segment away. The row's side is the segment's sender.
struct DropEntry {
    Endpoint source;
    Endpoint destination;
    Seq seq = 0;
    Seq end = 0;              ///< exclusive; SYN and FIN count one
    std::uint16_t flags = 0;  ///< tcp_flag
    bool relative_known = false;
    std::uint32_t rel_seq = 0;  ///< as in SegmentEntry
    std::uint64_t n = 0;        ///< the segment's position in the trace; 0: it has no row
    ReasonName reason{};
};

struct LostEntry {
    std::uint64_t count = 0;
    MonoNs from = 0;
};

/// A remark about the trace itself or a connection.
struct NoteEntry {
    std::string_view text;  ///< static storage
};

/// A connection as a whole, once: when it is over and late segments have come, or at
/// the end of the trace. Not a row of the timeline: it has no position (n is 0).
struct SummaryEntry {
    const ConnectionSummary* connection = nullptr;
};

/// One row of the timeline.
struct Entry {
    std::uint64_t n = 0;         ///< position, from 1
    MonoNs time = 0;             ///< a segment's: when it was sent, else when it was received
    const Side* side = nullptr;  ///< whose: of a segment, the sender; of a summary, the client;
                                 ///< null: the trace's
    std::variant<SegmentEntry, StateEntry, RetransmitEntry, ResetEntry, LostEntry, NoteEntry,
                 SummaryEntry, DropEntry>
        body;
};

/// Takes the entries in their final order. Called once per entry; the entry and
/// its side are valid during the call only.
class EntrySink {
public:
    virtual ~EntrySink() = default;
    virtual void entry(const Entry& entry) = 0;
    /// Asked once, at the start: false spares the summaries of connections, most of the work for
    /// one that is over.
    virtual bool wants_summaries() const { return true; }
};

}  // namespace tcpladder

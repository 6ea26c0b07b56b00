// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>

#include "model/event.h"
#include "model/segment_notes.h"
#include "model/sent_ranges.h"

namespace tcpladder {

/// The numbers of one end of a connection: what it has sent, and what it has heard
/// from its peer. Both differ where segments are under way or lost.
struct Flow {
    SentRanges ranges;

    // What it has sent.
    bool known = false;      ///< `next` is
    bool ack_known = false;  ///< `ack` and `window` are
    bool all_acked_known = false;
    bool began = false;     ///< it has sent a SYN
    bool past_syn = false;  ///< it has sent something else than SYN and RST
    std::uint8_t duplicate_acks = 0;
    std::uint16_t window = 0;  ///< of its newest segment, as in the header
    Seq next = 0;              ///< one past the highest number
    Seq ack = 0;               ///< of its newest segment
    Seq acked = 0;             ///< the highest of its numbers that its peer has acknowledged
    MonoNs advanced = 0;       ///< when `next` grew
    MonoNs duplicated = 0;     ///< when it sent its newest duplicate ACK

    // What it has heard.
    enum class Heard : std::uint8_t { kNothing, kSegment, kSynOrRst, kKeepalive, kProbe };
    Heard heard = Heard::kNothing;  ///< the newest, since it has last sent something
    bool heard_next_known = false;
    Seq heard_next = 0;                         ///< one past the highest number
    Seq heard_ack = 0;                          ///< of the newest with an ACK
    std::optional<std::uint32_t> heard_window;  ///< its window, where the scale is known
    bool heard_shut = false;                    ///< it was zero
};

/// What a segment is, by its numbers and those before it.
struct Analysis {
    Notes notes;
    std::uint64_t copy_of = 0;  ///< ids of entries, as in SegmentEntry; 0: none
    std::uint64_t acks = 0;
    std::uint32_t new_bytes = 0;  ///< of the payload: not seen before
};

/// Takes in a segment that `from` has sent, in the order of sending; `id` is its
/// entry's. `from` and `to` may be one (a socket connected to itself).
Analysis analyse(const TcpHeader& tcp, MonoNs time, std::uint64_t id, Flow& from, Flow& to);

/// Takes in that `to` has received it, and completes its notes. `window` is the scaled
/// one, where known.
void hear(const TcpHeader& tcp, std::optional<std::uint32_t> window, Notes& notes, const Flow& from,
          Flow& to);

}  // namespace tcpladder

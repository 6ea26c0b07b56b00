// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/packet.h"
#include "model/seq.h"
#include "model/tcp_state.h"

namespace tcpladder {

/// A segment on its way to an end: nobody has seen yet that the end has it.
struct Arrival {
    Seq seq = 0;
    Seq end = 0;
    Seq ack = 0;
    std::uint16_t flags = 0;  ///< tcp_flag
    std::uint64_t after = 0;  ///< the row behind which it counts, once it does
    bool held = false;        ///< the rows behind that one wait for it

    bool has(std::uint16_t flag) const { return (flags & flag) != 0; }
    bool is_first_syn() const { return has(tcp_flag::kSyn) && !has(tcp_flag::kAck); }
};

/// What one end of a connection has shown of itself in its segments.
struct InferredEnd {
    TcpState state = TcpState::kUnknown;
    std::uint64_t cookie = 0;  ///< that we gave it; 0: none yet
    std::optional<Seq> isn;
    std::optional<Seq> fin_end;       ///< one past its FIN
    std::optional<Seq> sent_end;      ///< one past all that it has sent
    std::optional<Seq> in_order_end;  ///< the same, up to the first gap in the capture
    std::optional<Seq> acked;         ///< the highest acknowledgment that it has sent
    bool was_open = false;            ///< it has sent new data, or a FIN for the first time
    std::vector<Arrival> arrivals;    ///< in the order of the capture

    /// Takes the numbers of a segment that it sends. A RST's are not its own
    /// (RFC 9293 section 3.5.2: taken from the segment that it answers).
    void note_sent(const TcpHeader& tcp, InferredEnd& peer);
    bool is_fresh() const { return state == TcpState::kUnknown && !isn && !sent_end; }
    bool is_over() const {
        return state == TcpState::kUnknown || state == TcpState::kClose ||
               state == TcpState::kTimeWait;
    }
    bool has_open_fin() const;               ///< a FIN is on its way to it
    bool knows(const TcpHeader& tcp) const;  ///< the same is on its way to it already
};

/// Whether an end that sends `sent` has received `arrival` before.
bool proves(const TcpHeader& sent, const Arrival& arrival);

/// RFC 9293 section 3.10.7.3 and 3.10.7.4 first step, RFC 5961 section 3.2, and
/// tcp_reset_check(): a RST elsewhere in the window is answered with a challenge
/// ACK. How far the receiver has come is known as a range only.
bool accepts_reset(const InferredEnd& end, const InferredEnd& sender, const TcpHeader& tcp);

/// Whether a RST that an end sends tells of its own end. It does not where it
/// answers an unacceptable acknowledgment in SYN_SENT or SYN_RECV.
bool ends_by_sending_reset(const InferredEnd& end, const TcpHeader& tcp);

// The state after an event, `state` itself where the event changes nothing.
TcpState after_sending_fin(TcpState state);
TcpState after_fin(TcpState state);
TcpState after_ack_of_fin(TcpState state);
TcpState after_handshake(TcpState state);  ///< a SYN+ACK or ACK of our SYN

}  // namespace tcpladder

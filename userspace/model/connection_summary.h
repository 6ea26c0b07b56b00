// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "model/event.h"
#include "model/segment_notes.h"

namespace tcpladder {

struct Side;

enum class Who : std::uint8_t { kUnknown, kClient, kServer, kBoth };

enum class Handshake : std::uint8_t {
    kNotSeen,       ///< the trace began later, or its segments were lost to it
    kThreeWay,      ///< SYN, SYN+ACK, ACK
    kSimultaneous,  ///< both ends sent a SYN first (RFC 9293 figure 7)
    kFastOpen,      ///< the SYN carried data, and they were taken
    kRefused,       ///< the SYN was answered with a RST
    kNoAnswer,      ///< the SYN was never answered
    kUnfinished,    ///< it was answered, but the connection was never established
};

enum class CloseForm : std::uint8_t {
    kOpen,           ///< not closed when the trace ended
    kFourSegments,   ///< FIN, ACK, FIN, ACK (RFC 9293 figure 12)
    kThreeSegments,  ///< FIN, FIN that acknowledges it, ACK
    kSimultaneous,   ///< the FINs crossed (RFC 9293 figure 13)
    kHalfClose,      ///< the end that closed last sent data after the other's FIN
    kHalfOpen,       ///< one end has sent its FIN, the other had not when the trace ended
    kReset,          ///< a RST ended it
    kTimeout,        ///< an end gave up: nobody answered
    kUnseen,         ///< it ended, but how was not seen
};

/// How long an end was in a state, of which the start was seen.
struct StateTime {
    TcpState state = TcpState::kUnknown;
    MonoNs ns = 0;
};

/// What one end did.
struct EndSummary {
    std::uint64_t bytes = 0;        ///< payload sent, without what was sent again
    std::uint64_t segments = 0;     ///< sent
    std::uint64_t retransmits = 0;  ///< of them, those with Note::kRetransmission
    /// In the order in which it came into them, without CLOSE and LISTEN. The one that it
    /// is still in lasts until the end of the trace.
    std::span<const StateTime> states() const { return std::span(state_times).first(state_count); }

    std::array<StateTime, 8> state_times{};
    std::size_t state_count = 0;
};

/// A connection as a whole. Owned by the model, valid while its entry is shown.
struct ConnectionSummary {
    const Side* client = nullptr;  ///< if roles are not known, whoever was seen first
    const Side* server = nullptr;
    EndSummary of_client;
    EndSummary of_server;
    Who opened_by = Who::kUnknown;
    Who closed_by = Who::kUnknown;  ///< who sent the first FIN, or the RST
    Who reset_by = Who::kUnknown;   ///< whose RST ended it
    Handshake handshake = Handshake::kNotSeen;
    CloseForm close = CloseForm::kOpen;
    std::optional<MonoNs>
        handshake_ns;                   ///< first SYN to ESTABLISHED, of both ends if both are seen
    std::optional<MonoNs> lifetime_ns;  ///< first row to the end, without TIME_WAIT
    std::array<std::uint32_t, kNoteCount> notes{};  ///< how many segments had each
    bool gap = false;  ///< events were lost in its time: what is said of it may be wrong
};

}  // namespace tcpladder

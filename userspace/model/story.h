// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "model/connection_summary.h"
#include "model/event.h"

namespace tcpladder {

struct Connection;
struct SocketSide;
struct SegmentEntry;

/// What a summary needs to know of one end, besides what the model knows anyway.
struct EndStory {
    std::uint64_t bytes = 0;  ///< as in EndSummary
    std::uint64_t segments = 0;
    std::uint64_t retransmits = 0;
    std::array<std::uint64_t, 8> states{};  ///< as they ended: the nanoseconds above the state
    std::uint8_t state_count = 0;
    // What it has done.
    bool syn = false;
    bool syn_ack = false;
    bool fast_open = false;  ///< its SYN had data, and they were taken
    bool fin = false;
    bool fin_first = false;        ///< no other FIN or RST was before it
    bool reset = false;            ///< its RST was the last that happened
    bool reset_accepted = false;   ///< and the kernel says that it had effect
    bool saw_fin = false;          ///< it has acknowledged its peer's FIN
    bool fin_saw_fin = false;      ///< it had, at the latest in its own FIN
    bool acked_fin_alone = false;  ///< it had, in a segment of its own
    bool sent_after_fin = false;   ///< it sent data after that
    bool timed_out = false;        ///< it gave up
    std::optional<MonoNs> established;

    void left(TcpState state, MonoNs after);
    void take_back_last(TcpState state);
};

/// And of the connection.
struct Story {
    std::optional<MonoNs> first;
    MonoNs last = 0;  ///< the latest row, without the end of TIME_WAIT
    std::optional<MonoNs> first_syn;
    std::uint32_t gaps_before = 0;  ///< gaps of the trace before the first row,
    std::uint32_t gaps = 0;         ///< and before the last
    std::unique_ptr<std::array<std::uint32_t, kNoteCount>> notes;

    void happened(MonoNs time, std::uint32_t gaps_so_far);
    /// When its row is shown.
    void count(const Notes& of_segment);
};

/// Takes in a segment of `sender`, of which `new_bytes` were not sent before.
void tell(const SegmentEntry& row, MonoNs time, std::uint32_t new_bytes, SocketSide& sender);

/// The end of the story, at `now`.
ConnectionSummary summarise(Connection& connection, MonoNs now);

}  // namespace tcpladder

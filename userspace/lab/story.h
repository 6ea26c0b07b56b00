// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lab/scenario.h"
#include "model/entry.h"

namespace tcpladder::lab {

/// Whose an address is: host .1 or .2 of the lab's networks (see lab/addresses.h).
std::optional<Host> host_of(const Address& address);

/// Whether a segment with these flags and payload is of this kind.
bool is_kind(Kind kind, std::uint16_t flags, std::uint32_t payload);

/// What the tracer has shown so far, as far as scenarios speak of it. Filled by
/// the entries of a Tracker, in their order.
class Story : public EntrySink {
public:
    struct State {
        std::optional<Host> host;
        std::uint32_t connection = 0;  ///< 0: a listener
        TcpState from;
        TcpState to;
        bool observed;
        Cause cause;
    };
    struct SegmentFact {
        std::optional<Host> from;
        std::optional<Host> to;
        std::uint32_t connection = 0;
        std::uint16_t flags = 0;
        std::uint32_t payload = 0;
        std::optional<std::uint32_t> rel_seq;
        std::optional<std::uint32_t> rel_ack;
        std::uint16_t window = 0;
        Seq seq = 0;
        std::uint32_t pieces = 1;  ///< segments on the wire: an aggregate is several
        bool sent = false;
        bool received = false;
        Notes notes;
    };
    struct Resend {
        std::optional<Host> host;
        std::string_view why;
        std::uint32_t pieces = 1;
    };
    struct ResetFact {
        std::optional<Host> host;
        bool sent;
        std::string reason;
    };

    struct DropFact {
        std::optional<Host> from;
        std::string reason;
    };
    struct Summary {
        std::uint32_t connection;
        std::string verdict;
    };

    void entry(const Entry& entry) override;

    const std::vector<State>& states() const { return states_; }
    /// How many segments the host has sent to the other one: an aggregate is several.
    std::uint64_t sent(Host host) const;
    const std::vector<SegmentFact>& segments() const { return segments_; }
    const std::vector<Resend>& resends() const { return resends_; }
    const std::vector<ResetFact>& resets() const { return resets_; }
    const std::vector<DropFact>& drops() const { return drops_; }
    const std::vector<Summary>& summaries() const { return summaries_; }
    const std::vector<std::string_view>& notes() const { return notes_; }

private:
    std::uint32_t pieces_of(std::optional<Host> host, Seq seq) const;

    std::vector<State> states_;
    std::vector<SegmentFact> segments_;
    std::vector<Resend> resends_;
    std::vector<ResetFact> resets_;
    std::vector<DropFact> drops_;
    std::vector<Summary> summaries_;
    std::vector<std::string_view> notes_;
};

/// Whether what is waited for has happened. Counted from the start of the story,
/// so it never matters which of two things came first.
bool has_come(const StateWait& wait, const Story& story);
bool has_come(const SegmentWait& wait, const Story& story);
bool has_come(const ResendWait& wait, const Story& story);
bool has_come(const ResetWait& wait, const Story& story);

}  // namespace tcpladder::lab

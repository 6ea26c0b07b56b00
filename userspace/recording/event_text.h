// SPDX-License-Identifier: MIT
// An Event as the fields of a tl1 line, and back: nothing of it is lost, except
// that a segment's headers and times stand in its packet block. Keys and units:
// docs/recording.md.
#pragma once

#include <cstdint>
#include <string_view>

#include "model/event.h"
#include "recording/tl1.h"
#include "support/text_buffer.h"

namespace tcpladder {

/// Kernel addresses identify an sk_buff or a timer; a recording that is handed on
/// shall not tell them. One to one, so that equal stays equal; 0 stays 0.
class Disguise {
public:
    explicit Disguise(std::uint64_t key) : key_(key) {}
    std::uint64_t operator()(std::uint64_t address) const;

private:
    std::uint64_t key_;
};

/// `seg`, `state`, `retx`, `reset`, `mini`, `sock`, `lost`, `drop`.
std::string_view kind_of(const Event& event);

/// Appends the fields of the body, and netns and cpu.
void write_fields(TextBuffer& out, const Event& event, const Disguise& disguise);

/// Appends one line for people, without control characters: what tshark shows.
void write_message(TextBuffer& out, const Event& event);

/// 6 normal, 5 retransmission, 4 reset or drop, 3 lost: syslog's severities.
unsigned priority_of(const Event& event);

/// Reads the fields of a record other than a segment into `event`: body, netns,
/// cpu; not its time. `kind`: tl1::key() of kind_of(). Empty: done; else what is wrong.
std::string_view read_fields(std::uint64_t kind, tl1::Fields& fields, Event& event);

/// The same of a segment's comment: cookie, states, aggregate, cpu.
std::string_view read_segment_fields(tl1::Fields& fields, Event& event);

/// `1.2.3.4:80`, `[::1]:80` (port 0: not known), `-` (nothing); anything else: false.
bool parse_endpoint(std::string_view text, Endpoint& endpoint);

}  // namespace tcpladder

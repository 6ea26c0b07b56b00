// SPDX-License-Identifier: MIT
#include "model/story.h"

#include <algorithm>

#include "model/connection.h"

namespace tcpladder {
namespace {

constexpr unsigned kStateBits = 4;
constexpr std::uint64_t kMostNs = UINT64_MAX >> kStateBits;

std::uint64_t pack(TcpState state, std::uint64_t ns) {
    return std::min(ns, kMostNs) << kStateBits | static_cast<std::uint64_t>(state);
}
TcpState state_of(std::uint64_t packed) {
    return static_cast<TcpState>(packed & ((1U << kStateBits) - 1));
}

bool is_shown(TcpState state) {
    return state != TcpState::kUnknown && state != TcpState::kClose && state != TcpState::kListen;
}

void tell_reset(SocketSide& sender) {
    auto& end = sender.active().story;
    auto& peer = sender.peer->active().story;
    end.reset = true;
    end.fin_first = end.fin_first || (!end.fin && !peer.fin && !peer.reset);
}

void tell_fin(const TcpHeader& tcp, SocketSide& sender) {
    auto& end = sender.active().story;
    const auto& peer = *sender.peer;
    const auto& peer_did = peer.active().story;
    if (end.fin)
        return;
    end.fin = true;
    end.fin_first = !peer_did.fin && !peer_did.reset;
    end.fin_saw_fin = peer_did.fin && peer.fin_end && tcp.has(tcp_flag::kAck) &&
                      seq_at_or_after(tcp.ack, *peer.fin_end);
}

void tell_ack(const TcpHeader& tcp, std::uint32_t new_bytes, SocketSide& sender) {
    auto& end = sender.active().story;
    const auto& peer = *sender.peer;
    if (!peer.active().story.fin || !peer.fin_end || seq_before(tcp.ack, *peer.fin_end))
        return;
    const bool alone = !end.fin && !tcp.has(tcp_flag::kFin);
    end.sent_after_fin = end.sent_after_fin || (alone && new_bytes > 0);
    end.acked_fin_alone = end.acked_fin_alone || (alone && new_bytes == 0);
    end.saw_fin = true;
}

}  // namespace

// More states than there is room for: a stream of events that no kernel makes.
void EndStory::left(TcpState state, MonoNs after) {
    if (!is_shown(state) || state_count == states.size() || after < 0)
        return;
    states[state_count++] = pack(state, static_cast<std::uint64_t>(after));
}

void EndStory::take_back_last(TcpState state) {
    if (state_count > 0 && state_of(states[state_count - 1]) == state)
        --state_count;
}

void Story::happened(MonoNs time, std::uint32_t gaps_so_far) {
    if (!first) {
        first = time;
        gaps_before = gaps_so_far;
    }
    last = time;
    gaps = gaps_so_far;
}

void Story::count(const Notes& of_segment) {
    if (notes == nullptr)
        notes = std::make_unique<std::array<std::uint32_t, kNoteCount>>();
    for (const Note note : of_segment)
        ++(*notes)[static_cast<std::size_t>(note)];
}

void tell(const SegmentEntry& row, MonoNs time, std::uint32_t new_bytes, SocketSide& sender) {
    const auto& tcp = row.tcp;
    auto& end = sender.active().story;
    auto& peer = sender.peer->active().story;
    ++end.segments;
    if (tcp.has(tcp_flag::kRst))
        return tell_reset(sender);
    end.bytes += new_bytes;
    if (peer.reset && !peer.reset_accepted)
        peer.reset = false;  // it goes on: that RST was none of its own
    if (tcp.has(tcp_flag::kSyn)) {
        auto& first_syn = sender.connection->active().story.first_syn;
        if (!first_syn)
            first_syn = time;
        if (tcp.has(tcp_flag::kAck))
            end.syn_ack = true;
        else
            end.syn = true;
        const bool took_data = tcp.has(tcp_flag::kAck) && peer.syn && sender.peer->base_known &&
                               tcp.ack - sender.peer->base > 1 && peer.bytes > 0;
        peer.fast_open = peer.fast_open || took_data;
    }
    if (tcp.has(tcp_flag::kFin))
        tell_fin(tcp, sender);
    if (tcp.has(tcp_flag::kAck))
        tell_ack(tcp, new_bytes, sender);
}

namespace {

/// The two ends, the client first.
struct Ends {
    const SocketSide& client;
    const SocketSide& server;
    bool known;  ///< and that they are that
};

Ends ends_of(const Connection& connection) {
    const auto& [first, second] = connection.sides;
    if (first.peer == &first)
        return {first, first, true};
    const bool swapped = first.shown.role == Role::kServer;
    const bool known = first.shown.role != Role::kUnknown || second.shown.role != Role::kUnknown;
    return {swapped ? second : first, swapped ? first : second, known};
}

bool is_open(const SocketSide& side) {
    return side.state != TcpState::kUnknown && side.state != TcpState::kClose &&
           side.state != TcpState::kTimeWait;
}

bool was_established(const Ends& ends) {
    const auto& client = ends.client;
    const auto& server = ends.server;
    const auto& client_did = client.active().story;
    const auto& server_did = server.active().story;
    const bool answered = server_did.syn_ack || (server_did.syn && client_did.syn_ack);
    return client_did.established || server_did.established ||
           (answered && client.active().flow.past_syn);
}

Handshake handshake_of(const Ends& ends) {
    const auto& client = ends.client.active().story;
    const auto& server = ends.server.active().story;
    const bool to_itself = &ends.client == &ends.server;
    if (!client.syn && !server.syn && !server.syn_ack)
        return was_established(ends) || ends.client.active().flow.known ||
                       ends.server.active().flow.known
                   ? Handshake::kNotSeen
                   : Handshake::kUnfinished;
    if (was_established(ends)) {
        if (client.syn && server.syn)
            return Handshake::kSimultaneous;
        return client.fast_open ? Handshake::kFastOpen : Handshake::kThreeWay;
    }
    if (!to_itself && server.reset && !server.syn_ack)
        return Handshake::kRefused;
    return server.syn_ack || (!to_itself && server.syn) ? Handshake::kUnfinished
                                                        : Handshake::kNoAnswer;
}

/// Of the end that sent its FIN second.
CloseForm fins_of(const EndStory& second) {
    if (!second.fin_saw_fin)
        return CloseForm::kSimultaneous;
    if (second.sent_after_fin)
        return CloseForm::kHalfClose;
    return second.acked_fin_alone ? CloseForm::kFourSegments : CloseForm::kThreeSegments;
}

CloseForm close_of(const Ends& ends) {
    const auto& client = ends.client.active().story;
    const auto& server = ends.server.active().story;
    const bool both = client.fin && server.fin && &ends.client != &ends.server;
    const bool in_order = both && client.saw_fin && server.saw_fin;
    if ((client.reset || server.reset) && !in_order)
        return CloseForm::kReset;
    if (client.timed_out || server.timed_out)
        return CloseForm::kTimeout;
    if (both)
        return client.fin_first ? fins_of(server) : fins_of(client);
    const bool open = is_open(ends.client) || is_open(ends.server);
    if (&ends.client == &ends.server && client.fin)
        return CloseForm::kSimultaneous;
    const bool known =
        ends.client.state != TcpState::kUnknown || ends.server.state != TcpState::kUnknown;
    if (client.fin || server.fin)
        return open || !known ? CloseForm::kHalfOpen : CloseForm::kUnseen;
    return open || !known ? CloseForm::kOpen : CloseForm::kUnseen;
}

Who who(const Ends& ends, bool client, bool server) {
    if (!ends.known || (!client && !server))
        return Who::kUnknown;
    return client && server ? Who::kBoth : client ? Who::kClient : Who::kServer;
}

Who closed_by(const Ends& ends, CloseForm form) {
    const auto& client = ends.client.active().story;
    const auto& server = ends.server.active().story;
    switch (form) {
        case CloseForm::kOpen:
            return Who::kUnknown;
        case CloseForm::kSimultaneous:
            return who(ends, true, true);
        case CloseForm::kTimeout:
            return who(ends, client.timed_out, server.timed_out);
        case CloseForm::kReset:
            if (!client.fin_first && !server.fin_first)
                return who(ends, client.reset, server.reset);
            break;
        default:
            break;
    }
    return who(ends, client.fin_first, server.fin_first);
}

std::optional<MonoNs> handshake_time(const Ends& ends, const Story& story) {
    const auto& client = ends.client.active().story.established;
    const auto& server = ends.server.active().story.established;
    if (!story.first_syn || (!client && !server))
        return std::nullopt;
    return std::max(client.value_or(INT64_MIN), server.value_or(INT64_MIN)) - *story.first_syn;
}

EndSummary end_summary(const SocketSide& side, MonoNs now) {
    EndSummary result;
    const auto& story = side.active().story;
    result.bytes = story.bytes;
    result.segments = story.segments;
    result.retransmits = story.retransmits;
    for (std::size_t i = 0; i < story.state_count; ++i) {
        const auto packed = story.states[i];
        result.state_times[result.state_count++] = {state_of(packed),
                                                    static_cast<MonoNs>(packed >> kStateBits)};
    }
    if (is_shown(side.state) && side.since && result.state_count < result.state_times.size())
        result.state_times[result.state_count++] = {side.state, now - *side.since};
    return result;
}

}  // namespace

ConnectionSummary summarise(Connection& connection, MonoNs now) {
    const auto ends = ends_of(connection);
    const auto& story = connection.active().story;
    ConnectionSummary result;
    result.client = &ends.client.shown;
    result.server = &ends.server.shown;
    result.of_client = end_summary(ends.client, now);
    if (&ends.client != &ends.server)
        result.of_server = end_summary(ends.server, now);
    result.handshake = handshake_of(ends);
    result.close = close_of(ends);
    const bool opening_seen = result.handshake != Handshake::kNotSeen;
    const bool server_opened =
        result.handshake == Handshake::kSimultaneous && &ends.client != &ends.server;
    result.opened_by = who(ends, opening_seen, server_opened);
    result.closed_by = closed_by(ends, result.close);
    if (result.close == CloseForm::kReset)
        result.reset_by =
            who(ends, ends.client.active().story.reset, ends.server.active().story.reset);
    result.handshake_ns = handshake_time(ends, story);
    if (story.first)
        result.lifetime_ns = story.last - *story.first;
    if (story.notes != nullptr)
        result.notes = *story.notes;
    result.gap = story.gaps != story.gaps_before;
    return result;
}

}  // namespace tcpladder

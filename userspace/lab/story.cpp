// SPDX-License-Identifier: MIT
#include "lab/story.h"

#include <algorithm>

#include "lab/addresses.h"
#include "views/summary_words.h"

namespace tcpladder::lab {

std::optional<Host> host_of(const Address& address) {
    for (const auto host : {Host::kClient, Host::kServer}) {
        if (address == address_of(host, 4) || address == address_of(host, 6))
            return host;
    }
    return std::nullopt;
}

bool is_kind(Kind kind, std::uint16_t flags, std::uint32_t payload) {
    const bool syn = (flags & tcp_flag::kSyn) != 0;
    const bool ack = (flags & tcp_flag::kAck) != 0;
    const bool fin = (flags & tcp_flag::kFin) != 0;
    const bool rst = (flags & tcp_flag::kRst) != 0;
    switch (kind) {
        case Kind::kSyn:
            return syn && !ack;
        case Kind::kSynAck:
            return syn && ack;
        case Kind::kAck:
            return ack && !syn && !fin && !rst && payload == 0;
        case Kind::kData:
            return payload > 0 && !syn;
        case Kind::kFin:
            return fin;
        case Kind::kRst:
            return rst;
        case Kind::kAny:
            break;
    }
    return true;
}

void Story::entry(const Entry& entry) {
    std::optional<Host> host;
    std::uint32_t connection = 0;
    if (entry.side != nullptr) {
        host = host_of(entry.side->local.address);
        connection = entry.side->connection;
    }
    if (const auto* state = std::get_if<StateEntry>(&entry.body)) {
        states_.push_back(
            {host, connection, state->from, state->to, state->observed, state->cause});
    } else if (const auto* segment = std::get_if<SegmentEntry>(&entry.body)) {
        SegmentFact fact;
        fact.from = host;
        if (entry.side != nullptr)
            fact.to = host_of(entry.side->remote.address);
        fact.connection = connection;
        fact.flags = segment->tcp.flags;
        fact.payload = segment->tcp.payload;
        fact.window = segment->tcp.window;
        fact.seq = segment->tcp.seq;
        fact.pieces = std::max<std::uint32_t>(segment->gso_segs, 1);
        fact.sent = segment->sent.has_value();
        fact.received = segment->received.has_value();
        fact.notes = segment->notes;
        if (segment->relative_known) {
            fact.rel_seq = segment->rel_seq;
            if (segment->tcp.has(tcp_flag::kAck))
                fact.rel_ack = segment->rel_ack;
        }
        segments_.push_back(fact);
    } else if (const auto* resend = std::get_if<RetransmitEntry>(&entry.body)) {
        resends_.push_back({host, resend->why, pieces_of(host, resend->seq)});
    } else if (const auto* reset = std::get_if<ResetEntry>(&entry.body)) {
        resets_.push_back({host, reset->sent, reset->reason.data()});
    } else if (const auto* drop = std::get_if<DropEntry>(&entry.body)) {
        drops_.push_back({host, drop->reason.data()});
    } else if (const auto* summary = std::get_if<SummaryEntry>(&entry.body)) {
        TextBuffer verdict;
        append_verdict(verdict, *summary->connection);
        summaries_.push_back({connection, std::string(verdict.view())});
    } else if (const auto* note = std::get_if<NoteEntry>(&entry.body)) {
        notes_.push_back(note->text);
    }
}

std::uint64_t Story::sent(Host host) const {
    std::uint64_t count = 0;
    for (const auto& segment : segments_) {
        if (segment.from == host && segment.to == other(host) && segment.sent)
            count += segment.pieces;
    }
    return count;
}

// The kernel tells of a retransmission when it has sent it.
std::uint32_t Story::pieces_of(std::optional<Host> host, Seq seq) const {
    const auto sent = std::ranges::find_if(segments_.rbegin(), segments_.rend(), [&](auto& fact) {
        return fact.from == host && fact.sent && fact.seq == seq;
    });
    return sent == segments_.rend() ? 1 : sent->pieces;
}

bool has_come(const StateWait& wait, const Story& story) {
    const auto fits = [&](const Story::State& state) {
        if (state.to != wait.state)
            return false;
        if (!wait.host)
            return state.connection == 0;
        return state.connection != 0 && state.host == wait.host &&
               (wait.connection == 0 || state.connection == wait.connection);
    };
    return std::ranges::count_if(story.states(), fits) >= wait.times;
}

bool has_come(const SegmentWait& wait, const Story& story) {
    const auto sender = wait.arrival ? other(wait.host) : wait.host;
    const auto fits = [&](const Story::SegmentFact& segment) {
        return segment.from == sender && is_kind(wait.kind, segment.flags, segment.payload) &&
               (!wait.window || segment.window == *wait.window) &&
               (wait.arrival ? segment.received : segment.sent);
    };
    return std::ranges::count_if(story.segments(), fits) >= wait.times;
}

bool has_come(const ResendWait& wait, const Story& story) {
    const auto fits = [&](const Story::Resend& resend) {
        return resend.host == wait.host && (wait.why.empty() || resend.why == wait.why);
    };
    return std::ranges::count_if(story.resends(), fits) >= wait.times;
}

bool has_come(const ResetWait& wait, const Story& story) {
    return std::ranges::any_of(story.resets(), [&](const Story::ResetFact& reset) {
        return reset.host == wait.host && reset.sent == wait.sent;
    });
}

}  // namespace tcpladder::lab

// SPDX-License-Identifier: MIT
// What is known of a connection that nothing happens to, as in a minute of TIME_WAIT:
// it may still be asked for, since a late segment may come.
#include <algorithm>
#include <utility>

#include "model/connection.h"
#include "model/packed.h"

namespace tcpladder {
namespace {

template <typename Codec>
void each_field(Codec& codec, Flow& flow, Seq base, Seq peer_base) {
    flow.ranges.each_field(codec, base);
    codec.flags({&flow.known, &flow.ack_known, &flow.all_acked_known, &flow.began, &flow.past_syn,
                 &flow.heard_next_known, &flow.heard_shut});
    codec.number(flow.duplicate_acks);
    codec.number(flow.window);
    codec.seq(flow.next, base);
    codec.seq(flow.ack, peer_base);
    codec.seq(flow.acked, base);
    codec.time(flow.advanced);
    codec.time(flow.duplicated);
    codec.number(flow.heard);
    codec.seq(flow.heard_next, peer_base);
    codec.seq(flow.heard_ack, base);
    codec.optional(flow.heard_window, [&](auto& window) { codec.number(window); });
}

template <typename Codec>
void each_field(Codec& codec, EndStory& story) {
    codec.number(story.bytes);
    codec.number(story.segments);
    codec.number(story.retransmits);
    codec.number(story.state_count);
    for (std::size_t i = 0; i < story.state_count; ++i)
        codec.number(story.states[i]);
    codec.flags({&story.syn, &story.syn_ack, &story.fast_open, &story.fin, &story.fin_first,
                 &story.reset, &story.reset_accepted, &story.saw_fin, &story.fin_saw_fin,
                 &story.acked_fin_alone, &story.sent_after_fin, &story.timed_out});
    codec.optional(story.established, [&](auto& time) { codec.time(time); });
}

template <typename Codec>
void each_field(Codec& codec, Received& received) {
    for (auto* id : {&received.syn, &received.syn_ack, &received.ack, &received.data, &received.fin,
                     &received.ack_of_fin, &received.reset, &received.last})
        codec.id(*id);
}

// A reason, what passes devices and ACKs that meet are things of a millisecond; rows are not
// waiting.
template <typename Codec>
void each_field(Codec& codec, EndActivity& end, Seq base, Seq peer_base) {
    each_field(codec, end.flow, base, peer_base);
    each_field(codec, end.story);
    each_field(codec, end.received);
    codec.time(end.last_sent.time);
    codec.time(end.last_received.time);
    codec.time(end.reset_sent_at);
    codec.id(end.reset_id);
    codec.number(end.previous_cookie);
}

template <typename Codec>
void each_field(Codec& codec, Story& story) {
    codec.optional(story.first, [&](auto& time) { codec.time(time); });
    codec.time(story.last);
    codec.optional(story.first_syn, [&](auto& time) { codec.time(time); });
    codec.number(story.gaps_before);
    codec.number(story.gaps);
    bool noted = story.notes != nullptr;
    codec.flags({&noted});
    if (!noted)
        return;
    if (story.notes == nullptr)
        story.notes = std::make_unique<std::array<std::uint32_t, kNoteCount>>();
    for (auto& count : *story.notes)
        codec.number(count);
}

template <typename Codec>
void each_field(Codec& codec, Activity& activity, const std::array<SocketSide, 2>& sides) {
    each_field(codec, activity.story);
    for (std::size_t i = 0; i < sides.size(); ++i)
        each_field(codec, activity.ends[i], sides[i].base, sides[i].peer->base);
}

bool has_acted_since(const EndActivity& end, MonoNs time) {
    return std::max({end.last_sent.time, end.last_received.time, end.reset_sent_at}) > time;
}

}  // namespace

// Flat: so many small numbers are written faster than so many calls are made.
[[gnu::flatten]] void Connection::rest(MonoNs before, PackedWriter& writer) {
    if (active_ == nullptr || has_acted_since(active_->ends[0], before) ||
        has_acted_since(active_->ends[1], before))
        return;
    each_field(writer, *active_, sides);
    resting_ = writer.take();
    activities_->give_back(*std::exchange(active_, nullptr));
}

[[gnu::flatten]] void Connection::wake() {
    active_ = &activities_->take();
    if (resting_ == nullptr)
        return;
    PackedReader reader(resting_.get());
    each_field(reader, *active_, sides);
    resting_.reset();
}

void Connection::forget() {
    if (active_ != nullptr)
        activities_->give_back(*std::exchange(active_, nullptr));
    resting_.reset();
}

}  // namespace tcpladder

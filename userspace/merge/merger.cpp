// SPDX-License-Identifier: MIT
#include "merge/merger.h"

#include <algorithm>

#include "merge/event_key.h"

namespace tcpladder {
namespace {

constexpr MonoNs kLongestHold = 5'000'000'000;

std::uint64_t tagged(std::uint64_t id, std::uint32_t host) {
    return id == 0 ? 0 : id ^ (std::uint64_t{host} << 56);
}

// Two kernels count their sockets alike.
void tag(Event& event, std::uint32_t host) {
    event.netns = event.netns == 0 ? 0 : netns_of(host, inode_of(event.netns));
    std::visit(
        [host](auto& body) {
            if constexpr (requires { body.cookie; })
                body.cookie = tagged(body.cookie, host);
            if constexpr (requires { body.skb; })
                body.skb = tagged(body.skb, host);
            if constexpr (requires { body.listener_cookie; }) {
                body.timer = tagged(body.timer, host);
                body.listener_cookie = tagged(body.listener_cookie, host);
            }
        },
        event.body);
}

// A capture of somebody else infers both ends' states; the end that is far from it
// is near another one, which knows better.
bool is_hearsay(const Event& event) {
    const auto* change = std::get_if<StateChange>(&event.body);
    return change != nullptr && change->inferred == Inferred::kPeer;
}

}  // namespace

Merger::Merger(std::vector<MergeInput> inputs, Alignment alignment, AddressMap addresses)
    : inputs_(std::move(inputs)),
      alignment_(std::move(alignment)),
      addresses_(std::move(addresses)),
      info_(inputs_.front().source->info()),
      heads_(inputs_.size()),
      next_rule_(alignment_.hosts.size()) {
    info_.hosts = alignment_.hosts;
    info_.hold = std::clamp(2 * alignment_.longest_transit, kLocalTransit, kLongestHold);
    for (const auto& input : inputs_) {
        const auto& other = input.source->info();
        info_.timers = info_.timers && other.timers;
        if (other.port != info_.port)
            info_.port = 0;
    }
    one_kernel_twice_ = alignment_.clocks.size() > alignment_.hosts.size();
}

void Merger::adopt(std::size_t input, Event& event) {
    addresses_.translate(event);
    tag(event, alignment_.clocks[input].host);
    if (auto* lost = std::get_if<Lost>(&event.body))
        lost->from = alignment_.clocks[input].map.to_reference(lost->from);
}

// False: its source has nothing yet.
bool Merger::fill(std::size_t input) {
    auto& head = heads_[input];
    while (!head.event && !head.ended) {
        Event event;
        const auto status = inputs_[input].source->next(event);
        if (status == Status::kNotYet)
            return false;
        head.ended = status == Status::kEnd;
        if (head.ended || (inputs_.size() > 1 && is_hearsay(event)))
            continue;
        head.local = event.time;
        adopt(input, event);
        event.time = alignment_.clocks[input].map.to_reference(head.local);
        head.event = event;
    }
    return true;
}

// Whether all that this host had sent by then has been given away.
bool Merger::is_behind(std::uint32_t host, MonoNs sent) const {
    for (std::size_t i = 0; i < heads_.size(); ++i) {
        if (alignment_.clocks[i].host == host && heads_[i].event && heads_[i].local <= sent)
            return false;
    }
    return true;
}

bool Merger::is_blocked(std::size_t input) {
    const auto host = alignment_.clocks[input].host;
    const auto& rules = alignment_.rules[host];
    auto& next = next_rule_[host];
    const auto local = heads_[input].local;
    while (next < rules.size() && rules[next].received < local)
        ++next;
    for (auto i = next; i < rules.size() && rules[i].received == local; ++i) {
        if (!is_behind(rules[i].from, rules[i].sent))
            return true;
    }
    return false;
}

// Two recordings of one kernel may have seen the same, one tracer a little after the other.
// What a tracer has lost is its own.
bool Merger::is_duplicate(std::size_t input, const Event& event) {
    constexpr MonoNs kWithin = 50'000;
    if (!one_kernel_twice_ || std::holds_alternative<Lost>(event.body))
        return false;
    while (!recent_.empty() && recent_.front().time < event.time - kWithin)
        recent_.pop_front();
    const auto key = event_key(event);
    const auto known = std::ranges::find_if(recent_, [&](const Seen& other) {
        return other.key == key && other.input != input &&
               std::ranges::find(other.others, input) == other.others.end() &&
               alignment_.clocks[other.input].host == alignment_.clocks[input].host;
    });
    if (known == recent_.end()) {
        recent_.push_back({event.time, key, input, {}});
        return false;
    }
    known->others.push_back(input);
    return true;
}

EventSource::Status Merger::next(Event& event) {
    while (true) {
        std::optional<std::size_t> best;
        std::optional<std::size_t> any;
        for (std::size_t i = 0; i < heads_.size(); ++i) {
            if (!fill(i))
                return Status::kNotYet;
        }
        for (std::size_t i = 0; i < heads_.size(); ++i) {
            if (!heads_[i].event)
                continue;
            const auto time = heads_[i].event->time;
            if (!any || time < heads_[*any].event->time)
                any = i;
            if ((!best || time < heads_[*best].event->time) && !is_blocked(i))
                best = i;
        }
        if (!any)
            return Status::kEnd;
        const auto input = best.value_or(*any);  // all blocked: one of the matches is wrong
        event = *heads_[input].event;
        heads_[input].event.reset();
        if (is_duplicate(input, event)) {
            ++duplicates_;
            continue;
        }
        if (event.time < last_) {
            ++moved_;
            event.time = last_;
        }
        last_ = event.time;
        return Status::kEvent;
    }
}

}  // namespace tcpladder

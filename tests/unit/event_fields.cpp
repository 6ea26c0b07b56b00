// SPDX-License-Identifier: MIT
#include "unit/event_fields.h"

#include <algorithm>
#include <type_traits>

namespace tcpladder::test {
namespace {

class Text {
public:
    template <typename Value>
    Text& operator()(const char* name, const Value& value) {
        text_ += ' ';
        text_ += name;
        text_ += '=';
        put(value);
        return *this;
    }
    std::string take() { return std::move(text_); }

private:
    void put(std::string_view value) {
        static constexpr std::string_view kDigits = "0123456789abcdef";
        for (const char c : value) {
            const auto byte = static_cast<std::uint8_t>(c);
            text_ += kDigits[byte >> 4];
            text_ += kDigits[byte & 0xf];
        }
    }
    template <typename Number>
    requires std::is_arithmetic_v<Number> || std::is_enum_v<Number>
    void put(Number value) {
        if constexpr (std::is_enum_v<Number>)
            text_ += std::to_string(static_cast<int>(value));
        else
            text_ += std::to_string(value);
    }
    // Of no address, its bytes and a port mean nothing.
    void put(const Endpoint& end) {
        text_ += std::to_string(end.address.version);
        if (end.address.version == 0)
            return;
        text_ += '/';
        put(std::string_view(reinterpret_cast<const char*>(end.address.bytes.data()),
                             end.address.bytes.size()));
        text_ += '/' + std::to_string(end.port);
    }
    void put(const SocketEnds& ends) {
        put(ends.local);
        text_ += '-';
        put(ends.remote);
    }
    void put(const Task& task) {
        (*this)("pid", task.pid)("tid", task.tid)("uid", task.uid)("comm", task.name())(
            "exiting", task.exiting);
    }

    std::string text_;
};

void body(Text& text, const Segment& segment) {
    const auto& tcp = segment.tcp;
    text("sent", segment.sent)("cookie", segment.cookie)("skb", segment.skb)(
        "length", segment.length)("ifindex", segment.ifindex)("gso", segment.gso_size)(
        "segs", segment.gso_segs)("state", segment.sk_state)("tw", segment.tw_substate);
    text("source", tcp.source)("destination", tcp.destination)("seq", tcp.seq)("ack", tcp.ack)(
        "payload", tcp.payload)("flags", tcp.flags)("window", tcp.window)("ip", tcp.ip_bytes)(
        "header", tcp.header_bytes);
    text("headers",
         std::string_view(reinterpret_cast<const char*>(segment.headers.data()), segment.captured));
}

void body(Text& text, const StateChange& change) {
    text("ends", change.ends)("task", change.task)("cookie", change.cookie)("una", change.snd_una)(
        "nxt", change.snd_nxt)("rcv", change.rcv_nxt)("error", change.error)("from", change.from)(
        "to", change.to)("via", change.via);
}

void body(Text& text, const Retransmit& retransmit) {
    text("ends", retransmit.ends)("cookie", retransmit.cookie)("seq", retransmit.seq)(
        "end", retransmit.end)("error", retransmit.error)("syn_ack", retransmit.syn_ack)(
        "state", retransmit.state)("timer", retransmit.timer)("ca", retransmit.ca_state)(
        "count", retransmit.count);
}

void body(Text& text, const Reset& reset) {
    const auto end = std::find(reset.reason.begin(), reset.reason.end(), '\0');
    text("ends", reset.ends)("cookie", reset.cookie)("sent", reset.sent)("state", reset.state)(
        "reason", std::string_view(reset.reason.begin(), end));
}

void body(Text& text, const MiniState& mini) {
    text("ends", mini.ends)("cookie", mini.cookie)("timer", mini.timer)("mini", mini.mini)(
        "step", mini.step)("substate", mini.substate)("timeouts", mini.timeouts)(
        "listener", mini.listener_cookie);
}

void body(Text& text, const Owner& owner) {
    text("ends", owner.ends)("task", owner.task)("cookie", owner.cookie)("how", owner.how)(
        "state", owner.state);
}

void body(Text& text, const Lost& lost) {
    text("count", lost.count)("from", lost.from);
}

void body(Text& text, const Drop& drop) {
    const auto end = std::find(drop.reason.begin(), drop.reason.end(), '\0');
    text("ends", drop.ends)("cookie", drop.cookie)("skb", drop.skb)("seq", drop.seq)(
        "ack", drop.ack)("payload", drop.payload)("flags", drop.flags)(
        "reason", std::string_view(drop.reason.begin(), end));
}

}  // namespace

std::string fields_of(const Event& event) {
    Text text;
    text("kind", event.body.index())("time", event.time)("netns", event.netns)("cpu", event.cpu);
    std::visit([&](const auto& what) { body(text, what); }, event.body);
    return text.take();
}

Event disguised(Event event, const Disguise& disguise) {
    if (auto* segment = std::get_if<Segment>(&event.body))
        segment->skb = disguise(segment->skb);
    else if (auto* mini = std::get_if<MiniState>(&event.body))
        mini->timer = disguise(mini->timer);
    else if (auto* drop = std::get_if<Drop>(&event.body))
        drop->skb = disguise(drop->skb);
    return event;
}

}  // namespace tcpladder::test

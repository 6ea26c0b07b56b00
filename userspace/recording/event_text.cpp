// SPDX-License-Identifier: MIT
#include "recording/event_text.h"

#include <array>

#include "recording/event_words.h"

namespace tcpladder {
namespace {

void put_endpoint(TextBuffer& out, std::string_view key, const Endpoint& endpoint) {
    out.append(key);
    if (endpoint.address.version == 0)
        return out.append('-');
    const bool brackets = endpoint.address.version == 6;
    if (brackets)
        out.append('[');
    out.set_end(format_to(out.room(kMaxEndpointText), endpoint.address));
    out.append(brackets ? "]:" : ":");
    out.append_decimal(endpoint.port);
}

void put_ends(TextBuffer& out, const SocketEnds& ends) {
    put_endpoint(out, " l=", ends.local);
    put_endpoint(out, " p=", ends.remote);
}

void put_cookie(TextBuffer& out, std::uint64_t cookie) {
    if (cookie != 0)
        tl1::put_hex(out, " sk=", cookie);
}

void put_state(TextBuffer& out, std::string_view key, TcpState state) {
    if (state == TcpState::kUnknown)
        return;
    out.append(key);
    out.append(words::of(words::kStates, state));
}

void put_task(TextBuffer& out, const Task& task) {
    if (task.pid == 0 && task.tid == 0 && task.uid == 0 && task.name().empty() && !task.exiting)
        return;
    tl1::put_decimal(out, " pid=", task.pid);
    tl1::put_decimal(out, " tid=", task.tid);
    tl1::put_decimal(out, " uid=", task.uid);
    tl1::put_text(out, " comm=", task.name());
    if (task.exiting)
        out.append(" exit=1");
}

void put_body(TextBuffer& out, const Segment& segment, const Disguise&) {
    put_cookie(out, segment.cookie);
    put_state(out, " st=", segment.sk_state);
    put_state(out, " tw=", segment.tw_substate);
    if (segment.gso_size != 0)
        tl1::put_decimal(out, " gso=", segment.gso_size);
    if (segment.gso_segs != 0)
        tl1::put_decimal(out, " segs=", segment.gso_segs);
}

void put_body(TextBuffer& out, const StateChange& change, const Disguise&) {
    put_cookie(out, change.cookie);
    out.append(" old=");
    out.append(words::of(words::kStates, change.from));
    out.append(" new=");
    out.append(words::of(words::kStates, change.to));
    if (change.via != Via::kNotTaken) {
        out.append(" cause=");
        out.append(words::of(words::kVia, change.via));
    }
    put_ends(out, change.ends);
    tl1::put_decimal(out, " una=", change.snd_una);
    tl1::put_decimal(out, " nxt=", change.snd_nxt);
    tl1::put_decimal(out, " rcv=", change.rcv_nxt);
    if (change.error != 0)
        tl1::put_decimal(out, " err=", change.error);
    put_task(out, change.task);
}

void put_body(TextBuffer& out, const Retransmit& retransmit, const Disguise&) {
    put_cookie(out, retransmit.cookie);
    tl1::put_decimal(out, " seq=", retransmit.seq);
    tl1::put_decimal(out, " end=", retransmit.end);
    put_state(out, " state=", retransmit.state);
    if (retransmit.syn_ack)
        out.append(" synack=1");
    tl1::put_decimal(out, " timer=", retransmit.timer);
    tl1::put_decimal(out, " ca=", retransmit.ca_state);
    tl1::put_decimal(out, " count=", retransmit.count);
    if (retransmit.error != 0)
        tl1::put_signed(out, " err=", retransmit.error);
    put_ends(out, retransmit.ends);
}

void put_body(TextBuffer& out, const Reset& reset, const Disguise&) {
    put_cookie(out, reset.cookie);
    out.append(reset.sent ? " dir=out" : " dir=in");
    if (reset.reason[0] != '\0')
        tl1::put_text(out, " reason=", reset.reason.data());
    put_state(out, " state=", reset.state);
    put_ends(out, reset.ends);
}

void put_body(TextBuffer& out, const MiniState& mini, const Disguise& disguise) {
    put_cookie(out, mini.cookie);
    out.append(" mini=");
    out.append(words::of(words::kMinis, mini.mini));
    out.append(" step=");
    out.append(words::of(words::kSteps, mini.step));
    put_state(out, " sub=", mini.substate);
    if (mini.timeouts != 0)
        tl1::put_decimal(out, " to=", mini.timeouts);
    if (mini.listener_cookie != 0)
        tl1::put_hex(out, " lsk=", mini.listener_cookie);
    if (mini.timer != 0)
        tl1::put_hex(out, " timer=", disguise(mini.timer));
    put_ends(out, mini.ends);
}

void put_body(TextBuffer& out, const Owner& owner, const Disguise&) {
    put_cookie(out, owner.cookie);
    out.append(" how=");
    out.append(words::of(words::kHows, owner.how));
    put_state(out, " state=", owner.state);
    put_ends(out, owner.ends);
    put_task(out, owner.task);
}

void put_body(TextBuffer& out, const Lost& lost, const Disguise&) {
    tl1::put_decimal(out, " cnt=", lost.count);
    tl1::put_signed(out, " from=", lost.from);
}

void put_body(TextBuffer& out, const Drop& drop, const Disguise& disguise) {
    put_cookie(out, drop.cookie);
    if (drop.reason[0] != '\0')
        tl1::put_text(out, " reason=", drop.reason.data());
    tl1::put_decimal(out, " seq=", drop.seq);
    tl1::put_decimal(out, " ack=", drop.ack);
    tl1::put_decimal(out, " len=", drop.payload);
    tl1::put_decimal(out, " flags=", drop.flags);
    if (drop.skb != 0)
        tl1::put_hex(out, " skb=", disguise(drop.skb));
    put_ends(out, drop.ends);
}

void put_arrow(TextBuffer& out, const SocketEnds& ends) {
    put_endpoint(out, " ", ends.local);
    if (ends.remote.port == 0)
        return out.append(" - *");  // a listener
    put_endpoint(out, " - ", ends.remote);
}

void put_name(TextBuffer& out, const Task& task) {
    if (task.pid == 0)
        return;
    out.append(' ');
    for (const char c : task.name())
        out.append(c < 0x20 || c >= 0x7f ? '?' : c);
    out.append('[');
    out.append_decimal(task.pid);
    out.append(']');
}

void message(TextBuffer& out, const Segment&) {
    out.append("segment");
}

void message(TextBuffer& out, const StateChange& change) {
    out.append(words::of(words::kStates, change.from));
    out.append(" -> ");
    out.append(words::of(words::kStates, change.to));
    if (change.via > Via::kUnknown) {
        out.append(" (");
        out.append(words::of(words::kVia, change.via));
        out.append(")");
    }
    put_arrow(out, change.ends);
    put_name(out, change.task);
}

void message(TextBuffer& out, const Retransmit& retransmit) {
    out.append(retransmit.syn_ack ? "SYN+ACK sent again" : "retransmission ");
    if (!retransmit.syn_ack) {
        out.append_decimal(retransmit.seq);
        out.append(":");
        out.append_decimal(retransmit.end);
    }
    put_arrow(out, retransmit.ends);
}

void message(TextBuffer& out, const Reset& reset) {
    out.append(reset.sent ? "sends RST" : "RST received");
    if (reset.reason[0] != '\0') {
        out.append(" (");
        out.append(reset.reason.data());
        out.append(")");
    }
    put_arrow(out, reset.ends);
}

void message(TextBuffer& out, const MiniState& mini) {
    const bool request = mini.mini == Mini::kRequest;
    out.append(request                                ? "SYN_RECV"
               : mini.substate == TcpState::kFinWait2 ? "FIN_WAIT2"
                                                      : "TIME_WAIT");
    out.append(" timer: ");
    out.append(words::of(words::kSteps, mini.step));
    put_arrow(out, mini.ends);
}

void message(TextBuffer& out, const Owner& owner) {
    out.append("socket of");
    put_name(out, owner.task);
    put_arrow(out, owner.ends);
}

void message(TextBuffer& out, const Lost& lost) {
    out.append_decimal(lost.count);
    out.append(" records lost");
}

void message(TextBuffer& out, const Drop& drop) {
    out.append("segment dropped");
    if (drop.reason[0] != '\0') {
        out.append(" (");
        out.append(drop.reason.data());
        out.append(")");
    }
    put_endpoint(out, " ", drop.ends.local);
    put_endpoint(out, " > ", drop.ends.remote);
}

}  // namespace

// The finalizer of SplitMix64 (Steele, Lea, Flood, 2014): one to one.
std::uint64_t Disguise::operator()(std::uint64_t address) const {
    if (address == 0)
        return 0;
    std::uint64_t x = address ^ key_;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

std::string_view kind_of(const Event& event) {
    static constexpr std::array<std::string_view, 8> kKinds = {"seg",  "state", "retx", "reset",
                                                               "mini", "sock",  "lost", "drop"};
    return kKinds[event.body.index()];
}

void write_fields(TextBuffer& out, const Event& event, const Disguise& disguise) {
    std::visit([&](const auto& body) { put_body(out, body, disguise); }, event.body);
    if (event.netns != 0 && !std::holds_alternative<Segment>(event.body))
        tl1::put_decimal(out, " ns=", inode_of(event.netns));
    tl1::put_decimal(out, " cpu=", event.cpu);
}

void write_message(TextBuffer& out, const Event& event) {
    std::visit([&](const auto& body) { message(out, body); }, event.body);
}

unsigned priority_of(const Event& event) {
    if (std::holds_alternative<Lost>(event.body))
        return 3;
    if (std::holds_alternative<Reset>(event.body) || std::holds_alternative<Drop>(event.body))
        return 4;
    return std::holds_alternative<Retransmit>(event.body) ? 5 : 6;
}

}  // namespace tcpladder

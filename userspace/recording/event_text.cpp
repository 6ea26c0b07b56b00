// SPDX-License-Identifier: MIT
#include "recording/event_text.h"

#include <algorithm>
#include <array>
#include <limits>

namespace tcpladder {
namespace {

using tl1::Fields;
using tl1::key;

constexpr std::string_view kGood = "";

constexpr std::array<std::string_view, 13> kVia = {
    "-",       "unknown", "listen", "connect", "close", "shutdown",       "disconnect",
    "destroy", "segment", "rst",    "timer",   "icmp",  "listener_closed"};
constexpr std::array<std::string_view, 13> kStates = {
    "UNKNOWN", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2",   "TIME_WAIT",
    "CLOSE",   "CLOSE_WAIT",  "LAST_ACK", "LISTEN",   "CLOSING",   "NEW_SYN_RECV"};
constexpr std::string_view kNone = "-";  // of enumerations that have no 0; never written
constexpr std::array<std::string_view, 3> kMinis = {kNone, "request", "time_wait"};
constexpr std::array<std::string_view, 4> kSteps = {kNone, "start", "expire", "cancel"};
constexpr std::array<std::string_view, 3> kHows = {kNone, "use", "seed"};

template <typename Enum, std::size_t Size>
std::string_view word_of(const std::array<std::string_view, Size>& words, Enum value) {
    const auto i = static_cast<std::size_t>(value);
    return i < Size ? words[i] : words[0];
}

template <typename Enum, std::size_t Size>
bool read_word(const std::array<std::string_view, Size>& words, std::string_view text, Enum& out) {
    const auto found = std::find(words.begin(), words.end(), text);
    if (found == words.end())
        return false;
    out = static_cast<Enum>(found - words.begin());
    return true;
}

bool read_signed(Fields& fields, std::int32_t& out) {
    std::int64_t number = 0;
    const bool good = fields.signed_decimal(number) && number <= INT32_MAX && number >= INT32_MIN;
    out = static_cast<std::int32_t>(number);
    return good;
}

bool read_direction(Fields& fields, bool& sent) {
    const auto text = fields.text();
    sent = text == "out";
    return sent || text == "in";
}

bool read_flag(Fields& fields, bool& out) {
    const auto text = fields.text();
    out = text == "1";
    return out || text == "0";
}

// The number of letters tells most of them apart.
bool read_state(Fields& fields, TcpState& out) {
    return read_word(kStates, fields.text(), out);
}

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
    out.append(word_of(kStates, state));
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

bool read_task(std::uint64_t name, Fields& fields, Task& task, bool& known) {
    known = true;
    switch (name) {
        case key("pid"):
            return fields.decimal(task.pid);
        case key("tid"):
            return fields.decimal(task.tid);
        case key("uid"):
            return fields.decimal(task.uid);
        case key("exit"):
            return read_flag(fields, task.exiting);
        case key("comm"):
            task.comm = {};
            tl1::unescape(fields.text(), task.comm.data(), task.comm.size());
            return true;
        default:
            known = false;
            return true;
    }
}

bool read_socket(std::uint64_t name, Fields& fields, SocketEnds& ends, std::uint64_t& cookie,
                 bool& known) {
    known = true;
    switch (name) {
        case key("l"):
            return parse_endpoint(fields.text(), ends.local);
        case key("p"):
            return parse_endpoint(fields.text(), ends.remote);
        case key("sk"):
            return fields.hex(cookie);
        default:
            known = false;
            return true;
    }
}

// Every record says where and on which processor.
bool read_place(std::uint64_t name, Fields& fields, Event& event) {
    switch (name) {
        case key("ns"): {
            std::uint32_t inode = 0;
            const bool good = fields.decimal(inode);
            event.netns = inode;
            return good;
        }
        case key("cpu"):
            return fields.decimal(event.cpu);
        default:
            return true;  // another version's, or of the line itself
    }
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
    out.append(word_of(kStates, change.from));
    out.append(" new=");
    out.append(word_of(kStates, change.to));
    if (change.via != Via::kNotTaken) {
        out.append(" cause=");
        out.append(word_of(kVia, change.via));
    }
    put_ends(out, change.ends);
    tl1::put_decimal(out, " una=", change.snd_una);
    tl1::put_decimal(out, " nxt=", change.snd_nxt);
    tl1::put_decimal(out, " rcv=", change.rcv_nxt);
    if (change.error != 0)
        tl1::put_decimal(out, " err=", change.error);
    put_task(out, change.task);
}

bool read_field(std::uint64_t name, Fields& fields, StateChange& change, bool& known) {
    switch (name) {
        case key("old"):
            return read_state(fields, change.from);
        case key("new"):
            return read_state(fields, change.to);
        case key("cause"):
            return read_word(kVia, fields.text(), change.via);
        case key("una"):
            return fields.decimal(change.snd_una);
        case key("nxt"):
            return fields.decimal(change.snd_nxt);
        case key("rcv"):
            return fields.decimal(change.rcv_nxt);
        case key("err"):
            return fields.decimal(change.error);
        default:
            return read_task(name, fields, change.task, known) &&
                   (known || read_socket(name, fields, change.ends, change.cookie, known));
    }
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

bool read_field(std::uint64_t name, Fields& fields, Retransmit& retransmit, bool& known) {
    switch (name) {
        case key("seq"):
            return fields.decimal(retransmit.seq);
        case key("end"):
            return fields.decimal(retransmit.end);
        case key("state"):
            return read_state(fields, retransmit.state);
        case key("synack"):
            return read_flag(fields, retransmit.syn_ack);
        case key("timer"):
            return fields.decimal(retransmit.timer);
        case key("ca"):
            return fields.decimal(retransmit.ca_state);
        case key("count"):
            return fields.decimal(retransmit.count);
        case key("err"):
            return read_signed(fields, retransmit.error);
        default:
            return read_socket(name, fields, retransmit.ends, retransmit.cookie, known);
    }
}

void put_body(TextBuffer& out, const Reset& reset, const Disguise&) {
    put_cookie(out, reset.cookie);
    out.append(reset.sent ? " dir=out" : " dir=in");
    if (reset.reason[0] != '\0')
        tl1::put_text(out, " reason=", reset.reason.data());
    put_state(out, " state=", reset.state);
    put_ends(out, reset.ends);
}

bool read_field(std::uint64_t name, Fields& fields, Reset& reset, bool& known) {
    switch (name) {
        case key("dir"):
            return read_direction(fields, reset.sent);
        case key("reason"):
            reset.reason = {};
            tl1::unescape(fields.text(), reset.reason.data(), reset.reason.size() - 1);
            return true;
        case key("state"):
            return read_state(fields, reset.state);
        default:
            return read_socket(name, fields, reset.ends, reset.cookie, known);
    }
}

void put_body(TextBuffer& out, const MiniState& mini, const Disguise& disguise) {
    put_cookie(out, mini.cookie);
    out.append(" mini=");
    out.append(word_of(kMinis, mini.mini));
    out.append(" step=");
    out.append(word_of(kSteps, mini.step));
    put_state(out, " sub=", mini.substate);
    if (mini.timeouts != 0)
        tl1::put_decimal(out, " to=", mini.timeouts);
    if (mini.listener_cookie != 0)
        tl1::put_hex(out, " lsk=", mini.listener_cookie);
    if (mini.timer != 0)
        tl1::put_hex(out, " timer=", disguise(mini.timer));
    put_ends(out, mini.ends);
}

bool read_field(std::uint64_t name, Fields& fields, MiniState& mini, bool& known) {
    switch (name) {
        case key("mini"):
            return read_word(kMinis, fields.text(), mini.mini) && static_cast<int>(mini.mini) != 0;
        case key("step"):
            return read_word(kSteps, fields.text(), mini.step) && static_cast<int>(mini.step) != 0;
        case key("sub"):
            return read_state(fields, mini.substate);
        case key("to"):
            return fields.decimal(mini.timeouts);
        case key("lsk"):
            return fields.hex(mini.listener_cookie);
        case key("timer"):
            return fields.hex(mini.timer);
        default:
            return read_socket(name, fields, mini.ends, mini.cookie, known);
    }
}

void put_body(TextBuffer& out, const Owner& owner, const Disguise&) {
    put_cookie(out, owner.cookie);
    out.append(" how=");
    out.append(word_of(kHows, owner.how));
    put_state(out, " state=", owner.state);
    put_ends(out, owner.ends);
    put_task(out, owner.task);
}

bool read_field(std::uint64_t name, Fields& fields, Owner& owner, bool& known) {
    switch (name) {
        case key("how"):
            return read_word(kHows, fields.text(), owner.how) && static_cast<int>(owner.how) != 0;
        case key("state"):
            return read_state(fields, owner.state);
        default:
            return read_task(name, fields, owner.task, known) &&
                   (known || read_socket(name, fields, owner.ends, owner.cookie, known));
    }
}

void put_body(TextBuffer& out, const Lost& lost, const Disguise&) {
    tl1::put_decimal(out, " cnt=", lost.count);
    tl1::put_signed(out, " from=", lost.from);
}

bool read_field(std::uint64_t name, Fields& fields, Lost& lost, bool& known) {
    switch (name) {
        case key("cnt"):
            return fields.decimal(lost.count);
        case key("from"):
            return fields.signed_decimal(lost.from);
        default:
            known = false;
            return true;
    }
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

bool read_field(std::uint64_t name, Fields& fields, Drop& drop, bool& known) {
    switch (name) {
        case key("reason"):
            drop.reason = {};
            tl1::unescape(fields.text(), drop.reason.data(), drop.reason.size() - 1);
            return true;
        case key("seq"):
            return fields.decimal(drop.seq);
        case key("ack"):
            return fields.decimal(drop.ack);
        case key("len"):
            return fields.decimal(drop.payload);
        case key("flags"):
            return fields.decimal(drop.flags);
        case key("skb"):
            return fields.hex(drop.skb);
        default:
            return read_socket(name, fields, drop.ends, drop.cookie, known);
    }
}

template <typename Body>
std::string_view read_body(Fields& fields, Event& event) {
    auto& body = event.body.emplace<Body>();
    while (const auto name = fields.next()) {
        bool known = true;
        if (!read_field(name, fields, body, known) || (!known && !read_place(name, fields, event)))
            return "a field with an impossible value";
    }
    return fields.malformed() ? "a malformed line" : kGood;
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
    out.append(word_of(kStates, change.from));
    out.append(" -> ");
    out.append(word_of(kStates, change.to));
    if (change.via > Via::kUnknown) {
        out.append(" (");
        out.append(word_of(kVia, change.via));
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
    out.append(word_of(kSteps, mini.step));
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

std::string_view read_fields(std::string_view kind, Fields& fields, Event& event) {
    event.netns = 0;
    event.cpu = 0;
    if (kind == "state")
        return read_body<StateChange>(fields, event);
    if (kind == "mini")
        return read_body<MiniState>(fields, event);
    if (kind == "sock")
        return read_body<Owner>(fields, event);
    if (kind == "retx")
        return read_body<Retransmit>(fields, event);
    if (kind == "reset")
        return read_body<Reset>(fields, event);
    if (kind == "lost")
        return read_body<Lost>(fields, event);
    if (kind == "drop")
        return read_body<Drop>(fields, event);
    return "a record of an unknown kind";
}

std::string_view read_segment_fields(Fields& fields, Event& event) {
    auto& segment = std::get<Segment>(event.body);
    bool good = true;
    for (std::uint64_t name = 0; good && (name = fields.next()) != 0;) {
        switch (name) {
            case key("sk"):
                good = fields.hex(segment.cookie);
                break;
            case key("st"):
                good = read_state(fields, segment.sk_state);
                break;
            case key("tw"):
                good = read_state(fields, segment.tw_substate);
                break;
            case key("gso"):
                good = fields.decimal(segment.gso_size);
                break;
            case key("segs"):
                good = fields.decimal(segment.gso_segs);
                break;
            case key("cpu"):
                good = fields.decimal(event.cpu);
                break;
            default:
                break;
        }
    }
    return good && !fields.malformed() ? kGood : "a segment with a malformed comment";
}

namespace {

bool parse_port(std::string_view text, std::uint16_t& port) {
    unsigned number = 0;
    for (const char c : text) {
        if (c < '0' || c > '9' || text.size() > 5)
            return false;
        number = number * 10 + static_cast<unsigned>(c - '0');
    }
    port = static_cast<std::uint16_t>(number);
    return !text.empty() && number <= UINT16_MAX;
}

// By hand, since most records have two of them and inet_pton() takes ten times as long.
bool parse_ipv4(std::string_view text, Address& address) {
    std::size_t i = 0;
    for (std::size_t part = 0; part < 4; ++part) {
        if (part > 0 && (i >= text.size() || text[i++] != '.'))
            return false;
        const std::size_t start = i;
        unsigned number = 0;
        for (; i < text.size() && text[i] >= '0' && text[i] <= '9' && i - start < 3; ++i)
            number = number * 10 + static_cast<unsigned>(text[i] - '0');
        if (i == start || number > 255)
            return false;
        address.bytes[part] = static_cast<std::uint8_t>(number);
    }
    address.version = 4;
    return i == text.size();
}

}  // namespace

bool parse_endpoint(std::string_view text, Endpoint& endpoint) {
    endpoint = {};
    if (text == "-")
        return true;
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return false;
    const auto address = text.substr(0, colon);
    if (!parse_port(text.substr(colon + 1), endpoint.port))
        return false;
    if (!address.starts_with('['))
        return parse_ipv4(address, endpoint.address);
    if (!address.ends_with(']'))
        return false;
    endpoint.address = parse_address(address.substr(1, address.size() - 2));
    return endpoint.address.version == 6;
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
// From the fields of a tl1 line to an Event. Each kind lists its fields once, in the
// order in which we write them: a line of ours is read by comparing the next name with
// the one that is expected. Whatever is left then (another version's, another order)
// is read name by name.
#include <cstring>
#include <limits>

#include "recording/event_text.h"
#include "recording/event_words.h"

namespace tcpladder {
namespace {

using tl1::Fields;
using tl1::Key;

constexpr std::string_view kGood = "";

bool read_signed(Fields& fields, std::int32_t& out) {
    std::int64_t number = 0;
    const bool good = fields.signed_decimal(number) && number <= INT32_MAX && number >= INT32_MIN;
    out = static_cast<std::int32_t>(number);
    return good;
}

bool read_inode(Fields& fields, NetNs& out) {
    std::uint32_t inode = 0;
    const bool good = fields.decimal(inode);
    out = inode;
    return good;
}

// One of two words.
bool read_choice(Fields& fields, std::string_view yes, std::string_view no, bool& out) {
    const auto text = fields.word();
    out = text == yes;
    return out || text == no;
}

bool read_flag(Fields& fields, bool& out) {
    return read_choice(fields, "1", "0", out);
}

bool read_direction(Fields& fields, bool& sent) {
    return read_choice(fields, "out", "in", sent);
}

bool read_state(Fields& fields, TcpState& out) {
    return words::read(words::kStates, fields.word(), out);
}

/// Of an enumeration that has no 0.
template <typename Enum, std::size_t Size>
bool read_one_of(const std::array<std::string_view, Size>& words, Fields& fields, Enum& out) {
    return words::read(words, fields.word(), out) && static_cast<int>(out) != 0;
}

/// Escaped text, of which `room` bytes are kept.
template <std::size_t Size>
bool read_text(Fields& fields, std::array<char, Size>& out, std::size_t room) {
    out = {};
    tl1::unescape(fields.text(), out.data(), room);
    return true;
}

/// A reason's name ends with a NUL.
template <std::size_t Size>
bool read_reason(Fields& fields, std::array<char, Size>& out) {
    return read_text(fields, out, Size - 1);
}

bool read_endpoint(Fields& fields, Endpoint& out) {
    return parse_endpoint(fields.word(), out);
}

// Calls each(key, read) for every field: read(fields) reads its value.

template <typename Each>
void each_field(Each& each, SocketEnds& ends) {
    each(Key("l"), [&](Fields& fields) { return read_endpoint(fields, ends.local); });
    each(Key("p"), [&](Fields& fields) { return read_endpoint(fields, ends.remote); });
}

template <typename Each>
void each_field(Each& each, Task& task) {
    each(Key("pid"), [&](Fields& fields) { return fields.decimal(task.pid); });
    each(Key("tid"), [&](Fields& fields) { return fields.decimal(task.tid); });
    each(Key("uid"), [&](Fields& fields) { return fields.decimal(task.uid); });
    each(Key("comm"),
         [&](Fields& fields) { return read_text(fields, task.comm, task.comm.size()); });
    each(Key("exit"), [&](Fields& fields) { return read_flag(fields, task.exiting); });
}

template <typename Each>
void each_field(Each& each, Segment& segment) {
    each(Key("sk"), [&](Fields& fields) { return fields.hex(segment.cookie); });
    each(Key("st"), [&](Fields& fields) { return read_state(fields, segment.sk_state); });
    each(Key("tw"), [&](Fields& fields) { return read_state(fields, segment.tw_substate); });
    each(Key("gso"), [&](Fields& fields) { return fields.decimal(segment.gso_size); });
    each(Key("segs"), [&](Fields& fields) { return fields.decimal(segment.gso_segs); });
}

template <typename Each>
void each_field(Each& each, StateChange& change) {
    each(Key("sk"), [&](Fields& fields) { return fields.hex(change.cookie); });
    each(Key("old"), [&](Fields& fields) { return read_state(fields, change.from); });
    each(Key("new"), [&](Fields& fields) { return read_state(fields, change.to); });
    each(Key("cause"),
         [&](Fields& fields) { return words::read(words::kVia, fields.word(), change.via); });
    each_field(each, change.ends);
    each(Key("una"), [&](Fields& fields) { return fields.decimal(change.snd_una); });
    each(Key("nxt"), [&](Fields& fields) { return fields.decimal(change.snd_nxt); });
    each(Key("rcv"), [&](Fields& fields) { return fields.decimal(change.rcv_nxt); });
    each(Key("err"), [&](Fields& fields) { return fields.decimal(change.error); });
    each_field(each, change.task);
}

template <typename Each>
void each_field(Each& each, Retransmit& retransmit) {
    each(Key("sk"), [&](Fields& fields) { return fields.hex(retransmit.cookie); });
    each(Key("seq"), [&](Fields& fields) { return fields.decimal(retransmit.seq); });
    each(Key("end"), [&](Fields& fields) { return fields.decimal(retransmit.end); });
    each(Key("state"), [&](Fields& fields) { return read_state(fields, retransmit.state); });
    each(Key("synack"), [&](Fields& fields) { return read_flag(fields, retransmit.syn_ack); });
    each(Key("timer"), [&](Fields& fields) { return fields.decimal(retransmit.timer); });
    each(Key("ca"), [&](Fields& fields) { return fields.decimal(retransmit.ca_state); });
    each(Key("count"), [&](Fields& fields) { return fields.decimal(retransmit.count); });
    each(Key("err"), [&](Fields& fields) { return read_signed(fields, retransmit.error); });
    each_field(each, retransmit.ends);
}

template <typename Each>
void each_field(Each& each, Reset& reset) {
    each(Key("sk"), [&](Fields& fields) { return fields.hex(reset.cookie); });
    each(Key("dir"), [&](Fields& fields) { return read_direction(fields, reset.sent); });
    each(Key("reason"), [&](Fields& fields) { return read_reason(fields, reset.reason); });
    each(Key("state"), [&](Fields& fields) { return read_state(fields, reset.state); });
    each_field(each, reset.ends);
}

template <typename Each>
void each_field(Each& each, MiniState& mini) {
    each(Key("sk"), [&](Fields& fields) { return fields.hex(mini.cookie); });
    each(Key("mini"),
         [&](Fields& fields) { return read_one_of(words::kMinis, fields, mini.mini); });
    each(Key("step"),
         [&](Fields& fields) { return read_one_of(words::kSteps, fields, mini.step); });
    each(Key("sub"), [&](Fields& fields) { return read_state(fields, mini.substate); });
    each(Key("to"), [&](Fields& fields) { return fields.decimal(mini.timeouts); });
    each(Key("lsk"), [&](Fields& fields) { return fields.hex(mini.listener_cookie); });
    each(Key("timer"), [&](Fields& fields) { return fields.hex(mini.timer); });
    each_field(each, mini.ends);
}

template <typename Each>
void each_field(Each& each, Owner& owner) {
    each(Key("sk"), [&](Fields& fields) { return fields.hex(owner.cookie); });
    each(Key("how"), [&](Fields& fields) { return read_one_of(words::kHows, fields, owner.how); });
    each(Key("state"), [&](Fields& fields) { return read_state(fields, owner.state); });
    each_field(each, owner.ends);
    each_field(each, owner.task);
}

template <typename Each>
void each_field(Each& each, Lost& lost) {
    each(Key("cnt"), [&](Fields& fields) { return fields.decimal(lost.count); });
    each(Key("from"), [&](Fields& fields) { return fields.signed_decimal(lost.from); });
}

template <typename Each>
void each_field(Each& each, Drop& drop) {
    each(Key("sk"), [&](Fields& fields) { return fields.hex(drop.cookie); });
    each(Key("reason"), [&](Fields& fields) { return read_reason(fields, drop.reason); });
    each(Key("seq"), [&](Fields& fields) { return fields.decimal(drop.seq); });
    each(Key("ack"), [&](Fields& fields) { return fields.decimal(drop.ack); });
    each(Key("len"), [&](Fields& fields) { return fields.decimal(drop.payload); });
    each(Key("flags"), [&](Fields& fields) { return fields.decimal(drop.flags); });
    each(Key("skb"), [&](Fields& fields) { return fields.hex(drop.skb); });
    each_field(each, drop.ends);
}

// A segment's place is that of its packet.
template <typename Each>
void each_field_of_place(Each& each, Event& event) {
    if (!std::holds_alternative<Segment>(event.body))
        each(Key("ns"), [&](Fields& fields) { return read_inode(fields, event.netns); });
    each(Key("cpu"), [&](Fields& fields) { return fields.decimal(event.cpu); });
}

/// Reads what stands in the expected order.
struct InOrder {
    template <typename Read>
    void operator()(const Key& key, Read&& read) {
        if (good && fields.take(key))
            good = read(fields);
    }
    Fields& fields;
    bool good = true;
};

/// Reads the field with this name. Of no such name: another version's, or of the line itself.
struct Named {
    template <typename Read>
    void operator()(const Key& key, Read&& read) {
        if (key.name == name)
            good = read(fields);
    }
    Fields& fields;
    std::uint64_t name;
    bool good = true;
};

template <typename Body>
bool read_values(Fields& fields, Event& event, Body& body) {
    InOrder in_order{fields};
    each_field(in_order, body);
    each_field_of_place(in_order, event);
    if (!in_order.good)
        return false;
    while (const auto name = fields.next()) {
        Named named{fields, name};
        each_field(named, body);
        each_field_of_place(named, event);
        if (!named.good)
            return false;
    }
    return true;
}

template <typename Body>
std::string_view read_body(Fields& fields, Event& event) {
    if (!read_values(fields, event, event.body.emplace<Body>()))
        return "a field with an impossible value";
    return fields.malformed() ? "a malformed line" : kGood;
}

/// Reads up to `most` digits; nothing if there are none.
bool read_digits(const char*& at, const char* end, std::ptrdiff_t most, unsigned& number) {
    const char* start = at;
    number = 0;
    for (; at != end && at - start < most && *at >= '0' && *at <= '9'; ++at)
        number = number * 10 + static_cast<unsigned>(*at - '0');
    return at != start;
}

// By hand, since most records have two of them and inet_pton() takes ten times as long.
bool parse_ipv4(const char*& at, const char* end, Address& address) {
    const auto digit = [&] { return at != end ? static_cast<unsigned>(*at - '0') : 10U; };
    for (std::size_t part = 0; part < 4; ++part) {
        if (part > 0 && (at == end || *at++ != '.'))
            return false;
        unsigned number = digit();
        if (number > 9)
            return false;
        ++at;
        for (unsigned more = 0; more < 2 && digit() <= 9; ++more)
            number = number * 10 + static_cast<unsigned>(*at++ - '0');
        if (number > 255)
            return false;
        address.bytes[part] = static_cast<std::uint8_t>(number);
    }
    address.version = 4;
    return true;
}

bool parse_ipv6(const char*& at, const char* end, Address& address) {
    const auto* closing =
        static_cast<const char*>(std::memchr(at, ']', static_cast<std::size_t>(end - at)));
    if (closing == nullptr)
        return false;
    address = parse_address({at + 1, static_cast<std::size_t>(closing - at - 1)});
    at = closing + 1;
    return address.version == 6;
}

}  // namespace

std::string_view read_fields(std::uint64_t kind, Fields& fields, Event& event) {
    event.netns = 0;
    event.cpu = 0;
    switch (kind) {
        case tl1::key("state"):
            return read_body<StateChange>(fields, event);
        case tl1::key("mini"):
            return read_body<MiniState>(fields, event);
        case tl1::key("sock"):
            return read_body<Owner>(fields, event);
        case tl1::key("retx"):
            return read_body<Retransmit>(fields, event);
        case tl1::key("reset"):
            return read_body<Reset>(fields, event);
        case tl1::key("lost"):
            return read_body<Lost>(fields, event);
        case tl1::key("drop"):
            return read_body<Drop>(fields, event);
        default:
            return "a record of an unknown kind";
    }
}

std::string_view read_segment_fields(Fields& fields, Event& event) {
    const bool good = read_values(fields, event, std::get<Segment>(event.body));
    return good && !fields.malformed() ? kGood : "a segment with a malformed comment";
}

bool parse_endpoint(std::string_view text, Endpoint& endpoint) {
    endpoint = {};
    if (text == "-")
        return true;
    const char* at = text.data();
    const char* end = at + text.size();
    const bool ipv6 = text.starts_with('[');
    if (!(ipv6 ? parse_ipv6(at, end, endpoint.address) : parse_ipv4(at, end, endpoint.address)))
        return false;
    unsigned port = 0;
    if (at == end || *at++ != ':' || !read_digits(at, end, 5, port) || at != end)
        return false;
    endpoint.port = static_cast<std::uint16_t>(port);
    return port <= UINT16_MAX;
}

}  // namespace tcpladder

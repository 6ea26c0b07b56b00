// SPDX-License-Identifier: MIT
#include "capture/decode.h"

#include <algorithm>
#include <cstring>

#include <sys/syscall.h>

#include "bpf/events.h"

namespace tcpladder {
namespace {

constexpr std::uint16_t kAfInet = 2;
constexpr std::uint16_t kAfInet6 = 10;

constexpr std::string_view kGood = "";

Address address_from(const __u8 (&bytes)[16], std::uint16_t family) {
    Address address;
    address.version = family == kAfInet6 ? 6 : family == kAfInet ? 4 : 0;
    std::memcpy(address.bytes.data(), bytes, address.version == 4 ? 4 : 16);
    return unmapped(address);
}

SocketEnds ends_from(const tl_tuple& tuple) {
    return {{address_from(tuple.local, tuple.family), tuple.local_port},
            {address_from(tuple.remote, tuple.family), tuple.remote_port}};
}

Task task_from(const tl_task& task) {
    Task result{task.pid, task.tid, task.uid, {}, (task.flags & TL_TASK_EXITING) != 0};
    std::memcpy(result.comm.data(), task.comm, result.comm.size());
    return result;
}

TcpState state_from(unsigned number) {
    return tcp_state_from(number).value_or(TcpState::kUnknown);
}

// A record whose size is not that of its kind comes from another version.
template <typename Record>
bool read(std::span<const std::byte> bytes, Record& record) {
    if (bytes.size() < sizeof(Record))
        return false;
    std::memcpy(&record, bytes.data(), sizeof(Record));
    return true;
}

std::string_view decode_segment(std::span<const std::byte> bytes, Event& event) {
    constexpr auto kFixed = offsetof(tl_segment, headers);
    tl_segment record;
    if (!read(bytes, record))
        return "segment record too short";
    if (record.captured > bytes.size() - kFixed || record.captured > kMaxHeaderBytes)
        return "segment record claims more header bytes than it has";
    auto& segment = event.body.emplace<Segment>();
    const auto* packet = reinterpret_cast<const std::uint8_t*>(bytes.data()) + kFixed;
    if (!read_tcp({packet, record.captured}, record.length, segment.tcp))
        return "segment record holds no whole TCP header";
    segment.sent = (record.direction & TL_SENT) != 0;
    event.undecided = (record.direction & TL_UNDECIDED) != 0;
    segment.cookie = record.cookie;
    segment.skb = record.skb;
    segment.length = record.length;
    segment.ifindex = record.ifindex;
    segment.gso_size = record.gso_size;
    segment.gso_segs = record.gso_segs;
    segment.sk_state = state_from(record.sk_state);
    segment.tw_substate = state_from(record.tw_substate);
    segment.captured = record.captured;
    std::memcpy(segment.headers.data(), packet, record.captured);
    return kGood;
}

// The kernel side takes no call chain where the system call is one of two that it
// knows, or the process exits.
Via origin_of_fin(const StateChange& change, std::uint32_t syscall) {
    if (change.to != TcpState::kFinWait1 && change.to != TcpState::kLastAck)
        return Via::kNotTaken;
    if (syscall == SYS_shutdown)
        return Via::kShutdown;
    return syscall == SYS_close || change.task.exiting ? Via::kClose : Via::kNotTaken;
}

std::string_view decode_state(std::span<const std::byte> bytes, const CallChains& chains,
                              Event& event) {
    tl_state record;
    if (!read(bytes, record))
        return "state record too short";
    if (record.depth > (bytes.size() - sizeof(record)) / sizeof(std::uint64_t))
        return "state record claims a deeper call chain than it has";
    auto& state = event.body.emplace<StateChange>();
    state.ends = ends_from(record.tuple);
    state.task = task_from(record.task);
    state.cookie = record.cookie;
    state.snd_una = record.snd_una;
    state.snd_nxt = record.snd_nxt;
    state.rcv_nxt = record.rcv_nxt;
    state.error = record.error;
    event.undecided = record.undecided != 0;
    state.from = state_from(record.old_state);
    state.to = state_from(record.new_state);
    if (record.depth > 0) {
        std::array<std::uint64_t, TL_MAX_STACK> chain;
        const auto depth = std::min<std::size_t>(record.depth, chain.size());
        std::memcpy(chain.data(), bytes.data() + sizeof(record), depth * sizeof(chain[0]));
        state.via = chains.origin({chain.data(), depth});
    } else if (record.syscall != TL_NO_SYSCALL) {
        state.via = origin_of_fin(state, record.syscall);
    }
    return kGood;
}

std::string_view decode_retransmit(std::span<const std::byte> bytes, bool syn_ack, Event& event) {
    tl_retransmit record;
    if (!read(bytes, record))
        return "retransmit record too short";
    event.body = Retransmit{.ends = ends_from(record.tuple),
                            .cookie = record.cookie,
                            .seq = record.seq,
                            .end = record.end_seq,
                            .error = record.error,
                            .syn_ack = syn_ack,
                            .state = state_from(record.state),
                            .timer = record.timer,
                            .ca_state = record.ca_state,
                            .count = record.count};
    return kGood;
}

void put_reason(const EnumNames& names, std::uint32_t number, ReasonName& reason) {
    if (number < names.size())
        std::copy_n(names[number].begin(), std::min(names[number].size(), reason.size() - 1),
                    reason.begin());
}

std::string_view decode_reset(std::span<const std::byte> bytes, const EnumNames& reasons,
                              Event& event) {
    tl_reset record;
    if (!read(bytes, record))
        return "reset record too short";
    auto& reset = event.body.emplace<Reset>();
    reset.ends = ends_from(record.tuple);
    reset.cookie = record.cookie;
    reset.sent = record.direction == TL_SENT;
    reset.state = state_from(record.state);
    if (record.has_reason != 0)
        put_reason(reasons, record.reason, reset.reason);
    return kGood;
}

std::string_view decode_drop(std::span<const std::byte> bytes, const EnumNames& reasons,
                             Event& event) {
    tl_drop record;
    if (!read(bytes, record))
        return "drop record too short";
    if (record.captured > sizeof(record.headers))
        return "drop record claims more header bytes than it has";
    const auto tcp = parse_tcp({record.headers, record.captured}, record.length);
    if (!tcp)
        return "drop record holds no whole TCP header";
    auto& drop = event.body.emplace<Drop>();
    drop.ends = {tcp->source, tcp->destination};
    drop.cookie = record.cookie;
    drop.skb = record.skb;
    drop.seq = tcp->seq;
    drop.ack = tcp->ack;
    drop.payload = tcp->payload;
    drop.flags = tcp->flags;
    put_reason(reasons, record.reason, drop.reason);
    return kGood;
}

std::string_view decode_ministate(std::span<const std::byte> bytes, Event& event) {
    tl_ministate record;
    if (!read(bytes, record))
        return "ministate record too short";
    if (record.mini != TL_MINI_REQUEST && record.mini != TL_MINI_TIME_WAIT)
        return "ministate record of an unknown kind";
    if (record.what < TL_TIMER_START || record.what > TL_TIMER_CANCEL)
        return "ministate record of an unknown timer step";
    event.body = MiniState{.ends = ends_from(record.tuple),
                           .cookie = record.cookie,
                           .timer = record.timer,
                           .mini = static_cast<Mini>(record.mini),
                           .step = static_cast<TimerStep>(record.what),
                           .substate = state_from(record.substate),
                           .timeouts = record.timeouts,
                           .listener_cookie = record.listener_cookie};
    return kGood;
}

std::string_view decode_owner(std::span<const std::byte> bytes, Event& event) {
    tl_owner record;
    if (!read(bytes, record))
        return "owner record too short";
    if (record.how < TL_OWNER_USE || record.how > TL_OWNER_SEED)
        return "owner record of an unknown kind";
    event.body = Owner{.ends = ends_from(record.tuple),
                       .task = task_from(record.task),
                       .cookie = record.cookie,
                       .how = static_cast<OwnerHow>(record.how),
                       .state = state_from(record.state)};
    return kGood;
}

}  // namespace

std::string_view Decoder::decode(std::span<const std::byte> record, Event& event) const {
    tl_header header;
    if (!read(record, header))
        return "record shorter than its header";
    if (header.version != TL_EVENT_VERSION)
        return "record of another version";
    if (header.size != record.size())
        return "record of another size than it says";
    event.time = static_cast<MonoNs>(header.ktime_ns);
    event.netns = header.netns;
    event.cpu = header.cpu;
    event.undecided = false;
    switch (header.kind) {
        case TL_SEGMENT:
            return decode_segment(record, event);
        case TL_STATE:
            return decode_state(record, *chains_, event);
        case TL_RETRANSMIT:
            return decode_retransmit(record, false, event);
        case TL_SYNACK_RETRANSMIT:
            return decode_retransmit(record, true, event);
        case TL_RESET:
            return decode_reset(record, *reset_reasons_, event);
        case TL_MINISTATE:
            return decode_ministate(record, event);
        case TL_OWNER:
            return decode_owner(record, event);
        case TL_DROP:
            return decode_drop(record, *drop_reasons_, event);
        default:
            return "record of an unknown kind";
    }
}

}  // namespace tcpladder

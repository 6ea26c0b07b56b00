// SPDX-License-Identifier: MIT
#include "recording/recording_writer.h"

#include <array>

#include "recording/pcapng.h"

namespace tcpladder {
namespace {

using pcapng::BlockWriter;
namespace option = pcapng::option;

constexpr std::uint32_t kSnapLength = 262144;  // equal everywhere: libpcap wants that
constexpr std::uint32_t kLoopback = 1;         // in every network namespace

std::uint16_t arphrd_of(std::uint32_t ifindex) {
    constexpr std::uint16_t kEther = 1;
    constexpr std::uint16_t kLoop = 772;
    return ifindex == kLoopback ? kLoop : kEther;
}

void put_big_endian(std::uint8_t* out, std::uint32_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i)
        out[i] = static_cast<std::uint8_t>(value >> (8 * (bytes - 1 - i)));
}

// draft-ietf-opsawg-pcapng: LINKTYPE_LINUX_SLL2.
std::array<std::uint8_t, pcapng::kSll2Bytes> sll2_header(const Segment& segment) {
    constexpr std::uint8_t kToUs = 0;
    constexpr std::uint8_t kOutgoing = 4;
    std::array<std::uint8_t, pcapng::kSll2Bytes> header{};
    put_big_endian(&header[0], segment.tcp.source.address.version == 6 ? 0x86dd : 0x0800, 2);
    put_big_endian(&header[4], segment.ifindex, 4);
    put_big_endian(&header[8], arphrd_of(segment.ifindex), 2);
    header[10] = segment.sent ? kOutgoing : kToUs;
    return header;
}

// epb_flags: direction, and "TSO" for an aggregate.
std::uint32_t flags_of(const Segment& segment) {
    constexpr std::uint32_t kIn = 1;
    constexpr std::uint32_t kOut = 2;
    constexpr std::uint32_t kAggregate = 1U << 11;
    return (segment.sent ? kOut : kIn) | (segment.gso_size != 0 ? kAggregate : 0);
}

const Task* task_of(const Event& event) {
    if (const auto* change = std::get_if<StateChange>(&event.body))
        return &change->task;
    const auto* owner = std::get_if<Owner>(&event.body);
    return owner != nullptr ? &owner->task : nullptr;
}

// In a journal field that Wireshark shows as it is.
void append_printable(TextBuffer& out, std::string_view text) {
    for (const char c : text)
        out.append(c < 0x20 || c >= 0x7f ? '?' : c);
}

}  // namespace

RecordingWriter::RecordingWriter(RecordingInfo info, std::uint64_t key, bool splits,
                                 DeviceName device_name)
    : info_(std::move(info)),
      disguise_(key),
      splits_(splits),
      device_name_(std::move(device_name)) {}

void RecordingWriter::start_line(std::string_view kind, MonoNs time) {
    line_.clear();
    tl1::put_start(line_, kind, info_.id, n_++);
    tl1::put_signed(line_, " t=", time + info_.trace.wall_offset);
}

void RecordingWriter::section() {
    line_.clear();
    tl1::put_start(line_, "rec", info_.id, n_);
    tl1::put_decimal(line_, " fmt=", 1);
    tl1::put_text(line_, " host=", info_.trace.hosts.at(0));
    tl1::put_text(line_, " boot=", info_.boot_id);
    tl1::put_signed(line_, " off=", info_.trace.wall_offset);
    BlockWriter block(out_, pcapng::kSectionHeader);
    block.u32(pcapng::kByteOrderMagic);
    block.u16(1);  // version 1.0
    block.u16(0);
    block.u64(UINT64_MAX);  // section length: not known
    block.option(option::kComment, line_.view());
    block.option(option::kOs, "Linux " + info_.trace.kernel);
    block.option(option::kApplication, "tcpladder " + info_.version);
    block.end_options();
}

void RecordingWriter::begin(const ClockAnchor& clock, std::vector<Device> devices) {
    devices_ = std::move(devices);
    start_file(clock);
}

// Wireshark's tools want an interface before the first journal block.
void RecordingWriter::start_file(const ClockAnchor& clock) {
    section();
    interfaces_.clear();
    last_interface_id_ = UINT32_MAX;
    write_interface({});
    for (const auto& [netns, ifindex] : devices_) {
        write_interface({netns, ifindex, false});
        if (ifindex == kLoopback)
            write_interface({netns, ifindex, true});
    }
    write_rec(now(clock));
    write_clock(clock);
}

void RecordingWriter::next_part(const ClockAnchor& clock) {
    ++info_.part;
    start_file(clock);
    for (auto& [cookie, event] : sockets_) {
        event.time = now(clock);
        write_event(event, true);
    }
}

// Clocks are read ahead of events that still wait to be added: a record of that time would stand
// before them in the file, and tools that sort by time would move it behind them.
MonoNs RecordingWriter::now(const ClockAnchor& clock) const {
    return last_event_.value_or(clock.mono);
}

void RecordingWriter::write_rec(MonoNs time) {
    start_line("rec", time);
    tl1::put_decimal(line_, " fmt=", 1);
    tl1::put_text(line_, " host=", info_.trace.hosts.at(0));
    tl1::put_text(line_, " boot=", info_.boot_id);
    tl1::put_signed(line_, " off=", info_.trace.wall_offset);
    line_.append(" clk=mono");
    tl1::put_text(line_, " kernel=", info_.trace.kernel);
    tl1::put_text(line_, " filter=", info_.filter);
    tl1::put_decimal(line_, " port=", info_.trace.port);
    tl1::put_decimal(line_, " timers=", info_.trace.timers ? 1 : 0);
    if (info_.trace.hold != kLocalTransit)
        tl1::put_signed(line_, " hold=", info_.trace.hold);
    tl1::put_text(line_, " version=", info_.version);
    tl1::put_decimal(line_, " part=", info_.part);
    record(time, 6, "tcpladder recording", nullptr);
}

void RecordingWriter::write_clock(const ClockAnchor& clock) {
    start_line("clock", now(clock));
    tl1::put_signed(line_, " mono=", clock.mono);
    tl1::put_signed(line_, " real=", clock.real);
    tl1::put_signed(line_, " tai=", clock.tai);
    record(now(clock), 6, "clock", nullptr);
    tell_time_ = true;
}

void RecordingWriter::clock(const ClockAnchor& clock) {
    write_clock(clock);
}

void RecordingWriter::record(MonoNs time, unsigned priority, std::string_view message,
                             const Task* task) {
    constexpr std::int64_t kMicro = 1000;
    BlockWriter block(out_, pcapng::kJournal);
    out_.append("__REALTIME_TIMESTAMP=");
    out_.append_signed((time + info_.trace.wall_offset) / kMicro);
    out_.append("\nPRIORITY=");
    out_.append_decimal(priority);
    out_.append("\nSYSLOG_IDENTIFIER=tcpladder\nMESSAGE=");
    append_printable(out_, message);
    if (task != nullptr && task->pid != 0) {
        out_.append("\n_PID=");
        out_.append_decimal(task->pid);
        out_.append("\n_COMM=");
        append_printable(out_, task->name());
    }
    out_.append("\nTCPLADDER=");
    out_.append(line_.view());
    out_.append('\n');
}

void RecordingWriter::write_interface(const Interface& interface) {
    const auto id = static_cast<std::uint32_t>(interfaces_.size());
    interfaces_.emplace(interface, id);
    std::string name = "any";
    if (interface.ifindex != 0) {
        name = device_name_ ? device_name_(interface.netns, interface.ifindex) : "";
        if (name.empty())
            name = "if" + std::to_string(interface.ifindex);
    }
    line_.clear();
    tl1::put_start(line_, "if", info_.id, n_);
    tl1::put_text(line_, " host=", info_.trace.hosts.at(0));
    tl1::put_decimal(line_, " ns=", inode_of(interface.netns));
    tl1::put_decimal(line_, " ifi=", interface.ifindex);
    tl1::put_text(line_, " dev=", name);
    line_.append(interface.second ? " side=b" : " side=a");
    const auto full_name = name + "@" + info_.trace.hosts.at(0) + (interface.second ? "~b" : "");
    message_.clear();
    append_printable(message_, full_name);
    BlockWriter block(out_, pcapng::kInterface);
    block.u16(pcapng::kLinkSll2);
    block.u16(0);
    block.u32(kSnapLength);
    block.option(option::kName, message_.view());
    block.option(option::kDescription, line_.view());
    block.option(option::kResolution, 9, 1);  // nanoseconds
    block.end_options();
}

// On loopback both ends see every segment. The end with the smaller name (mostly
// the server: its port is smaller) is the second viewpoint; one that talks to itself
// has its receipts there.
std::uint32_t RecordingWriter::interface_of(const Event& event, const Segment& segment) {
    Interface interface { event.netns, segment.ifindex, false };
    if (segment.ifindex == kLoopback) {
        const auto rank = [](const Endpoint& end) { return std::tie(end.port, end.address); };
        const auto& own = segment.sent ? segment.tcp.source : segment.tcp.destination;
        const auto& other = segment.sent ? segment.tcp.destination : segment.tcp.source;
        interface.second = own == other ? !segment.sent : rank(own) < rank(other);
    }
    if (interface == last_interface_ && last_interface_id_ != UINT32_MAX)
        return last_interface_id_;
    if (!interfaces_.contains(interface))
        write_interface(interface);
    last_interface_ = interface;
    last_interface_id_ = interfaces_.at(interface);
    return last_interface_id_;
}

void RecordingWriter::packet(const Event& event, const Segment& segment) {
    const auto interface = interface_of(event, segment);
    const auto time = static_cast<std::uint64_t>(event.time + info_.trace.wall_offset);
    line_.clear();
    tl1::put_start(line_, "seg", info_.id, n_++);
    if (tell_time_)
        tl1::put_decimal(line_, " t=", time);
    tell_time_ = false;
    write_fields(line_, event, disguise_);
    const auto captured = static_cast<std::uint32_t>(pcapng::kSll2Bytes + segment.captured);
    BlockWriter block(out_, pcapng::kPacket);
    block.u32(interface);
    block.u32(static_cast<std::uint32_t>(time >> 32));
    block.u32(static_cast<std::uint32_t>(time));
    block.u32(captured);
    block.u32(static_cast<std::uint32_t>(pcapng::kSll2Bytes) + segment.length);
    block.bytes(sll2_header(segment));
    block.bytes(std::span(segment.headers).first(segment.captured));
    block.pad();
    block.option(option::kComment, line_.view());
    block.option(option::kFlags, flags_of(segment), 4);
    if (segment.skb != 0)
        block.option(option::kPacketId, disguise_(segment.skb), 8);
    if (lost_ != 0)
        block.option(option::kDropCount, lost_, 8);
    lost_ = 0;
    block.end_options();
}

void RecordingWriter::write_event(const Event& event, bool again) {
    start_line(kind_of(event), event.time);
    write_fields(line_, event, disguise_);
    if (again)
        line_.append(" again=1");
    message_.clear();
    write_message(message_, event);
    record(event.time, priority_of(event), message_.view(), task_of(event));
}

void RecordingWriter::add(const Event& event) {
    ++counts_[event.body.index()];
    last_event_ = event.time;
    if (const auto* segment = std::get_if<Segment>(&event.body))
        return packet(event, *segment);
    if (const auto* lost = std::get_if<Lost>(&event.body))
        lost_ += lost->count;
    if (splits_)
        remember(event);
    write_event(event, false);
}

void RecordingWriter::remember(const Event& event) {
    if (const auto* owner = std::get_if<Owner>(&event.body)) {
        if (is_closed(owner->state))
            return;
        auto& seed = sockets_[owner->cookie] = event;
        std::get<Owner>(seed.body).how = OwnerHow::kSeed;
        return;
    }
    const auto* change = std::get_if<StateChange>(&event.body);
    if (change == nullptr)
        return;
    if (change->to == TcpState::kClose) {
        sockets_.erase(change->cookie);
        return;
    }
    auto& seed = sockets_[change->cookie];
    if (change->to == TcpState::kListen || change->to == TcpState::kSynSent) {
        seed = event;
        seed.body = Owner{change->ends, change->task, change->cookie, OwnerHow::kSeed, change->to};
    } else if (auto* known = std::get_if<Owner>(&seed.body)) {
        known->state = change->to;
        known->ends = change->ends;
    } else {
        sockets_.erase(change->cookie);  // nobody was seen to hold it yet
    }
}

void RecordingWriter::end(const RecordingEnd& end, const ClockAnchor& clock,
                          std::uint64_t written) {
    static constexpr std::array<std::string_view, 8> kKeys = {
        " seg=", " state=", " retx=", " reset=", " mini=", " sock=", " losses=", " drop="};
    static_assert(kKeys.size() == std::variant_size_v<decltype(Event::body)>);
    last_event_.reset();  // nothing waits any more
    write_clock(clock);
    start_line("end", clock.mono);
    for (std::size_t i = 0; i < kKeys.size(); ++i)
        tl1::put_decimal(line_, kKeys[i], counts_[i]);
    tl1::put_decimal(line_, " sent=", end.counts.sent);
    tl1::put_decimal(line_, " lost=", end.counts.lost);
    tl1::put_decimal(line_, " unread=", end.counts.unreadable);
    tl1::put_decimal(line_, " missed=", end.counts.missed);
    tl1::put_decimal(line_, " lostseg=", end.counts.lost_segments);
    tl1::put_decimal(line_, " lostst=", end.counts.lost_states);
    tl1::put_decimal(line_, " arrived=", end.arrived);
    tl1::put_decimal(line_, " refused=", end.refused);
    tl1::put_decimal(line_, " at=", written + out_.size());
    record(clock.mono, 6, "end of the recording", nullptr);
    for (std::uint32_t i = 0; i < interfaces_.size(); ++i) {
        const auto time = static_cast<std::uint64_t>(clock.mono + info_.trace.wall_offset);
        BlockWriter block(out_, pcapng::kStatistics);
        block.u32(i);
        block.u32(static_cast<std::uint32_t>(time >> 32));
        block.u32(static_cast<std::uint32_t>(time));
    }
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include "recording/recording_reader.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "recording/event_text.h"

namespace tcpladder {
namespace {

using tl1::key;
namespace option = pcapng::option;

/// mergecap sorts journal blocks by microseconds: records move no further than
/// that. A record that is missing is not waited for any longer.
constexpr MonoNs kWindow = 10'000'000;
constexpr std::size_t kMostEarly = 65536;
/// A recording that asks for more makes no sense.
constexpr MonoNs kLongestHold = 60'000'000'000;

bool after(const auto& a, const auto& b) {
    return a.n > b.n;
}

std::uint64_t ticks_of(std::uint8_t resolution) {
    const unsigned exponent = resolution & 0x7fU;
    std::uint64_t ticks = 1;
    for (unsigned i = 0; i < exponent && ticks < (1ULL << 59); ++i)
        ticks *= (resolution & 0x80U) != 0 ? 2 : 10;
    return ticks;
}

std::int64_t unix_ns(std::uint64_t stamp, std::uint64_t ticks) {
    constexpr std::uint64_t kBillion = 1'000'000'000;
    if (ticks == kBillion)
        return static_cast<std::int64_t>(stamp);
    const auto rest = static_cast<unsigned __int128>(stamp % ticks) * kBillion / ticks;
    return static_cast<std::int64_t>(stamp / ticks * kBillion + static_cast<std::uint64_t>(rest));
}

// Wraps instead of overflowing: a damaged file may say anything.
std::int64_t time_difference_of(std::int64_t later, std::int64_t earlier) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(later) -
                                     static_cast<std::uint64_t>(earlier));
}

// Far enough for every clock (18 years of uptime, the year 2116), near enough that the model
// and the alignment of two hosts may add and subtract.
constexpr std::int64_t kFarthest = INT64_MAX / 16;

bool is_possible(std::int64_t time) {
    return time >= -kFarthest && time <= kFarthest;
}

bool is_possible_offset(std::int64_t offset) {
    return offset >= -kFarthest && offset <= INT64_MAX / 2;
}

}  // namespace

RecordingReader::RecordingReader(ByteSource& source, std::optional<std::uint32_t> wanted,
                                 std::string_view seen)
    : blocks_(source, seen), wanted_(wanted) {}

void RecordingReader::continues(std::uint64_t next_n) {
    continues_ = true;
    if (!expected_) {
        expected_ = next_n;
        return;
    }
    // prepare() has read its start already.
    if (begin_ && *begin_ > next_n)
        health_.missing += *begin_ - next_n;
    if (first_ && (first_->again || first_->n < next_n))
        first_.reset();
    if (next_n > *expected_) {
        expected_ = next_n;
        health_.last_n = next_n - 1;
    }
}

MonoNs RecordingReader::mono(std::int64_t unix_ns) const {
    return time_difference_of(unix_ns, info_.trace.wall_offset);
}

bool RecordingReader::is_wanted(std::uint32_t recording) {
    if (!wanted_) {
        wanted_ = recording;
        info_.id = recording;
    }
    if (*wanted_ == recording) {
        wanted_word_ = tl1::eight_hex_digits(recording);
        TextBuffer start;
        tl1::put_start(start, "seg", recording, 0);
        start.view()
            .substr(tl1::kPrefix.size() - 1)
            .copy(packet_start_.data(), packet_start_.size());
        return true;
    }
    ++health_.others;
    return false;
}

RecordingReader::Status RecordingReader::prepare() {
    if (prepared_)
        return first_ ? Status::kEvent : Status::kEnd;
    Event first;
    const auto status = next(first);
    if (status == Status::kNotYet)
        return status;
    prepared_ = true;
    if (status == Status::kEvent)
        first_ = {first, health_.last_n, true, again_};
    return status;
}

RecordingReader::Status RecordingReader::next(Event& event) {
    if (first_) {
        event = first_->event;
        first_.reset();
        return Status::kEvent;
    }
    while (true) {
        if (is_due()) {
            std::pop_heap(early_.begin(), early_.end(), after<Early, Early>);
            const auto& record = early_.back();
            const bool shown = is_new(record.n) && record.has_event && !is_repeated(record.again);
            again_ = record.again;
            if (shown)
                event = record.event;
            early_.pop_back();
            if (shown)
                return Status::kEvent;
            continue;
        }
        if (over_)
            return Status::kEnd;
        pcapng::Block block;
        const auto status = blocks_.next(block);
        if (status == pcapng::BlockReader::Status::kNotYet)
            return Status::kNotYet;
        if (status == pcapng::BlockReader::Status::kEnd) {
            over_ = true;
            health_.damage = blocks_.damage();
            continue;
        }
        std::uint64_t n = 0;
        const auto taken = take(block, event, n);
        if (taken == Taken::kNothing)
            continue;
        if (!early_.empty() || n != expected_.value_or(0))
            keep(event, n, taken == Taken::kEvent);
        else if (is_new(n) && taken == Taken::kEvent && !is_repeated(again_))
            return Status::kEvent;
    }
}

// Counts what is missing before it. Not new: a copy of a record that was delivered
// already (somebody joined overlapping parts). One that comes after all is new:
// perhaps only a damaged number had made the gap.
bool RecordingReader::is_new(std::uint64_t n) {
    if (!expected_) {
        begin_ = n;
    } else if (n >= gap_ && n < gap_end_) {
        gap_ = n + 1;
        --health_.missing;
        health_.last_n = n;
        return true;
    } else if (n < *expected_) {
        health_.earlier += begin_ && n < *begin_ && !continues_ ? 1 : 0;
        return false;
    } else if (n > *expected_) {
        gap_ = *expected_;
        gap_end_ = n;
        health_.missing += n - *expected_;
    }
    expected_ = n + 1;
    health_.last_n = n;
    return true;
}

bool RecordingReader::is_due() const {
    if (early_.empty())
        return false;
    const auto& first = early_.front();
    return over_ || first.n <= expected_.value_or(0) || early_.size() > kMostEarly ||
           time_difference_of(newest_, first.event.time) > kWindow;
}

void RecordingReader::keep(const Event& event, std::uint64_t n, bool has_event) {
    if (is_possible(event.time))
        newest_ = std::max(newest_, event.time);
    early_.push_back({event, n, has_event, again_});
    std::push_heap(early_.begin(), early_.end(), after<Early, Early>);
}

RecordingReader::Taken RecordingReader::take(const pcapng::Block& block, Event& event,
                                             std::uint64_t& n) {
    again_ = false;
    const pcapng::Fields fields(block.body, block.swapped);
    switch (block.type) {
        case pcapng::kPacket:
            return take_packet(fields, event, n);
        case pcapng::kJournal:
            return take_journal(block.body, event, n);
        case pcapng::kInterface:
            take_interface(fields);
            return Taken::kNothing;
        case pcapng::kSectionHeader:
            take_section(fields);
            return Taken::kNothing;
        default:
            return Taken::kNothing;
    }
}

RecordingReader::Taken RecordingReader::bad(std::string_view problem) {
    if (health_.unreadable++ == 0)
        health_.problem = problem;
    return Taken::kRecord;  // its number counts
}

void RecordingReader::take_section(pcapng::Fields fields) {
    interfaces_.clear();
    fields.bytes(16);  // magic, version, section length
    for (pcapng::Fields::Option option; fields.next(option);) {
        if (option.code == option::kComment && tl1::is_line(option.text()))
            take_info(option.text());
    }
}

void RecordingReader::take_interface(pcapng::Fields fields) {
    auto& interface = interfaces_.emplace_back();
    interface.link = fields.u16();
    fields.bytes(6);  // reserved, snap length
    for (pcapng::Fields::Option option; fields.next(option);) {
        if (option.code == option::kResolution && !option.value.empty())
            interface.ticks = ticks_of(option.value[0]);
        if (option.code != option::kDescription)
            continue;
        tl1::Fields line(option.text());
        std::uint64_t recording = UINT64_MAX;
        std::string device;
        while (const auto name = line.next()) {
            if (name == key("r"))
                line.hex(recording);
            else if (name == key("ns"))
                line.decimal(interface.netns);
            else if (name == key("ifi"))
                line.decimal(interface.ifindex);
            else if (name == key("dev"))
                device = tl1::unescape(line.text());
        }
        interface.is_ours = recording == wanted_.value_or(static_cast<std::uint32_t>(recording));
        if (interface.is_ours && interface.ifindex != 0)
            devices_[{interface.netns, interface.ifindex}] = device;
    }
}

RecordingReader::Taken RecordingReader::take_packet(pcapng::Fields fields, Event& event,
                                                    std::uint64_t& n) {
    const auto id = fields.u32();
    const auto high = fields.u32();
    const auto low = fields.u32();
    const auto captured = fields.u32();
    const auto length = fields.u32();
    const auto data = fields.bytes(captured);
    fields.align(captured);
    if (id >= interfaces_.size())
        return Taken::kNothing;
    const auto& interface = interfaces_[id];
    auto& segment = event.body.emplace<Segment>();
    std::string_view text;
    for (pcapng::Fields::Option option; fields.next(option);) {
        if (option.code == option::kComment && tl1::is_line(option.text()))
            text = option.text();
        else if (option.code == option::kFlags)
            segment.sent = (fields.number_of(option) & 3U) == 2;
        else if (option.code == option::kPacketId)
            segment.skb = fields.number_of(option);
    }
    tl1::Fields line(text);
    Start start;
    if (!take_start(line, start) || start.kind != key("seg"))
        return Taken::kNothing;
    n = start.n;
    const auto stamp = unix_ns((std::uint64_t{high} << 32) | low, interface.ticks);
    if (start.has_time) {
        shift_ = time_difference_of(stamp, start.time);
        if (shift_ != 0)
            health_.shifted = shift_;
    }
    event.time = mono(time_difference_of(stamp, shift_));
    event.netns = interface.netns;
    event.cpu = 0;
    if (!is_possible(event.time))
        return bad("a packet with an impossible time");
    if (data.size() < pcapng::kSll2Bytes || length < pcapng::kSll2Bytes)
        return bad("a packet without its SLL2 header");
    const auto packet = data.subspan(pcapng::kSll2Bytes);
    const auto kept = std::min(packet.size(), segment.headers.size());
    segment.ifindex = interface.ifindex;
    segment.length = length - static_cast<std::uint32_t>(pcapng::kSll2Bytes);
    segment.captured = static_cast<std::uint16_t>(kept);
    std::memcpy(segment.headers.data(), packet.data(), kept);
    if (!read_tcp(packet.first(kept), segment.length, segment.tcp))
        return bad("a packet without a whole TCP header");
    if (const auto problem = read_segment_fields(line, event); !problem.empty())
        return bad(problem);
    return Taken::kEvent;
}

// ` k=KIND r=RECORDING n=`
bool RecordingReader::take_names(tl1::Fields& fields, Start& start) {
    start.is_ours = fields.take_text(packet_start_);
    if (start.is_ours) {
        start.kind = key("seg");
        return true;
    }
    if (!fields.take(tl1::Key("k")))
        return false;
    start.kind = fields.word_key();
    if (!fields.take(tl1::Key("r")))
        return false;
    start.is_ours = fields.take_word(wanted_word_);
    if (!start.is_ours && (!fields.hex(start.recording) || start.recording > UINT32_MAX))
        return false;
    return fields.take(tl1::Key("n"));
}

// The fields that every line starts with; the walk stops behind them.
bool RecordingReader::take_start(tl1::Fields& fields, Start& start) {
    if (!take_names(fields, start) || !fields.decimal(start.n) || start.n == UINT64_MAX)
        return false;
    if (fields.take(tl1::Key("t")))
        start.has_time = fields.signed_decimal(start.time);
    return start.is_ours || is_wanted(static_cast<std::uint32_t>(start.recording));
}

RecordingReader::Taken RecordingReader::take_journal(std::span<const std::uint8_t> body,
                                                     Event& event, std::uint64_t& n) {
    const auto text = tl1::line_of_journal(body);
    tl1::Fields line(text);
    Start start;
    if (!take_start(line, start))
        return Taken::kNothing;
    n = start.n;
    if (start.kind == key("rec"))
        take_info(text);
    event.time = mono(start.time);
    if (start.kind == key("clock"))
        take_clock(line);
    if (start.kind == key("end"))
        take_end(line);
    if (start.kind == key("rec") || start.kind == key("clock") || start.kind == key("end"))
        return Taken::kRecord;
    if (!start.has_time || !is_possible(event.time))
        return bad("a record without a possible time");
    if (const auto problem = read_fields(start.kind, line, event); !problem.empty())
        return bad(problem);
    if (const auto* lost = std::get_if<Lost>(&event.body);
        lost != nullptr && !is_possible(lost->from))
        return bad("a loss with an impossible time");
    again_ = tl1::ends(text, " again=1");
    return Taken::kEvent;
}

void RecordingReader::take_info(std::string_view line) {
    tl1::Fields fields(line);
    RecordingInfo info = info_;
    std::uint64_t id = 0;
    unsigned timers = 1;
    while (const auto name = fields.next()) {
        switch (name) {
            case key("r"):
                if (!fields.hex(id) || !is_wanted(static_cast<std::uint32_t>(id)))
                    return;
                break;
            case key("host"):
                info.trace.hosts = {tl1::unescape(fields.text())};
                break;
            case key("boot"):
                info.boot_id = tl1::unescape(fields.text());
                break;
            case key("off"):
                fields.signed_decimal(info.trace.wall_offset);
                if (!is_possible_offset(info.trace.wall_offset))
                    info.trace.wall_offset = 0;
                break;
            case key("kernel"):
                info.trace.kernel = tl1::unescape(fields.text());
                break;
            case key("filter"):
                info.filter = tl1::unescape(fields.text());
                break;
            case key("version"):
                info.version = tl1::unescape(fields.text());
                break;
            case key("port"):
                fields.decimal(info.trace.port);
                break;
            case key("timers"):
                fields.decimal(timers);
                info.trace.timers = timers == 1;
                break;
            case key("hold"):
                fields.signed_decimal(info.trace.hold);
                if (info.trace.hold < 0 || info.trace.hold > kLongestHold)
                    info.trace.hold = kLocalTransit;
                break;
            case key("part"):
                fields.decimal(info.part);
                break;
            default:
                break;
        }
    }
    info.id = wanted_.value_or(0);
    info_ = std::move(info);
}

void RecordingReader::take_clock(tl1::Fields& fields) {
    auto& clock = last_clock_.emplace();
    while (const auto name = fields.next()) {
        if (name == key("mono"))
            fields.signed_decimal(clock.mono);
        else if (name == key("real"))
            fields.signed_decimal(clock.real);
        else if (name == key("tai"))
            fields.signed_decimal(clock.tai);
    }
}

void RecordingReader::take_end(tl1::Fields& fields) {
    auto& end = end_.emplace();
    auto& counts = end.counts;
    const std::array<std::pair<std::uint64_t, std::uint64_t*>, 8> numbers = {
        {{key("sent"), &counts.sent},
         {key("lost"), &counts.lost},
         {key("unread"), &counts.unreadable},
         {key("missed"), &counts.missed},
         {key("lostseg"), &counts.lost_segments},
         {key("lostst"), &counts.lost_states},
         {key("arrived"), &end.arrived},
         {key("refused"), &end.refused}}};
    health_.ended = true;
    while (const auto name = fields.next()) {
        for (const auto& [key, number] : numbers) {
            if (name == key)
                fields.decimal(*number);
        }
    }
}

}  // namespace tcpladder

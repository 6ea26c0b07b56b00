// SPDX-License-Identifier: MIT
#include "recording/recording_reader.h"

#include <algorithm>
#include <cstring>

#include "recording/event_text.h"

namespace tcpladder {
namespace {

using tl1::key;
namespace option = pcapng::option;

constexpr std::string_view kLineField = "TCPLADDER=";
/// mergecap sorts journal blocks by microseconds: records move no further than
/// that. A record that is missing is not waited for any longer.
constexpr MonoNs kWindow = 10'000'000;
constexpr std::size_t kMostEarly = 65536;

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

// Far enough for every clock, near enough that the model may add and subtract.
bool is_possible(std::int64_t time) {
    constexpr std::int64_t kFarthest = INT64_MAX / 2;
    return time >= -kFarthest && time <= kFarthest;
}

std::string_view line_of_journal(std::span<const std::uint8_t> body) {
    const std::string_view text(reinterpret_cast<const char*>(body.data()), body.size());
    std::size_t start = 0;
    while (text.substr(start, kLineField.size()) != kLineField) {
        start = text.find('\n', start);
        if (start == std::string_view::npos)
            return {};
        ++start;
    }
    start += kLineField.size();
    return text.substr(start, text.find('\n', start) - start);
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
    if (*wanted_ == recording)
        return true;
    ++health_.others;
    return false;
}

RecordingReader::Status RecordingReader::prepare() {
    if (prepared_)
        return first_ ? Status::kEvent : Status::kEnd;
    Record first;
    const auto status = next(first.event);
    if (status == Status::kNotYet)
        return status;
    prepared_ = true;
    if (status == Status::kEvent) {
        first.n = health_.last_n;
        first.again = record_.again;
        first_ = std::move(first);
    }
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
            std::pop_heap(early_.begin(), early_.end(), after<Record, Record>);
            record_ = std::move(early_.back());
            early_.pop_back();
            if (deliver(record_, event))
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
        if (take(block, record_) == Taken::kNothing)
            continue;
        if (early_.empty() && record_.n == expected_.value_or(0)) {
            if (deliver(record_, event))
                return Status::kEvent;
        } else {
            keep(std::move(record_));
        }
    }
}

bool RecordingReader::deliver(Record& record, Event& event) {
    if (!is_new(record.n))
        return false;
    health_.last_n = record.n;
    if (!record.has_event || (record.again && continues_))
        return false;
    std::swap(event, record.event);
    return true;
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
        return true;
    } else if (n < *expected_) {
        return false;
    } else if (n > *expected_) {
        gap_ = *expected_;
        gap_end_ = n;
        health_.missing += n - *expected_;
    }
    expected_ = n + 1;
    return true;
}

bool RecordingReader::is_due() const {
    if (early_.empty())
        return false;
    const auto& first = early_.front();
    return first.n <= expected_.value_or(0) || time_difference_of(newest_, first.event.time) > kWindow ||
           early_.size() > kMostEarly || over_;
}

void RecordingReader::keep(Record&& record) {
    if (is_possible(record.event.time))
        newest_ = std::max(newest_, record.event.time);
    early_.push_back(std::move(record));
    std::push_heap(early_.begin(), early_.end(), after<Record, Record>);
}

RecordingReader::Taken RecordingReader::take(const pcapng::Block& block, Record& record) {
    record.has_event = false;
    record.again = false;
    const pcapng::Fields fields(block.body, block.swapped);
    switch (block.type) {
        case pcapng::kPacket:
            return take_packet(fields, record);
        case pcapng::kJournal:
            return take_journal(block.body, record);
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

RecordingReader::Taken RecordingReader::bad(std::string_view problem, Record& record) {
    if (health_.unreadable++ == 0)
        health_.problem = problem;
    record.has_event = false;
    return Taken::kRecord;  // its number counts
}

void RecordingReader::take_section(pcapng::Fields fields) {
    interfaces_.clear();
    fields.bytes(16);  // magic, version, section length
    for (pcapng::Fields::Option option; fields.next(option);) {
        if (option.code == option::kComment && option.text().starts_with(tl1::kPrefix))
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
        std::optional<std::uint64_t> recording;
        std::string device;
        for (tl1::Field field; line.next(field);) {
            if (field.key == key("r"))
                recording = tl1::hex(field.value);
            else if (field.key == key("ns"))
                interface.netns = static_cast<std::uint32_t>(tl1::decimal(field.value).value_or(0));
            else if (field.key == key("ifi"))
                interface.ifindex =
                    static_cast<std::uint32_t>(tl1::decimal(field.value).value_or(0));
            else if (field.key == key("dev"))
                device = tl1::unescape(field.value);
        }
        interface.is_ours =
            recording && (!wanted_ || *wanted_ == static_cast<std::uint32_t>(*recording));
        if (interface.is_ours && interface.ifindex != 0)
            devices_[{interface.netns, interface.ifindex}] = device;
    }
}

RecordingReader::Taken RecordingReader::take_packet(pcapng::Fields fields, Record& record) {
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
    auto& segment = record.event.body.emplace<Segment>();
    std::string_view line;
    for (pcapng::Fields::Option option; fields.next(option);) {
        if (option.code == option::kComment && option.text().starts_with(tl1::kPrefix))
            line = option.text();
        else if (option.code == option::kFlags)
            segment.sent = (fields.number_of(option) & 3U) == 2;
        else if (option.code == option::kPacketId)
            segment.skb = fields.number_of(option);
    }
    std::string_view kind;
    std::int64_t said = 0;
    bool says_time = false;
    if (line.empty() || !take_line(line, record, kind, said, says_time) || kind != "seg")
        return Taken::kNothing;
    const auto stamp = unix_ns((std::uint64_t{high} << 32) | low, interface.ticks);
    if (says_time) {
        shift_ = time_difference_of(stamp, said);
        if (shift_ != 0)
            health_.shifted = shift_;
    }
    record.event.time = mono(time_difference_of(stamp, shift_));
    record.event.netns = interface.netns;
    if (!is_possible(record.event.time))
        return bad("a packet with an impossible time", record);
    if (data.size() < pcapng::kSll2Bytes || length < pcapng::kSll2Bytes)
        return bad("a packet without its SLL2 header", record);
    const auto packet = data.subspan(pcapng::kSll2Bytes);
    const auto kept = std::min(packet.size(), segment.headers.size());
    segment.ifindex = interface.ifindex;
    segment.length = length - static_cast<std::uint32_t>(pcapng::kSll2Bytes);
    segment.captured = static_cast<std::uint16_t>(kept);
    std::copy_n(packet.begin(), kept, segment.headers.begin());
    const auto tcp = parse_tcp({segment.headers.data(), kept}, segment.length);
    if (!tcp)
        return bad("a packet without a whole TCP header", record);
    segment.tcp = *tcp;
    if (const auto problem = read_segment_fields(tl1::Fields(line), record.event);
        !problem.empty())
        return bad(problem, record);
    record.has_event = true;
    return Taken::kRecord;
}

// The fields that every line has, in the order in which we write them: the walk
// ends at the first that is another's.
bool RecordingReader::take_line(std::string_view line, Record& record, std::string_view& kind,
                                std::int64_t& time, bool& has_time) {
    tl1::Fields fields(line);
    std::optional<std::uint64_t> recording;
    std::optional<std::uint64_t> n;
    has_time = false;
    for (tl1::Field field; fields.next(field);) {
        if (field.key == key("k")) {
            kind = field.value;
        } else if (field.key == key("r")) {
            recording = tl1::hex(field.value);
        } else if (field.key == key("n")) {
            n = tl1::decimal(field.value);
        } else if (field.key == key("t")) {
            const auto said = tl1::signed_decimal(field.value);
            has_time = said.has_value();
            time = said.value_or(0);
        } else {
            break;
        }
    }
    if (kind.empty() || !recording || *recording > UINT32_MAX || !n || *n == UINT64_MAX)
        return false;
    record.n = *n;
    return is_wanted(static_cast<std::uint32_t>(*recording));
}

RecordingReader::Taken RecordingReader::take_journal(std::span<const std::uint8_t> body,
                                                     Record& record) {
    const auto line = line_of_journal(body);
    std::string_view kind;
    std::int64_t time = 0;
    bool has_time = false;
    if (line.empty() || !take_line(line, record, kind, time, has_time))
        return Taken::kNothing;
    if (kind == "rec")
        take_info(line);
    record.event.time = mono(time);
    if (kind == "rec")
        return Taken::kRecord;
    if (kind == "clock") {
        take_clock(line);
        return Taken::kRecord;
    }
    if (kind == "end") {
        take_end(line);
        return Taken::kRecord;
    }
    if (!has_time || !is_possible(record.event.time))
        return bad("a record without a possible time", record);
    if (const auto problem = read_fields(kind, tl1::Fields(line), record.event); !problem.empty())
        return bad(problem, record);
    if (const auto* lost = std::get_if<Lost>(&record.event.body);
        lost != nullptr && !is_possible(lost->from))
        return bad("a loss with an impossible time", record);
    record.has_event = true;
    record.again = line.ends_with(" again=1");
    return Taken::kRecord;
}

void RecordingReader::take_info(std::string_view line) {
    tl1::Fields fields(line);
    RecordingInfo info = info_;
    std::string host;
    for (tl1::Field field; fields.next(field);) {
        switch (field.key) {
            case key("r"):
                if (const auto id = static_cast<std::uint32_t>(tl1::hex(field.value).value_or(0));
                    !is_wanted(id))
                    return;
                break;
            case key("host"):
                host = tl1::unescape(field.value);
                break;
            case key("boot"):
                info.boot_id = tl1::unescape(field.value);
                break;
            case key("off"):
                info.trace.wall_offset = tl1::signed_decimal(field.value).value_or(0);
                if (!is_possible(info.trace.wall_offset))
                    info.trace.wall_offset = 0;
                break;
            case key("kernel"):
                info.trace.kernel = tl1::unescape(field.value);
                break;
            case key("filter"):
                info.filter = tl1::unescape(field.value);
                break;
            case key("version"):
                info.version = tl1::unescape(field.value);
                break;
            case key("port"):
                info.trace.port =
                    static_cast<std::uint16_t>(tl1::decimal(field.value).value_or(0));
                break;
            case key("timers"):
                info.trace.timers = field.value == "1";
                break;
            case key("part"):
                info.part = static_cast<std::uint32_t>(tl1::decimal(field.value).value_or(0));
                break;
            default:
                break;
        }
    }
    info.trace.hosts = {host};
    info.id = wanted_.value_or(0);
    info_ = std::move(info);
}

void RecordingReader::take_clock(std::string_view line) {
    ClockAnchor clock;
    tl1::Fields fields(line);
    for (tl1::Field field; fields.next(field);) {
        const auto value = tl1::signed_decimal(field.value).value_or(0);
        if (field.key == key("mono"))
            clock.mono = value;
        else if (field.key == key("real"))
            clock.real = value;
        else if (field.key == key("tai"))
            clock.tai = value;
    }
    last_clock_ = clock;
}

void RecordingReader::take_end(std::string_view line) {
    auto& end = end_.emplace();
    health_.ended = true;
    tl1::Fields fields(line);
    for (tl1::Field field; fields.next(field);) {
        const auto value = tl1::decimal(field.value).value_or(0);
        switch (field.key) {
            case key("sent"):
                end.counts.sent = value;
                break;
            case key("lost"):
                end.counts.lost = value;
                break;
            case key("unread"):
                end.counts.unreadable = value;
                break;
            case key("missed"):
                end.counts.missed = value;
                break;
            case key("lostseg"):
                end.counts.lost_segments = value;
                break;
            case key("lostst"):
                end.counts.lost_states = value;
                break;
            case key("arrived"):
                end.arrived = value;
                break;
            case key("refused"):
                end.refused = value;
                break;
            default:
                break;
        }
    }
}

}  // namespace tcpladder

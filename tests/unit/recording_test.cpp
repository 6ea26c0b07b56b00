// SPDX-License-Identifier: MIT
// What RecordingWriter writes, RecordingReader reads, whatever happened to the file between.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "recording/event_text.h"
#include "recording/pcapng.h"
#include "recording/recording_reader.h"
#include "recording/recording_scan.h"
#include "recording/recording_writer.h"
#include "unit/event_fields.h"
#include "unit/fixtures.h"
#include "unit/memory_source.h"

namespace tcpladder::test {
namespace {

constexpr std::uint64_t kKey = 0x0123456789abcdef;
constexpr MonoNs kStart = 5'000'000'000'000;
constexpr std::uint32_t kId = 0x1a2b3c4d;

// --- Events

RecordingInfo info(std::uint32_t id = kId) {
    return {.trace = {.hosts = {"lab \x1b\"host"},
                      .kernel = "6.1.0-lab",
                      .wall_offset = 1'790'000'000'123'456'789,
                      .port = 10000,
                      .timers = false},
            .id = id,
            .boot_id = "00000000-0000-4000-8000-000000000001",
            .filter = "--all --port 10000",
            .version = "1.2.3",
            .part = 0};
}

void put16(std::vector<std::uint8_t>& out, unsigned value) {
    out.push_back(static_cast<std::uint8_t>(value >> 8));
    out.push_back(static_cast<std::uint8_t>(value));
}

void put32(std::vector<std::uint8_t>& out, std::uint32_t value) {
    put16(out, value >> 16);
    put16(out, value & 0xffff);
}

/// IP and TCP header with `options` bytes of no-operations.
std::vector<std::uint8_t> packet(const Endpoint& from, const Endpoint& to, std::uint16_t flags,
                                 std::size_t options, std::uint32_t payload) {
    std::vector<std::uint8_t> bytes;
    const auto tcp = static_cast<unsigned>(20 + options);
    const auto address = [&](const Address& a) {
        bytes.insert(bytes.end(), a.bytes.begin(), a.bytes.begin() + (a.version == 4 ? 4 : 16));
    };
    if (from.address.version == 4) {
        bytes = {0x45, 0};
        put16(bytes, 20 + tcp + payload);
        bytes.insert(bytes.end(), {0, 1, 0x40, 0, 64, 6, 0, 0});
    } else {
        bytes = {0x60, 0, 0, 0};
        put16(bytes, tcp + payload);
        bytes.insert(bytes.end(), {6, 64});
    }
    address(from.address);
    address(to.address);
    put16(bytes, from.port);
    put16(bytes, to.port);
    put32(bytes, 0xfffffff0);
    put32(bytes, 0x80000000);
    put16(bytes, ((tcp / 4) << 12) | flags);
    put16(bytes, 65535);
    put32(bytes, 0);
    bytes.insert(bytes.end(), options, 1);
    return bytes;
}

Segment recorded_segment(const Endpoint& from, const Endpoint& to, bool sent,
                         std::uint16_t flags = tcp_flag::kAck, std::size_t options = 0,
                         std::uint32_t payload = 0) {
    const auto bytes = packet(from, to, flags, options, payload);
    Segment segment;
    segment.sent = sent;
    segment.ifindex = kLoopback;
    segment.length = static_cast<std::uint32_t>(bytes.size()) + payload;
    segment.captured = static_cast<std::uint16_t>(bytes.size());
    std::copy(bytes.begin(), bytes.end(), segment.headers.begin());
    segment.tcp = parse_tcp(bytes, segment.length).value();
    return segment;
}

const Endpoint kClient6 = at("2001:db8::1", 65535);
const Endpoint kServer6 = at("fe80::ffff:ffff:ffff:ffff", 1);

Task hostile_task() {
    Task result{UINT32_MAX, UINT32_MAX - 1, UINT32_MAX - 2, {}, true};
    const std::string name = "a\x1b[2J\n\"\\\xff\x7f =\x01?x";  // all 16 bytes, no NUL
    std::copy_n(name.begin(), result.comm.size(), result.comm.begin());
    return result;
}

template <std::size_t Size>
void fill(std::array<char, Size>& out, char with) {
    out.fill(with);
    out.back() = '\0';
}

std::vector<decltype(Event::body)> segments() {
    std::vector<decltype(Event::body)> bodies;
    bodies.emplace_back(recorded_segment(kClient, kServer, true));
    auto large = recorded_segment(kClient6, kServer6, true, 0x1ff, 40, 1);
    large.cookie = UINT64_MAX;
    large.skb = 0xffff888012345678;
    large.length = UINT32_MAX - 20;  // of the packet block: with its SLL2 header
    large.gso_size = UINT16_MAX;
    large.gso_segs = UINT16_MAX;
    large.sk_state = TcpState::kTimeWait;
    large.tw_substate = TcpState::kFinWait2;
    large.ifindex = UINT32_MAX;
    large.tcp = parse_tcp({large.headers.data(), large.captured}, large.length).value();
    bodies.emplace_back(large);
    auto all = recorded_segment(kServer6, kClient6, false);
    all.captured = kMaxHeaderBytes;
    for (std::size_t i = 60; i < all.headers.size(); ++i)
        all.headers[i] = static_cast<std::uint8_t>(i);
    all.ifindex = 0;
    bodies.emplace_back(all);
    bodies.emplace_back(recorded_segment(kServer, kClient, false, tcp_flag::kSyn, 20));
    bodies.emplace_back(recorded_segment(kServer, kServer, true));
    bodies.emplace_back(recorded_segment(kServer, kServer, false));
    return bodies;
}

std::vector<decltype(Event::body)> state_changes() {
    using enum TcpState;
    return {StateChange{},
            StateChange{{kClient6, kServer6},
                        hostile_task(),
                        UINT64_MAX,
                        UINT32_MAX,
                        UINT32_MAX - 1,
                        UINT32_MAX - 2,
                        UINT32_MAX,
                        kNewSynRecv,
                        kClosing,
                        Via::kListenerClosed},
            StateChange{{at("0.0.0.0", 0), at("255.255.255.255", 65535)},
                        Task{0, 0, 7, {}, false},
                        1,
                        0,
                        0,
                        0,
                        0,
                        kUnknown,
                        kListen,
                        Via::kUnknown},
            StateChange{{at("::", 0), {}},
                        Task{0, 0, 0, {}, true},
                        1,
                        0,
                        0,
                        0,
                        0,
                        kClose,
                        kListen,
                        Via::kNotTaken},
            StateChange{{kClient, kServer}, Task{}, 5, 0, 0, 0, 0, kListen, kClose, Via::kClose}};
}

std::vector<decltype(Event::body)> others() {
    using enum TcpState;
    Reset reset{{kServer6, kClient6}, UINT64_MAX, true, kTimeWait, {}};
    fill(reset.reason, '"');
    Drop drop{{kServer6, kClient6}, UINT64_MAX, UINT64_MAX, UINT32_MAX, 1, UINT32_MAX, 0x1ff, {}};
    fill(drop.reason, '\xff');
    return {Retransmit{},
            Retransmit{{kClient6, kServer6},
                       UINT64_MAX,
                       UINT32_MAX,
                       0,
                       INT32_MIN,
                       true,
                       kNewSynRecv,
                       255,
                       255,
                       255},
            Retransmit{{kClient, kServer}, 1, 0, UINT32_MAX, INT32_MAX, false, kLastAck, 3, 4, 1},
            Reset{},
            reset,
            MiniState{},
            MiniState{{kServer6, kClient6},
                      UINT64_MAX,
                      UINT64_MAX,
                      Mini::kTimeWait,
                      TimerStep::kCancel,
                      kFinWait2,
                      255,
                      UINT64_MAX},
            Owner{},
            Owner{{kServer6, kClient6}, hostile_task(), UINT64_MAX, OwnerHow::kSeed, kClosing},
            Lost{},
            Lost{UINT64_MAX, INT64_MAX / 16},
            Lost{1, -1},
            Drop{},
            drop};
}

/// One of each kind, and of each the extremes, 100 ns apart.
std::vector<Event> extreme_events() {
    std::vector<Event> events;
    const auto add = [&](const auto& bodies) {
        for (const auto& body : bodies) {
            const auto i = static_cast<std::uint16_t>(events.size());
            events.push_back({kStart + 1000 + 100 * i, i % 2 == 0 ? UINT32_MAX : kNetns,
                              i % 3 == 0 ? std::uint16_t{UINT16_MAX} : i, body});
        }
    };
    add(segments());
    add(state_changes());
    add(others());
    for (auto& event : events) {  // the kernel's own place is told by no lost record
        if (std::holds_alternative<Lost>(event.body))
            event.netns = 0;
    }
    return events;
}

/// The daytime server's life, `connections` clients, in few records each.
std::vector<Event> daytime_events(std::size_t connections) {
    using enum TcpState;
    std::vector<Event> events;
    MonoNs now = kStart;
    const auto add = [&](const decltype(Event::body)& body) {
        events.push_back({now += 2500, kNetns, 1, body});
    };
    add(StateChange{
        {kServer, at("0.0.0.0", 0)}, kServerTask, 1, 0, 0, 0, 0, kClose, kListen, Via::kListen});
    for (std::size_t i = 0; i < connections; ++i) {
        const auto client = at("127.0.0.1", static_cast<std::uint16_t>(40000 + i));
        const auto cookie = 10 + i;
        add(StateChange{{at("127.0.0.1", 0), kServer},
                        kClientTask,
                        cookie,
                        0,
                        0,
                        0,
                        0,
                        kClose,
                        kSynSent,
                        Via::kConnect});
        add(recorded_segment(client, kServer, true, tcp_flag::kSyn, 20));
        add(recorded_segment(client, kServer, false, tcp_flag::kSyn, 20));
        add(Owner{{client, kServer}, kClientTask, cookie, OwnerHow::kUse, kEstablished});
        add(StateChange{{client, kServer},
                        Task{},
                        cookie,
                        0,
                        0,
                        0,
                        0,
                        kSynSent,
                        i % 2 == 0 ? kClose : kEstablished,
                        Via::kSegment});
    }
    return events;
}

// --- Files

std::string text_of(RecordingWriter& writer) {
    const std::string bytes(writer.out().view());
    writer.out().clear();
    return bytes;
}

ClockAnchor clock_at(MonoNs mono) {
    return {mono, mono + 1'790'000'000'123'456'789, mono + 1'790'000'037'123'456'789};
}

const RecordingEnd kEnd{{11, 12, 13, 14, 15, 16}, 17, 18};
const std::vector<RecordingWriter::Device> kDevices = {
    {kNetns, kLoopback}, {UINT32_MAX, kLoopback}, {UINT32_MAX, 0}};

RecordingWriter make_writer(std::uint32_t id = kId, bool splits = false) {
    return {info(id), kKey, splits, [](NetNs, std::uint32_t ifindex) {
                return ifindex == kLoopback ? std::string("lo") : std::string();
            }};
}

std::string recorded(const std::vector<Event>& events, std::uint32_t id = kId) {
    auto writer = make_writer(id);
    writer.begin(clock_at(kStart), kDevices);
    for (const auto& event : events)
        writer.add(event);
    writer.end(kEnd, clock_at(kStart + 1'000'000'000));
    return text_of(writer);
}

std::uint32_t u32_at(std::string_view bytes, std::size_t offset) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
        value |= std::uint32_t{static_cast<std::uint8_t>(bytes[offset + i])} << (8 * i);
    return value;
}

std::vector<std::string> blocks_of(std::string_view file) {
    std::vector<std::string> blocks;
    while (!file.empty()) {
        const auto length = u32_at(file, 4);
        blocks.emplace_back(file.substr(0, length));
        file.remove_prefix(length);
    }
    return blocks;
}

std::string joined(const std::vector<std::string>& blocks) {
    std::string file;
    for (const auto& block : blocks)
        file += block;
    return file;
}

std::string block(std::uint32_t type, std::string_view body) {
    TextBuffer out;
    {
        pcapng::BlockWriter writer(out, type);
        writer.text(body);
    }
    return std::string(out.view());
}

std::string journal(const std::string& line) {
    return block(pcapng::kJournal, "MESSAGE=x\nTCPLADDER=" + line + "\n");
}

bool is_event(const std::string& block) {
    const auto type = u32_at(block, 0);
    const auto has = [&](const char* kind) { return block.find(kind) != std::string::npos; };
    return type == pcapng::kPacket || (type == pcapng::kJournal && !has("tl1 k=rec ") &&
                                       !has("tl1 k=clock ") && !has("tl1 k=end "));
}

// --- Reading

struct Read {
    std::vector<std::string> events;
    std::vector<MonoNs> times;
    RecordingHealth health;
    RecordingInfo info;
    std::optional<RecordingEnd> end;
    std::optional<ClockAnchor> clock;
};

void drain(RecordingReader& reader, Read& result) {
    Event event;
    while (true) {
        const auto status = reader.next(event);
        if (status == EventSource::Status::kEnd)
            break;
        if (status == EventSource::Status::kNotYet)
            continue;
        result.events.push_back(fields_of(event));
        result.times.push_back(event.time);
    }
    result.health = reader.health();
    result.info = reader.recording();
    result.end = reader.end();
    result.clock = reader.last_clock();
}

Read read(std::string_view file, std::size_t piece = 0, std::optional<std::uint32_t> wanted = {}) {
    MemorySource source(file, piece);
    RecordingReader reader(source, wanted);
    while (reader.prepare() == EventSource::Status::kNotYet) {
    }
    Read result;
    drain(reader, result);
    return result;
}

/// Several parts, as `show` reads them: first the start of each.
Read read_chain(const std::vector<std::string>& parts) {
    std::vector<MemorySource> sources(parts.begin(), parts.end());
    std::vector<std::unique_ptr<RecordingReader>> readers;
    for (auto& source : sources)
        readers.push_back(std::make_unique<RecordingReader>(source));
    for (auto& reader : readers)
        reader->prepare();
    Read all;
    std::uint64_t missing = 0;
    for (std::size_t i = 0; i < readers.size(); ++i) {
        if (i > 0)
            readers[i]->continues(readers[i - 1]->health().last_n + 1);
        drain(*readers[i], all);
        missing += readers[i]->health().missing;
    }
    all.health.missing = missing;
    return all;
}

std::vector<std::string> texts_of(const std::vector<Event>& events) {
    std::vector<std::string> texts;
    for (const auto& event : events)
        texts.push_back(fields_of(disguised(event, Disguise(kKey))));
    return texts;
}

void check_equal(const std::vector<std::string>& read, const std::vector<std::string>& expected) {
    REQUIRE(read.size() == expected.size());
    for (std::size_t i = 0; i < read.size(); ++i)
        CHECK(read[i] == expected[i]);
}

// --- What was written

TEST_CASE("every kind of event comes back as it was, with the largest and smallest values") {
    const auto events = extreme_events();
    const auto result = read(recorded(events));
    check_equal(result.events, texts_of(events));
    CHECK(result.health.problem == "");
    CHECK(result.health.unreadable == 0);
    CHECK(result.health.missing == 0);
    CHECK(result.health.damage == "");
    CHECK(result.health.shifted == 0);
    CHECK(result.health.ended);
}

TEST_CASE("what is true of the whole recording comes back, too") {
    const auto result = read(recorded(daytime_events(1)));
    const auto expected = info();
    CHECK(result.info.trace.hosts == expected.trace.hosts);
    CHECK(result.info.trace.kernel == expected.trace.kernel);
    CHECK(result.info.trace.wall_offset == expected.trace.wall_offset);
    CHECK(result.info.trace.port == expected.trace.port);
    CHECK(result.info.trace.timers == expected.trace.timers);
    CHECK(result.info.id == kId);
    CHECK(result.info.boot_id == expected.boot_id);
    CHECK(result.info.filter == expected.filter);
    CHECK(result.info.version == expected.version);
    CHECK(result.info.part == 0);
    REQUIRE(result.clock);
    CHECK(result.clock->mono == kStart + 1'000'000'000);
    CHECK(result.clock->real == clock_at(result.clock->mono).real);
    CHECK(result.clock->tai == clock_at(result.clock->mono).tai);
    REQUIRE(result.end);
    CHECK(result.end->counts.sent == 11);
    CHECK(result.end->counts.lost == 12);
    CHECK(result.end->counts.unreadable == 13);
    CHECK(result.end->counts.missed == 14);
    CHECK(result.end->counts.lost_segments == 15);
    CHECK(result.end->counts.lost_states == 16);
    CHECK(result.end->arrived == 17);
    CHECK(result.end->refused == 18);
}

TEST_CASE("a recording of nothing has its frame all the same") {
    const auto result = read(recorded({}));
    CHECK(result.events.empty());
    CHECK(result.health.ended);
    CHECK(result.info.trace.kernel == "6.1.0-lab");
}

TEST_CASE("hostile names stay inside of their line") {
    for (const auto& bytes : blocks_of(recorded(extreme_events()))) {
        if (u32_at(bytes, 0) != pcapng::kJournal)
            continue;
        const auto text = bytes.substr(8, bytes.find_last_of('\n') + 1 - 8);
        for (const char c : text)
            CHECK((c == '\n' || (c >= 0x20 && c < 0x7f)));
        CHECK(std::count(text.begin(), text.end(), '\n') >= 4);
        CHECK(text.rfind("\nTCPLADDER=tl1 ") != std::string::npos);
    }
}

TEST_CASE("a buffer's address is told nowhere, but equal ones stay equal") {
    auto segment = recorded_segment(kClient, kServer, true);
    segment.skb = 0xffff888012345678;
    const auto file = recorded({{kStart, kNetns, 0, segment}, {kStart, kNetns, 0, segment}});
    CHECK(file.find("\x78\x56\x34\x12\x80\x88\xff\xff") == std::string::npos);
    const auto result = read(file);
    REQUIRE(result.events.size() == 2);
    CHECK(result.events[0] == result.events[1]);
}

TEST_CASE("a packet tells how many records were lost before it") {
    const auto segment = recorded_segment(kClient, kServer, true);
    const auto blocks = blocks_of(recorded({{kStart, kNetns, 0, Lost{3, kStart - 9}},
                                            {kStart, kNetns, 0, Lost{4, 0}},
                                            {kStart, kNetns, 0, segment},
                                            {kStart, kNetns, 0, segment}}));
    std::vector<std::uint64_t> drops;
    for (const auto& bytes : blocks) {
        if (u32_at(bytes, 0) != pcapng::kPacket)
            continue;
        drops.push_back(0);
        pcapng::Fields fields(
            {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size() - 4}, false);
        fields.bytes(20);
        const auto captured = fields.u32();
        fields.u32();
        fields.bytes(captured);
        fields.align(captured);
        for (pcapng::Fields::Option option; fields.next(option);) {
            if (option.code == pcapng::option::kDropCount)
                drops.back() = fields.number_of(option);
        }
    }
    CHECK(drops == std::vector<std::uint64_t>{7, 0});
}

TEST_CASE("the file's time does not run back, also where clocks are read ahead of the events") {
    auto writer = make_writer(kId, true);
    const auto events = daytime_events(4);
    writer.begin(clock_at(kStart));
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (i % 5 == 4)
            writer.clock(clock_at(events[i].time + 50'000'000));
        if (i == events.size() / 2)
            writer.next_part(clock_at(events[i].time + 50'000'000));
        writer.add(events[i]);
    }
    writer.end(kEnd, clock_at(events.back().time + 50'000'000));
    std::int64_t last = 0;
    for (const auto& bytes : blocks_of(text_of(writer))) {
        const auto at = bytes.find(" t=");
        if (at == std::string::npos)
            continue;
        const auto time = std::stoll(bytes.substr(at + 3));
        CHECK(time >= last);
        last = time;
    }
}

// --- Parts

struct Parts {
    std::vector<Event> events;
    std::vector<std::string> files;
    std::vector<std::size_t> starts;  ///< of each, in events
};

Parts in_parts() {
    Parts parts;
    parts.events = daytime_events(12);
    auto writer = make_writer(kId, true);
    writer.begin(clock_at(kStart));
    for (std::size_t i = 0; i < parts.events.size(); ++i) {
        if (i == 0 || i == 20 || i == 41) {
            if (i != 0) {
                parts.files.push_back(text_of(writer));
                writer.next_part(clock_at(parts.events[i - 1].time));
            }
            parts.starts.push_back(i);
        }
        writer.add(parts.events[i]);
    }
    writer.end(kEnd, clock_at(kStart + 1'000'000'000));
    parts.files.push_back(text_of(writer));
    return parts;
}

// A RST has closed it before its process called recv().
TEST_CASE("a socket that was closed when it was last used is not told again in the next part") {
    auto writer = make_writer(kId, true);
    writer.begin(clock_at(kStart));
    const auto add = [&](MonoNs time, const decltype(Event::body)& body) {
        writer.add({time, kNetns, 0, body});
    };
    StateChange change;
    change.ends = {kServer, kClient};
    change.cookie = 7;
    change.from = TcpState::kEstablished;
    change.to = TcpState::kClose;
    add(kStart + 1, Owner{change.ends, {}, 7, OwnerHow::kUse, TcpState::kEstablished});
    add(kStart + 2, Owner{change.ends, {}, 8, OwnerHow::kUse, TcpState::kEstablished});
    add(kStart + 3, change);
    add(kStart + 4, Owner{change.ends, {}, 7, OwnerHow::kUse, TcpState::kClose});
    text_of(writer);
    writer.next_part(clock_at(kStart + 5));
    const auto part = text_of(writer);
    CHECK(part.find(" sk=8 ") != std::string::npos);
    CHECK(part.find(" sk=7 ") == std::string::npos);
}

TEST_CASE("the parts of a recording are one when read one after the other") {
    const auto parts = in_parts();
    REQUIRE(parts.files.size() == 3);
    const auto result = read_chain(parts.files);
    check_equal(result.events, texts_of(parts.events));
    CHECK(result.health.missing == 0);
    CHECK(result.health.ended);
}

TEST_CASE("a part that is missing is counted in records, and the others are read") {
    const auto parts = in_parts();
    const auto result = read_chain({parts.files[0], parts.files[2]});
    const auto all = texts_of(parts.events);
    std::vector<std::string> expected(all.begin(), all.begin() + 20);
    expected.insert(expected.end(), all.begin() + 41, all.end());
    check_equal(result.events, expected);
    std::size_t records = 0;  // in the part that is missing
    for (const auto& bytes : blocks_of(parts.files[1])) {
        const auto type = u32_at(bytes, 0);
        records += type == pcapng::kPacket || type == pcapng::kJournal ? 1 : 0;
    }
    CHECK(result.health.missing >= records);  // and what part 2 repeats of it
}

TEST_CASE("a file that is given twice is shown once") {
    const auto parts = in_parts();
    const auto result =
        read_chain({parts.files[0], parts.files[0], parts.files[1], parts.files[2]});
    check_equal(result.events, texts_of(parts.events));
    CHECK(result.health.missing == 0);
}

TEST_CASE("a part alone is whole, and tells the owners of the sockets that live") {
    const auto parts = in_parts();
    for (std::size_t i = 0; i < parts.files.size(); ++i) {
        const auto result = read(parts.files[i]);
        CHECK(result.health.missing == 0);
        CHECK(result.health.damage == "");
        CHECK(result.info.part == i);
        const auto end = i + 1 < parts.starts.size() ? parts.starts[i + 1] : parts.events.size();
        const auto own = end - parts.starts[i];
        const auto all = texts_of(parts.events);
        REQUIRE(result.events.size() >= own);
        const std::vector<std::string> tail(result.events.end() - static_cast<std::ptrdiff_t>(own),
                                            result.events.end());
        check_equal(tail, {all.begin() + static_cast<std::ptrdiff_t>(parts.starts[i]),
                           all.begin() + static_cast<std::ptrdiff_t>(end)});
        CHECK(std::is_sorted(result.times.begin(), result.times.end()));
        // The listener, and every other client: the rest is closed again.
        std::size_t living = i == 0 ? 0 : 1;
        for (std::size_t j = 0; j < parts.starts[i]; ++j) {
            const auto* change = std::get_if<StateChange>(&parts.events[j].body);
            if (change != nullptr && change->to == TcpState::kSynSent)
                ++living;
            else if (change != nullptr && change->to == TcpState::kClose)
                --living;
        }
        CHECK(result.events.size() - own == living);
    }
}

TEST_CASE("parts that were joined into one file are one recording") {
    const auto parts = in_parts();
    const auto file = joined(parts.files);
    const auto result = read(file);
    CHECK(result.health.missing == 0);
    CHECK(result.health.ended);
    for (const auto& text : texts_of(parts.events))
        CHECK(std::count(result.events.begin(), result.events.end(), text) == 1);
}

// --- What capture tools do

TEST_CASE("records that were moved within a microsecond are put back into their order") {
    std::vector<Event> events;
    for (int i = 0; i < 200; ++i) {
        const auto segment = recorded_segment(kClient, kServer, i % 2 == 0);
        StateChange change;
        change.cookie = static_cast<std::uint64_t>(i);
        Event event{kStart + 1000 + 137 * i, kNetns, 0, segment};
        if (i % 3 == 0)
            event.body = change;
        events.push_back(event);
    }
    auto blocks = blocks_of(recorded(events));
    const auto first = std::find_if(blocks.begin(), blocks.end(), is_event);
    std::size_t moved = 0;
    for (auto at = first; std::all_of(at, at + 7, is_event); at += 7) {  // less than 1 us
        std::reverse(at, at + 7);
        ++moved;
    }
    REQUIRE(moved == 28);
    const auto result = read(joined(blocks));
    check_equal(result.events, texts_of(events));
    CHECK(result.health.missing == 0);
}

TEST_CASE("records that somebody filtered out are counted, and nothing else is lost") {
    const auto events = daytime_events(5);
    auto blocks = blocks_of(recorded(events));
    auto expected = texts_of(events);
    const auto first = static_cast<std::size_t>(
        std::find_if(blocks.begin(), blocks.end(), is_event) - blocks.begin());
    for (const std::size_t gone : {22U, 11U, 10U, 3U}) {
        blocks.erase(blocks.begin() + static_cast<std::ptrdiff_t>(first + gone));
        expected.erase(expected.begin() + static_cast<std::ptrdiff_t>(gone));
    }
    const auto result = read(joined(blocks));
    check_equal(result.events, expected);
    CHECK(result.health.missing == 4);
    CHECK(result.health.unreadable == 0);
}

TEST_CASE("packets that somebody moved in time are moved back") {
    const auto events = daytime_events(3);
    auto blocks = blocks_of(recorded(events));
    for (auto& bytes : blocks) {
        if (u32_at(bytes, 0) != pcapng::kPacket)
            continue;
        const auto time =
            ((std::uint64_t{u32_at(bytes, 12)} << 32) | u32_at(bytes, 16)) - 1'500'000'000;
        for (unsigned i = 0; i < 4; ++i) {
            bytes[12 + i] = static_cast<char>(time >> (32 + 8 * i));
            bytes[16 + i] = static_cast<char>(time >> (8 * i));
        }
    }
    const auto result = read(joined(blocks));
    check_equal(result.events, texts_of(events));
    CHECK(result.health.shifted == -1'500'000'000);
}

TEST_CASE("what nobody knows yet is skipped: blocks, options, keys, kinds, other people's lines") {
    const auto events = daytime_events(2);
    auto blocks = blocks_of(recorded(events));
    const auto insert_before_end = [&](const std::string& bytes) {
        blocks.insert(blocks.end() - 6, bytes);
    };
    insert_before_end(block(0xbad, "custom"));
    insert_before_end(block(0x80000001, ""));
    insert_before_end(block(pcapng::kJournal, "MESSAGE=another program's\n"));
    insert_before_end(block(pcapng::kJournal, ""));
    insert_before_end(block(pcapng::kJournal, "TCPLADDER=no line\n"));
    insert_before_end(journal("tl2 k=state r=1a2b3c4d n=3 t=1"));
    insert_before_end(journal("tl1 k=state n=3"));
    insert_before_end(journal("tl1 k=state r=1a2b3c4d n=18446744073709551615 t=1"));
    for (auto& bytes : blocks) {  // a key of the next version at the end of every line
        if (u32_at(bytes, 0) != pcapng::kJournal || !is_event(bytes) ||
            bytes.find("TCPLADDER=tl1 k=state r=1a2b3c4d n=") == std::string::npos ||
            bytes.find(" cpu=") == std::string::npos)
            continue;
        const auto body = bytes.substr(8, bytes.find_last_of('\n') - 8);
        bytes = block(pcapng::kJournal, body + " news=\"1 2\"\n");
    }
    const auto result = read(joined(blocks));
    check_equal(result.events, texts_of(events));
    CHECK(result.health.unreadable == 0);
    CHECK(result.health.missing == 0);
}

TEST_CASE("a record of a later version's kind is skipped and told") {
    const auto events = daytime_events(1);
    auto blocks = blocks_of(recorded(events));
    const auto at = std::find_if(blocks.begin(), blocks.end(), is_event) + 1;
    const auto line = at->find("TCPLADDER=tl1 k=state");
    REQUIRE(line != std::string::npos);
    at->replace(line, 21, "TCPLADDER=tl1 k=stata");
    const auto result = read(joined(blocks));
    CHECK(result.events.size() == events.size() - 1);
    CHECK(result.health.unreadable == 1);
    CHECK(result.health.problem == "a record of an unknown kind");
    CHECK(result.health.missing == 0);
}

TEST_CASE("times that no clock can show are not handed on") {
    const auto refuses = [](const std::string& line, const char* problem) {
        const auto result = read(recorded({}) + journal(line));
        CHECK(result.events.empty());
        CHECK(result.health.problem == problem);
    };
    refuses("tl1 k=sock r=1a2b3c4d n=5 t=-9223372036854775807 how=use",
            "a record without a possible time");
    refuses("tl1 k=sock r=1a2b3c4d n=5 how=use", "a record without a possible time");
    refuses("tl1 k=lost r=1a2b3c4d n=5 t=1790000000000000000 cnt=1 from=9223372036854775807",
            "a loss with an impossible time");
}

TEST_CASE("two recordings in one file are told apart") {
    const auto one = daytime_events(2);
    const auto two = extreme_events();
    const auto file = recorded(one, 1) + recorded(two, 2);
    MemorySource source(file);
    CHECK(recordings_in(source) == std::vector<std::uint32_t>{1, 2});
    const auto first = read(file);
    check_equal(first.events, texts_of(one));
    CHECK(first.health.others >= two.size());
    check_equal(read(file, 0, 2).events, texts_of(two));
    CHECK(read(file, 0, 3).events.empty());
}

TEST_CASE("a file that is as it was written needs no search for other recordings") {
    const auto only = [](std::string_view file, std::size_t tail) {
        const auto offset = file.size() - std::min(tail, file.size());
        return only_recording_of(file.substr(offset), offset);
    };
    const auto one = recorded(daytime_events(2), 1);
    const auto two = recorded(daytime_events(1), 2);
    CHECK(only(one, 4096) == 1U);
    CHECK(only(one, SIZE_MAX) == 1U);
    CHECK_FALSE(only(one, 64));
    CHECK_FALSE(only(one + two, 4096));
    CHECK_FALSE(only(two + one, 4096));
    CHECK_FALSE(only(one.substr(0, one.size() - 4), 4096));
    CHECK_FALSE(only(one + one, 4096));
    CHECK_FALSE(only("", 4096));
    auto blocks = blocks_of(one);
    blocks.erase(std::find_if(blocks.begin(), blocks.end(), is_event));
    CHECK_FALSE(only(joined(blocks), 4096));
}

TEST_CASE("a recording is known by its start") {
    const auto file = recorded({});
    CHECK(is_recording(std::string_view(file).substr(0, 512)));
    CHECK_FALSE(is_recording(""));
    CHECK_FALSE(is_recording("tl1 k=rec "));
    CHECK_FALSE(is_recording(std::string_view(file).substr(1)));
    CHECK_FALSE(is_recording(block(pcapng::kSectionHeader, std::string(16, '\0'))));
}

/// The blocks as a machine of the other byte order writes them: the texts stay.
std::string swapped(std::string bytes) {
    const auto type = u32_at(bytes, 0);
    const auto u16_at = [&](std::size_t at) {
        return std::size_t{static_cast<std::uint8_t>(bytes[at])} |
               std::size_t{static_cast<std::uint8_t>(bytes[at + 1])} << 8;
    };
    const auto turn = [&](std::size_t at, std::size_t size) {
        std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                     bytes.begin() + static_cast<std::ptrdiff_t>(at + size));
    };
    const auto turn_options = [&](std::size_t at) {
        for (bool more = true; more && at + 4 <= bytes.size() - 4;) {
            const auto code = u16_at(at);
            const auto length = u16_at(at + 2);
            turn(at, 2);
            turn(at + 2, 2);
            if (type == pcapng::kPacket && code != pcapng::option::kComment)
                turn(at + 4, length);
            at += 4 + (length + 3) / 4 * 4;
            more = code != pcapng::option::kEnd;
        }
    };
    if (type == pcapng::kSectionHeader) {
        turn_options(24);
        for (const auto& [at, size] : {std::pair{8, 4}, {12, 2}, {14, 2}, {16, 8}})
            turn(static_cast<std::size_t>(at), static_cast<std::size_t>(size));
    } else if (type == pcapng::kInterface) {
        turn_options(16);
        turn(8, 2);
        turn(12, 4);
    } else if (type == pcapng::kPacket) {
        turn_options(28 + (u32_at(bytes, 20) + 3) / 4 * 4);
        for (std::size_t at = 8; at < 28; at += 4)
            turn(at, 4);
    }
    turn(0, 4);
    turn(4, 4);
    turn(bytes.size() - 4, 4);
    return bytes;
}

TEST_CASE("a section of the other byte order is read, also after one of ours") {
    const auto events = extreme_events();
    std::string file;
    for (const auto& bytes : blocks_of(recorded(events, 1)))
        file += swapped(bytes);
    check_equal(read(file).events, texts_of(events));
    check_equal(read(recorded({}, 2) + file, 0, 1).events, texts_of(events));
    const auto after = read(file + recorded(events, 2), 0, 2);
    check_equal(after.events, texts_of(events));
    CHECK(after.health.damage == "");
}

// --- Damage

/// Where its blocks end, and how many events came before.
struct Border {
    std::size_t end = 0;
    std::size_t events = 0;
    bool ended = false;
};

std::vector<Border> borders_of(const std::string& file) {
    std::vector<Border> borders(1);
    for (const auto& bytes : blocks_of(file)) {
        auto border = borders.back();
        border.end += bytes.size();
        border.events += is_event(bytes) ? 1 : 0;
        border.ended = border.ended || bytes.find("tl1 k=end ") != std::string::npos;
        borders.push_back(border);
    }
    return borders;
}

TEST_CASE("of a file that is cut anywhere, the whole blocks are read, and the place is told") {
    const auto events = extreme_events();
    const auto file = recorded(events);
    const auto texts = texts_of(events);
    const auto borders = borders_of(file);
    auto border = borders.begin();
    for (std::size_t size = 0; size <= file.size(); ++size) {
        if (border + 1 != borders.end() && (border + 1)->end == size)
            ++border;
        const auto result = read(std::string_view(file).substr(0, size));
        REQUIRE(result.events ==
                std::vector<std::string>(
                    texts.begin(), texts.begin() + static_cast<std::ptrdiff_t>(border->events)));
        REQUIRE(result.health.damage ==
                (border->end == size ? "" : "cut at byte " + std::to_string(border->end)));
        REQUIRE(result.health.ended == border->ended);
        REQUIRE(result.health.missing == 0);
        REQUIRE(result.health.unreadable == 0);
    }
    CHECK(border + 1 == borders.end());
}

TEST_CASE("it does not matter in which pieces a file comes") {
    const auto events = extreme_events();
    const auto file = recorded(events);
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 64U, 1000U}) {
        const auto result = read(file, piece);
        check_equal(result.events, texts_of(events));
        CHECK(result.health.ended);
    }
}

TEST_CASE("a file that grows is never at its end") {
    const auto events = daytime_events(1);
    const auto file = recorded(events);
    MemorySource source(std::string_view(file).substr(0, file.size() - 10));
    source.growing = true;
    RecordingReader reader(source);
    CHECK(reader.prepare() == EventSource::Status::kEvent);
    Event event;
    for (std::size_t i = 0; i < events.size(); ++i)
        REQUIRE(reader.next(event) == EventSource::Status::kEvent);
    for (int i = 0; i < 3; ++i)
        CHECK(reader.next(event) == EventSource::Status::kNotYet);
    CHECK(reader.health().damage == "");
}

TEST_CASE("a tail of zeros, as after a power cut, ends the file at its place") {
    const auto events = daytime_events(2);
    const auto file = recorded(events);
    const auto borders = borders_of(file);
    for (const auto& border : borders) {
        if (border.end == 0)
            continue;
        for (const std::size_t zeros : {8U, 100U, 4096U}) {
            const auto result = read(file.substr(0, border.end) + std::string(zeros, '\0'));
            CHECK(result.events.size() == border.events);
            CHECK(result.health.damage ==
                  "damaged: a block of impossible length at byte " + std::to_string(border.end));
        }
    }
}

TEST_CASE("what is no pcapng file at all is told so") {
    CHECK(read("").health.damage == "");
    CHECK(read("text, and quite a lot of it").health.damage ==
          "no pcapng file: no section header at byte 0");
    CHECK(read(std::string(100, '\0')).health.damage ==
          "no pcapng file: no section header at byte 0");
    CHECK(read("\x0a\x0d\x0d\x0a" + std::string(100, 'x')).health.damage ==
          "damaged: a section of no known byte order at byte 0");
}

TEST_CASE("lengths that disagree end the file where they do") {
    const auto file = recorded(daytime_events(1));
    auto blocks = blocks_of(file);
    blocks[5][blocks[5].size() - 4] = static_cast<char>(blocks[5][blocks[5].size() - 4] ^ 4);
    std::size_t at = 0;
    for (std::size_t i = 0; i < 5; ++i)
        at += blocks[i].size();
    CHECK(read(joined(blocks)).health.damage ==
          "damaged: a block whose two lengths differ at byte " + std::to_string(at));
}

// The sanitizers watch. What is read of it must at least be less than everything, twice.
TEST_CASE("a bit that has flipped anywhere never makes it stumble") {
    const auto events = extreme_events();
    const auto file = recorded(events);
    std::size_t whole = 0;
    for (std::size_t i = 0; i < file.size(); ++i) {
        auto damaged = file;
        damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i * 5 % 8)));
        const auto result = read(damaged);
        REQUIRE(result.events.size() <= events.size());
        whole += result.events.size() == events.size() ? 1 : 0;
    }
    CHECK(whole > 0);
}

TEST_CASE("one number that is damaged costs its own record, not all behind it") {
    auto events = daytime_events(12);
    for (std::size_t i = 0; i < events.size(); ++i)
        events[i].time = kStart + 1'000'000 * static_cast<MonoNs>(i + 1);
    auto blocks = blocks_of(recorded(events));
    const auto at = std::find_if(blocks.begin(), blocks.end(), is_event) + 5;
    const auto number = at->find(" n=7 ");
    REQUIRE(number != std::string::npos);
    at->replace(number, 4, " n=9");
    CHECK(read(joined(blocks)).events.size() >= events.size() - 1);
    // What it is for a file of more than a million records.
    const auto body = at->substr(8, at->find_last_of('\n') + 1 - 8);
    *at = block(pcapng::kJournal, std::string(body).replace(body.find(" n=9 "), 5, " n=1000000 "));
    CHECK(read(joined(blocks)).events.size() == events.size());
}

}  // namespace
}  // namespace tcpladder::test

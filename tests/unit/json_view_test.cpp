// SPDX-License-Identifier: MIT
#include "views/json_view.h"

#include "view_fixture.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace tcpladder;
using namespace tcpladder::test;
using nlohmann::ordered_json;

std::string json(const Entry& entry) {
    return row<JsonView>(entry);
}

/// What comes after the members that all rows have.
std::string body_of(const Entry& entry) {
    const std::string text = json(entry);
    constexpr std::string_view kLastCommon = R"("comm":"daytime-server",)";
    const std::size_t begin = text.find(kLastCommon);
    return begin == std::string::npos ? text : text.substr(begin + kLastCommon.size());
}

std::vector<std::string> keys_of(const std::string& text) {
    std::vector<std::string> keys;
    const ordered_json object = ordered_json::parse(text);
    for (const auto& item : object.items()) {
        keys.push_back(item.key());
    }
    return keys;
}

/// The order that docs/json.md promises.
constexpr auto kOrder = std::to_array<std::string_view>({
    // clang-format off
    "v", "n", "kind", "time", "mono_ns", "host", "netns", "conn", "side", "local", "remote", "pid",
    "comm",
    "flags", "seq", "end", "ack", "rel_seq", "rel_end", "rel_ack", "len", "win", "win_scaled",
    "options", "sent_ns", "received_ns", "from", "aggregate",
    "notes", "copy_of", "acks", "reset_reason",
    "old", "new", "observed", "cause", "in_state_ns",
    "why",
    "direction", "reason",
    "count", "of", "from_ns",
    "text",
    "opened_by", "closed_by", "handshake", "close", "handshake_ns", "lifetime_ns", "bytes_sent",
    "bytes_received", "segments_sent", "segments_received", "retransmits", "states", "peer_states",
    "odd", "gap", "verdict",
    // clang-format on
});

bool in_order(const std::vector<std::string>& keys) {
    const auto* place = kOrder.begin();
    for (const std::string& key : keys) {
        place = std::find(place, kOrder.end(), key);
        if (place == kOrder.end()) {
            return false;
        }
    }
    return true;
}

std::string comm_of(std::string_view name) {
    Side side = client_side();
    side.owner = task(1, name);
    const std::string text = json(entry_of(&side, NoteEntry{"x"}));
    const ordered_json object = ordered_json::parse(text);
    CHECK(std::none_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
    }));
    return object.at("comm").get<std::string>();
}

ConnectionSummary summary() {
    ConnectionSummary result;
    result.opened_by = Who::kClient;
    result.closed_by = Who::kServer;
    result.handshake = Handshake::kThreeWay;
    result.close = CloseForm::kThreeSegments;
    result.handshake_ns = 44'000;
    result.lifetime_ns = 401'697'000;
    result.of_client.segments = 4;
    result.of_client.state_times = {{{TcpState::kSynSent, 84'000},
                                     {TcpState::kEstablished, 401'275'000},
                                     {TcpState::kCloseWait, 246'000},
                                     {TcpState::kLastAck, 69'000}}};
    result.of_client.state_count = 4;
    result.of_server.bytes = 26;
    result.of_server.segments = 5;
    result.of_server.retransmits = 1;
    result.of_server.state_times = {{{TcpState::kSynRecv, 27'000},
                                     {TcpState::kEstablished, 401'237'000},
                                     {TcpState::kFinWait1, 309'000},
                                     {TcpState::kFinWait2, 11'000},
                                     {TcpState::kTimeWait, 60'400'000'000}}};
    result.of_server.state_count = 5;
    result.notes[static_cast<std::size_t>(Note::kRetransmission)] = 1;
    result.notes[static_cast<std::size_t>(Note::kTlp)] = 1;
    return result;
}

/// One entry a kind, as docs/json.md shows them.
std::vector<Entry> examples() {
    static const Side client = client_side();
    static const Side server = server_side();
    static const ConnectionSummary over = summary();
    SegmentEntry syn = data_segment();
    syn.tcp.source = client.local;
    syn.tcp.destination = client.remote;
    syn.tcp.seq = kClientIsn;
    syn.tcp.ack = 0;
    syn.tcp.payload = 0;
    syn.tcp.flags = tcp_flag::kSyn;
    syn.tcp.window = 65495;
    syn.rel_seq = 0;
    syn.window_scaled = 65495;
    DaytimeEntries::put_options(
        syn, {2, 4, 0xff, 0xd7, 4, 2, 8, 10, 0xc7, 0x5a, 0x2f, 0x11, 0, 0, 0, 0, 1, 3, 3, 7});
    SegmentEntry aggregate = data_segment();
    aggregate.tcp.payload = 65483;
    aggregate.gso_size = 32741;
    aggregate.gso_segs = 2;
    aggregate.sent.reset();
    ResetEntry reset{true, {}};
    constexpr std::string_view kReason = "NO_SOCKET";
    std::copy(kReason.begin(), kReason.end(), reset.reason.begin());
    DropEntry drop;
    drop.seq = kClientIsn;
    drop.end = kClientIsn + 1;
    drop.flags = tcp_flag::kSyn;
    drop.n = 2;
    std::copy(kReason.begin(), kReason.end(), drop.reason.begin());
    const StateEntry state{TcpState::kListen,
                           TcpState::kSynRecv,
                           false,
                           {CauseType::kSegment, "rcv SYN", 2},
                           std::nullopt};
    const StateEntry wait{TcpState::kTimeWait,
                          TcpState::kClose,
                          true,
                          {CauseType::kTimer, "2MSL timer"},
                          60'000'100'000};
    return {
        entry_of(&client, syn, kStart, 2),
        entry_of(&server, aggregate, kStart + 7'000, 8),
        entry_of(&server, state, kStart + 7'000, 3),
        entry_of(&server, wait, kStart + 60'400'213'000, 20),
        entry_of(&server, RetransmitEntry{kServerIsn + 1, kServerIsn + 27, "RTO", 0},
                 kStart + 204'000'000, 9),
        entry_of(&server, reset, kStart + 300'000'000, 10),
        entry_of(&client, drop, kStart + 8'000, 4),
        entry_of(nullptr, LostEntry{123, kStart + 1'234'000}, kStart + 5'678'000, 11),
        entry_of(&client, NoteEntry{"the trace starts in the middle of this connection"},
                 kStart + 6'000'000, 12),
        entry_of(&client, SummaryEntry{&over}, kStart + 62'000'000'000, 0),
    };
}

std::filesystem::path documentation() {
    return std::filesystem::path(DOCS_DIR) / "json.md";
}

std::vector<std::string> documented_rows() {
    std::ifstream file(documentation());
    REQUIRE(file);
    std::vector<std::string> result;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("{\"v\"")) {
            result.push_back(line);
        }
    }
    return result;
}

TEST_CASE("a daytime conversation is one valid object a line, keys in the documented order") {
    DaytimeEntries trace;
    trace.converse();
    const auto all = rows<JsonView>(trace.entries());
    REQUIRE(all.size() == trace.entries().size());
    for (const std::string& text : all) {
        CAPTURE(text);
        CHECK(in_order(keys_of(text)));
        CHECK(text.starts_with(R"({"v":1,"n":)"));
    }
}

TEST_CASE("each row is one write, the newline included") {
    DaytimeEntries trace;
    trace.converse();
    TextOutput output;
    JsonView view(output, {});
    view.begin(trace_info());
    for (const Entry& entry : trace.entries()) {
        view.entry(entry);
    }
    CHECK(output.writes() == 20);
    CHECK(output.text().ends_with("}\n"));
}

TEST_CASE("a segment row says all that is known of a segment") {
    const Side server = server_side();
    CHECK(json(entry_of(&server, data_segment(), kStart, 8)) ==
          R"({"v":1,"n":8,"kind":"segment","time":"2003-05-26T20:58:40.123456789Z",)"
          R"("mono_ns":5000123456789,"host":"lab","netns":4026531840,"conn":1,"side":"server",)"
          R"("local":"127.0.0.1:10000","remote":"127.0.0.1:46510","pid":5461,)"
          R"("comm":"daytime-server","flags":"P.","seq":3221488187,"end":3221488213,)"
          R"("ack":3326910622,"rel_seq":1,"rel_end":27,"rel_ack":1,"len":26,"win":512,)"
          R"("win_scaled":65536,"sent_ns":5000123456789,"received_ns":5000123463789,)"
          R"("from":"server"})");
}

TEST_CASE("a segment row leaves out what is not known") {
    SegmentEntry segment = data_segment();
    segment.sent.reset();
    segment.relative_known = false;
    segment.window_scaled.reset();
    segment.tcp.flags = 0;
    segment.tcp.payload = 0;
    TraceInfo info = trace_info();
    info.hosts.clear();
    const auto all = rows<JsonView>({entry_of(nullptr, segment)}, {}, info);
    REQUIRE(all.size() == 1);
    CHECK(all[0] ==
          R"({"v":1,"n":1,"kind":"segment","time":"2003-05-26T20:58:40.123456789Z",)"
          R"("mono_ns":5000123456789,"local":"127.0.0.1:10000","remote":"127.0.0.1:46510",)"
          R"("flags":"none","seq":3221488187,"end":3221488187,"len":0,"win":512,)"
          R"("received_ns":5000123463789})");
}

TEST_CASE("a segment without the ACK flag has no acknowledgment number") {
    const Side server = server_side();
    SegmentEntry segment = data_segment();
    segment.tcp.flags = tcp_flag::kRst;
    const auto object = ordered_json::parse(json(entry_of(&server, segment)));
    CHECK_FALSE(object.contains("ack"));
    CHECK_FALSE(object.contains("rel_ack"));
    CHECK(object["flags"] == "R");
}

TEST_CASE("flags are tcpdump's letters in tcpdump's order") {
    const Side server = server_side();
    SegmentEntry segment = data_segment();
    segment.tcp.flags = 0x1ff;
    CHECK(ordered_json::parse(json(entry_of(&server, segment)))["flags"] == "FSRP.UEWe");
}

TEST_CASE("the header of a segment decides its addresses, not the listener that sent it") {
    Side listener = server_side();
    listener.remote = {};
    listener.connection = 0;
    listener.owner = {};
    const auto object = ordered_json::parse(json(entry_of(&listener, data_segment())));
    CHECK(object["remote"] == "127.0.0.1:46510");
    CHECK_FALSE(object.contains("conn"));
    CHECK_FALSE(object.contains("pid"));
    CHECK_FALSE(object.contains("comm"));
}

TEST_CASE("a listener has no remote end") {
    Side listener = server_side();
    listener.remote = {};
    const StateEntry state{
        TcpState::kClose, TcpState::kListen, true, {CauseType::kCall, "listen()"}, {}};
    CHECK_FALSE(ordered_json::parse(json(entry_of(&listener, state))).contains("remote"));
}

TEST_CASE("IPv6 addresses stand in brackets, and a port that is not known is a question mark") {
    Side side = client_side();
    side.local = endpoint("2001:db8::1", 0);
    side.remote = endpoint("2001:db8::2", 10000);
    const auto object = ordered_json::parse(json(entry_of(&side, NoteEntry{"x"})));
    CHECK(object["local"] == "[2001:db8::1]:?");
    CHECK(object["remote"] == "[2001:db8::2]:10000");
}

TEST_CASE("a state row names both states and the cause") {
    const Side server = server_side();
    StateEntry state{TcpState::kNewSynRecv,
                     TcpState::kEstablished,
                     true,
                     {CauseType::kSegment, "rcv ACK", 6},
                     103'000};
    CHECK(body_of(entry_of(&server, state)) ==
          R"("old":"SYN_RECV","new":"ESTABLISHED","observed":true,)"
          R"("cause":{"type":"segment","what":"rcv ACK","n":6},"in_state_ns":103000})");
    state = {TcpState::kUnknown, TcpState::kClose, false, {}, {}};
    CHECK(body_of(entry_of(&server, state)) ==
          R"("new":"CLOSE","observed":false,"cause":{"type":"unknown"}})");
    state.cause = {CauseType::kTimer, "2MSL timer", 0};
    CHECK(body_of(entry_of(&server, state)) ==
          R"("new":"CLOSE","observed":false,"cause":{"type":"timer","what":"2MSL timer"}})");
}

TEST_CASE("a reset row has a reason only where the kernel has one") {
    const Side server = server_side();
    ResetEntry reset;
    CHECK(body_of(entry_of(&server, reset)) == R"("direction":"received"})");
    reset.sent = true;
    reset.reason.fill('A');  // as long as it can be, no NUL
    CHECK(body_of(entry_of(&server, reset)) ==
          R"("direction":"sent","reason":")" + std::string(40, 'A') + "\"}");
}

TEST_CASE("a retransmission without a reason has no why") {
    const Side server = server_side();
    CHECK(body_of(entry_of(&server, RetransmitEntry{1, 2, "", 0})) == R"("seq":1,"end":2})");
}

TEST_CASE("rows of the trace itself name no end") {
    const std::string text = json(entry_of(nullptr, LostEntry{1, 5}));
    CHECK(keys_of(text) == std::vector<std::string>{"v", "n", "kind", "time", "mono_ns", "host",
                                                    "count", "from_ns"});
}

TEST_CASE("an aggregate is labelled with its size and number of segments") {
    const Side server = server_side();
    SegmentEntry segment = data_segment();
    segment.gso_size = 1448;
    segment.gso_segs = 3;
    CHECK(body_of(entry_of(&server, segment))
              .ends_with(R"("from":"server","aggregate":{"size":1448,"segments":3}})"));
}

TEST_CASE("a changed side shows at once, and sides that share a place do not mix") {
    TextOutput output;
    JsonView view(output, {});
    view.begin(trace_info());
    Side first = client_side();
    Side second = client_side();
    second.id = first.id + 1024;
    second.owner = task(7, "other");
    for (int i = 0; i < 2; ++i) {
        view.entry(entry_of(&first, NoteEntry{"x"}));
        view.entry(entry_of(&second, NoteEntry{"x"}));
    }
    first.owner = task(5463, "renamed");
    ++first.revision;
    view.entry(entry_of(&first, NoteEntry{"x"}));
    std::vector<std::string> names;
    for (const std::string& text : lines_of(output.text())) {
        names.push_back(ordered_json::parse(text)["comm"]);
    }
    CHECK(names == std::vector<std::string>{"daytime-client", "other", "daytime-client", "other",
                                            "renamed"});
}

TEST_CASE("a host name of any length and any bytes makes valid rows") {
    const Side server = server_side();
    TraceInfo info = trace_info();
    info.hosts[0] = std::string(5000, '"') + "\xff\n";
    const auto all = rows<JsonView>(
        {entry_of(&server, NoteEntry{"x"}), entry_of(&server, data_segment())}, {}, info);
    REQUIRE(all.size() == 2);
    CHECK(ordered_json::parse(all[1])["host"] == std::string(5000, '"') + "\xef\xbf\xbd\n");
}

TEST_CASE("the name of a task comes out as it is if it is valid UTF-8") {
    const std::vector<std::string> names{"a b",        "q\"\\/",         "tab\t\n\r\x1b[31m",
                                         "\x01\x7f",   "gr\u00fc\u00df", "\u6642\u523b",
                                         "\U0001f550", "c1\xc2\x9b",     right_to_left() + "abc"};
    for (const std::string& name : names) {
        CAPTURE(name);
        CHECK(comm_of(name) == name);
    }
}

TEST_CASE("control characters are escaped, also those that JSON would allow") {
    Side side = client_side();
    side.owner = task(1, "\x1b\x7f\xc2\x9b" + right_to_left());
    CHECK(json(entry_of(&side, NoteEntry{"x"})).find(R"("comm":"\u001b\u007f\u009b\u202e")") !=
          std::string::npos);
}

TEST_CASE("bytes that are no UTF-8 become replacement characters") {
    const std::string bad = "\xef\xbf\xbd";
    CHECK(comm_of("z\xffz") == "z" + bad + "z");
    CHECK(comm_of("\xc3") == bad);                                // cut off
    CHECK(comm_of("\xc0\xaf") == bad + bad);                      // overlong
    CHECK(comm_of("\xed\xa0\x80") == bad + bad + bad);            // surrogate
    CHECK(comm_of("\xf4\x90\x80\x80").size() == 4 * bad.size());  // too large
}

TEST_CASE("whatever bytes a name has, the row is valid JSON") {
    std::mt19937 random(1);
    std::uniform_int_distribution<int> byte(0, 255);
    for (int i = 0; i < 3000; ++i) {
        std::string name(16, '\0');
        std::generate(name.begin(), name.end(), [&] { return static_cast<char>(byte(random)); });
        CAPTURE(name);
        CHECK_NOTHROW(comm_of(name));
    }
}

TEST_CASE("the extremes of each number are valid") {
    constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
    constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
    const Side server = server_side();
    for (const MonoNs time : {kMin, MonoNs{-1}, MonoNs{0}, kMax}) {
        TraceInfo info = trace_info();
        for (const std::int64_t offset : {kMin, kMax, info.wall_offset}) {
            info.wall_offset = offset;
            SegmentEntry segment = data_segment();
            segment.sent = time;
            const auto all = rows<JsonView>({entry_of(&server, segment, time, ~0ULL)}, {}, info);
            const auto object = ordered_json::parse(all.at(0));
            CHECK(object["n"] == ~0ULL);
            CHECK(object["mono_ns"] == time);
            CHECK(object["sent_ns"] == time);
            CHECK(object["time"].get<std::string>().size() == 30);
        }
    }
}

TEST_CASE("any header bytes make a valid row") {
    const Side server = server_side();
    std::mt19937 random(2);
    std::uniform_int_distribution<int> byte(0, 255);
    for (int i = 0; i < 3000; ++i) {
        SegmentEntry segment = data_segment();
        std::generate(segment.headers.begin(), segment.headers.end(),
                      [&] { return static_cast<std::uint8_t>(byte(random)); });
        segment.tcp.ip_bytes = 20;
        segment.tcp.header_bytes = static_cast<std::uint16_t>(40 + 4 * (i % 11));
        segment.captured = static_cast<std::uint16_t>(std::min(200, 40 + i % 60));
        const std::string text = json(entry_of(&server, segment));
        CAPTURE(text);
        CHECK(in_order(keys_of(text)));
    }
}

TEST_CASE("the examples in docs/json.md are what the view writes") {
    std::vector<std::string> expected = rows<JsonView>(examples());
    CHECK(documented_rows() == expected);
}

TEST_CASE("docs/json.md has a line for each key") {
    std::ifstream file(documentation());
    REQUIRE(file);
    const std::string text((std::istreambuf_iterator<char>(file)),
                           std::istreambuf_iterator<char>());
    for (const std::string_view key : kOrder) {
        CAPTURE(key);
        CHECK(text.find("| `" + std::string(key) + "` |") != std::string::npos);
    }
}

TEST_CASE("what a segment is noted for has stable words, in a fixed order") {
    const Side server = server_side();
    SegmentEntry segment = data_segment();
    segment.notes.add(Note::kNotReceived);
    segment.notes.add(Note::kSynAckTimeout);
    segment.notes.add(Note::kRetransmission);
    segment.copy_of = 12;
    segment.acks = 11;
    segment.reset_reason = "NO_SOCKET";
    const std::string body = body_of(entry_of(&server, segment));
    CHECK(body.ends_with(
        R"("notes":["retransmission","syn+ack timeout","not received"],"copy_of":12,"acks":11,)"
        R"("reset_reason":"NO_SOCKET"})"));
}

TEST_CASE("the words of all notes are in the documentation") {
    std::ifstream file(std::string(DOCS_DIR) + "/json.md");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    for (unsigned i = 0; i < kNoteCount; ++i) {
        const auto words = word(static_cast<Note>(i));
        CHECK_MESSAGE(text.find("`" + std::string(words) + "`") != std::string::npos, words);
    }
}

}  // namespace

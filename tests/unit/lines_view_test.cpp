// SPDX-License-Identifier: MIT
#include "views/lines_view.h"

#include "view_fixture.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "views/utf8.h"

namespace {

using namespace tcpladder;
using namespace tcpladder::test;

/// Rows without the time, for what does not depend on it.
Format no_time() {
    Format format;
    format.time = TimeStyle::kNone;
    return format;
}

std::string line(const Entry& entry, const Format& format = no_time()) {
    return row<LinesView>(entry, format);
}

/// What stands after the ends of the connection that most tests use.
std::string after_ends(const Entry& entry, const Format& format = no_time()) {
    const std::string text = line(entry, format);
    return text.size() > 35 ? text.substr(35) : "too short: " + text;
}

std::string without_colors(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        if (text.starts_with("\x1b[")) {
            text.remove_prefix(text.find('m') + 1);
        } else {
            result += text.front();
            text.remove_prefix(1);
        }
    }
    return result;
}

/// As a terminal counts them; nothing if there is a byte that it would obey or not know.
std::optional<std::size_t> terminal_columns(std::string_view text) {
    std::size_t columns = 0;
    while (!text.empty()) {
        const CodePoint c = decode_utf8(text);
        if (c.bytes == 0 || c.value < ' ' || (c.value >= 0x7f && c.value < 0xa0)) {
            return std::nullopt;
        }
        columns += c.value >= 0x3000 ? 2U : 1U;
        text.remove_prefix(c.bytes);
    }
    return columns;
}

Side wide_side() {
    Side side = client_side();
    side.local = endpoint("255.255.255.255", 65535);
    side.remote = endpoint("255.255.255.254", 65534);
    return side;
}

/// Entries of all kinds, at random, mostly at the limits of what there can be.
class RandomEntries {
public:
    explicit RandomEntries(unsigned seed) : random_(seed) {}

    Entry next() {
        side_ = wide_side();
        side_.local.address.version = chance(8) ? std::uint8_t{0} : std::uint8_t{4};
        side_.owner = random_task();
        side_.id = number();
        const MonoNs time =
            chance(4) ? static_cast<MonoNs>(number()) : kStart + number32() % 100'000;
        const Side* side = chance(10) ? nullptr : &side_;
        return {chance(2) ? number() : number() % 1000, time, side, random_body()};
    }

private:
    std::uint64_t number() { return random_() >> (random_() % 64); }
    std::uint32_t number32() { return static_cast<std::uint32_t>(number()); }
    bool chance(unsigned of) { return random_() % of == 0; }
    std::uint8_t byte() { return static_cast<std::uint8_t>(random_()); }

    Task random_task() {
        Task result;
        result.pid = chance(4) ? 0 : number32();
        for (char& c : result.comm) {
            c = static_cast<char>(byte());
        }
        if (chance(2)) {
            result.comm =
                task(1, "\xe6\x99\x82\xe5\x88\xbb\xe6\x99\x82\xe5\x88\xbb\xe6\x99\x82").comm;
        }
        return result;
    }

    TcpState random_state() { return static_cast<TcpState>(random_() % 13); }

    decltype(Entry::body) random_body() {
        switch (random_() % 6) {
            case 0:
                return random_segment();
            case 1:
                return RetransmitEntry{number32(), number32(), "SYN+ACK timeout",
                                       static_cast<std::int32_t>(number32())};
            case 2:
                return random_reset();
            case 3:
                return LostEntry{number(), static_cast<MonoNs>(number())};
            case 4:
                return NoteEntry{
                    "a note that is far longer than any note should ever be, so long "
                    "that it cannot be shown in full"};
            default:
                return random_change();
        }
    }

    SegmentEntry random_segment() {
        SegmentEntry segment = data_segment();
        segment.tcp.source = side_.local;
        segment.tcp.destination = side_.remote;
        segment.tcp.seq = number32();
        segment.tcp.ack = number32();
        segment.tcp.payload = number32();
        segment.tcp.flags = random_() % 0x200;
        segment.relative_known = chance(2);
        segment.rel_seq = number32();
        segment.rel_ack = number32();
        segment.window_scaled = number32();
        segment.gso_size = chance(2) ? std::uint16_t{0} : std::uint16_t{65535};
        segment.gso_segs = 65535;
        for (unsigned i = 0; i < kNoteCount; ++i) {
            if (chance(3)) {
                segment.notes.add(static_cast<Note>(i));
            }
        }
        segment.copy_of = number();
        segment.received = static_cast<MonoNs>(number());
        for (std::uint8_t& header_byte : segment.headers) {
            header_byte = byte();
        }
        if (chance(2)) {
            DaytimeEntries::put_options(segment,
                                        {2,   4,   255, 255, 4, 2, 8,  10, 255, 255, 255, 255,
                                         255, 255, 255, 255, 3, 3, 14, 34, 2,   1,   1,   1});
        }
        return segment;
    }

    ResetEntry random_reset() {
        ResetEntry reset{chance(2), {}};
        for (char& c : reset.reason) {
            c = static_cast<char>(byte());
        }
        return reset;
    }

    StateEntry random_change() {
        constexpr std::array<std::string_view, 4> kWhat{"", "close()", "rcv SYN+ACK",
                                                        "a cause with a very long name indeed"};
        return {random_state(),
                random_state(),
                chance(2),
                {static_cast<CauseType>(random_() % 4), kWhat[random_() % 4], number()},
                std::nullopt};
    }

    std::mt19937_64 random_;
    Side side_;
};

std::vector<Format> all_formats() {
    std::vector<Format> formats;
    for (int style = 0; style <= static_cast<int>(TimeStyle::kSinceFirst); ++style) {
        for (unsigned bits = 0; bits < 16; ++bits) {
            Format format;
            format.time = static_cast<TimeStyle>(style);
            format.absolute = (bits & 1) != 0;
            format.number = (bits & 2) != 0;
            format.color = (bits & 4) != 0;
            format.utf8 = (bits & 8) != 0;
            formats.push_back(format);
        }
    }
    return formats;
}

TEST_CASE("a daytime conversation, line by line") {
    DaytimeEntries trace;
    trace.converse();
    TextOutput output;
    LinesView view(output, {});
    view.begin(trace_info());
    for (const Entry& entry : trace.entries()) {
        view.entry(entry);
    }
    CHECK(output.writes() == 21);
    CHECK(
        output.text() ==
        // clang-format off
R"(   time ms  from > to  #n segment  +transit | end - peer  old -> new (* inferred)  cause  owner
     0.000  127.0.0.1:46510 - 127.0.0.1:10000  CLOSE -> SYN_SENT          connect()  dayt~ient[5463]
     0.077  127.0.0.1:46510 > 127.0.0.1:10000  #2 S seq 3326910621 win 65495 <mss 65495,sack~>  +7us
     0.084  127.0.0.1:10000 - 127.0.0.1:46510  LISTEN -> SYN_RECV *       rcv SYN #2  dayt~ver[5461]
     0.105  127.0.0.1:10000 > 127.0.0.1:46510  #4 S. seq 3221488186 ack 1 win 65495  +7us
     0.115  127.0.0.1:46510 - 127.0.0.1:10000  SYN_SENT -> ESTABLISHED  rcv SYN+ACK #4  day~nt[5463]
     0.118  127.0.0.1:46510 > 127.0.0.1:10000  #6 . ack 1 win 65536  +7us
     0.121  127.0.0.1:10000 - 127.0.0.1:46510  SYN_RECV -> ESTABLISHED    rcv ACK #6  dayt~ver[5461]
   200.121  127.0.0.1:10000 > 127.0.0.1:46510  #8 P. 1:27(26) ack 1 win 65536  +7us
   200.141  127.0.0.1:46510 > 127.0.0.1:10000  #9 . ack 27 win 65536  +7us
   400.141  127.0.0.1:10000 - 127.0.0.1:46510  ESTABLISHED -> FIN_WAIT1   close()  dayti~erver[5461]
   400.145  127.0.0.1:10000 > 127.0.0.1:46510  #11 F. 27:28(0) ack 1 win 65536  +7us
   400.154  127.0.0.1:46510 - 127.0.0.1:10000  ESTABLISHED -> CLOSE_WAIT  rcv FIN #11  day~ent[5463]
   400.156  127.0.0.1:46510 > 127.0.0.1:10000  #13 . ack 28 win 65536  +7us
   400.162  127.0.0.1:10000 - 127.0.0.1:46510  FIN_WAIT1 -> FIN_WAIT2    rcv ACK #13  dayt~ver[5461]
   400.192  127.0.0.1:46510 - 127.0.0.1:10000  CLOSE_WAIT -> LAST_ACK     close()  dayti~lient[5463]
   400.196  127.0.0.1:46510 > 127.0.0.1:10000  #16 F. 1:2(0) ack 28 win 65536  +7us
   400.204  127.0.0.1:10000 - 127.0.0.1:46510  FIN_WAIT2 -> TIME_WAIT    rcv FIN #16  dayt~ver[5461]
   400.206  127.0.0.1:10000 > 127.0.0.1:46510  #18 . ack 2 win 65536  +7us
   400.213  127.0.0.1:46510 - 127.0.0.1:10000  LAST_ACK -> CLOSE         rcv ACK #18  dayt~ent[5463]
 60400.213  127.0.0.1:10000 - 127.0.0.1:46510  TIME_WAIT -> CLOSE         2MSL timer  dayt~ver[5461]
)");
    // clang-format on
}

TEST_CASE("quiet leaves out the header") {
    TextOutput output;
    Format format;
    format.quiet = true;
    LinesView view(output, format);
    view.begin(trace_info());
    CHECK(output.text().empty());
}

TEST_CASE("a SYN shows its absolute number and its options in short form") {
    const Side client = client_side();
    SegmentEntry syn = data_segment();
    syn.tcp.source = client.local;
    syn.tcp.destination = client.remote;
    syn.tcp.flags = tcp_flag::kSyn;
    syn.tcp.payload = 0;
    syn.tcp.seq = kClientIsn;
    syn.rel_seq = 0;
    DaytimeEntries::put_options(
        syn, {2, 4, 0xff, 0xd7, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 3, 3, 7, 34, 2, 1, 1, 1});
    CHECK(after_ends(entry_of(&client, syn)) ==
          "#1 S seq 3326910621 win 65536 <mss 65495,sack,ts,ws 7,tfo>  +7us");
    syn.tcp.payload = 5;
    CHECK(after_ends(entry_of(&client, syn)).starts_with("#1 S seq 3326910621:3326910627(5) win "));
}

TEST_CASE("numbers are absolute on request, and where the start is not known") {
    const Side server = server_side();
    Format format = no_time();
    format.absolute = true;
    SegmentEntry segment = data_segment();
    constexpr std::string_view kAbsolute =
        "#1 P. 3221488187:3221488213(26) ack 3326910622 win 65536  +7us";
    CHECK(after_ends(entry_of(&server, segment), format) == kAbsolute);
    segment.relative_known = false;
    CHECK(after_ends(entry_of(&server, segment)) == kAbsolute);
}

TEST_CASE("the window is as it is in the header where the scale is not known") {
    const Side server = server_side();
    SegmentEntry segment = data_segment();
    segment.window_scaled.reset();
    CHECK(after_ends(entry_of(&server, segment)) == "#1 P. 1:27(26) ack 1 win 512  +7us");
}

TEST_CASE("an aggregate says of how many segments") {
    const Side server = server_side();
    SegmentEntry segment = data_segment();
    segment.gso_size = 13;
    segment.gso_segs = 2;
    CHECK(after_ends(entry_of(&server, segment)) == "#1 P. 1:27(26) x2 ack 1 win 65536  +7us");
}

TEST_CASE("SACK blocks are relative where the acknowledgment is") {
    const Side server = server_side();
    SegmentEntry segment = data_segment();
    segment.tcp.flags = tcp_flag::kAck;
    segment.tcp.payload = 0;
    segment.tcp.ack = 1000;
    segment.rel_ack = 100;
    DaytimeEntries::put_options(segment, {1, 1, 5, 18, 0, 0, 4, 76, 0, 0, 4, 176,  //
                                          0, 0, 5, 20, 0, 0, 5, 120});
    CHECK(after_ends(entry_of(&server, segment)) ==
          "#1 . ack 100 win 65536 <sack 200:300,400:500>  +7us");
    segment.relative_known = false;
    CHECK(after_ends(entry_of(&server, segment)) ==
          "#1 . ack 1000 win 65536 <sack 1100:1200,1300:1400>  +7us");
}

TEST_CASE("the time on the way is in ns, us or ms, whichever reads best") {
    const Side server = server_side();
    SegmentEntry segment = data_segment();
    const auto transit = [&](std::int64_t ns) {
        segment.received = *segment.sent + ns;
        const std::string text = line(entry_of(&server, segment));
        return text.substr(text.rfind(' ') + 1);
    };
    CHECK(transit(0) == "+0ns");
    CHECK(transit(430) == "+430ns");
    CHECK(transit(999'999) == "+999us");
    CHECK(transit(1'000'000) == "+1.000ms");
    CHECK(transit(1'234'567'890) == "+1234.567ms");
    CHECK(transit(-7'000) == "-7us");  // the clocks of two machines
    CHECK(transit(-2'000'000) == "-2.000ms");
}

TEST_CASE("a segment of which only one sighting was seen says so if it is the receipt") {
    const Side server = server_side();
    SegmentEntry segment = data_segment();
    segment.received.reset();
    CHECK(after_ends(entry_of(&server, segment)) == "#1 P. 1:27(26) ack 1 win 65536");
    segment.sent.reset();
    segment.received = kStart;
    CHECK(after_ends(entry_of(&server, segment)) == "#1 P. 1:27(26) ack 1 win 65536  (received)");
}

TEST_CASE("what a segment is noted for stands before its time on the way") {
    const Side server = server_side();
    SegmentEntry segment = data_segment();
    segment.notes.add(Note::kTlp);
    segment.notes.add(Note::kRetransmission);
    CHECK(after_ends(entry_of(&server, segment)) ==
          "#1 P. 1:27(26) ack 1 win 65536  retransmission, tlp  +7us");
    segment.copy_of = 12;
    CHECK(after_ends(entry_of(&server, segment)) ==
          "#1 P. 1:27(26) ack 1 win 65536  retransmission of #12, tlp  +7us");
}

TEST_CASE("where a line is too long the window goes before the notes") {
    const Side server = wide_side();
    SegmentEntry segment = data_segment();
    segment.tcp.source = server.local;
    segment.tcp.destination = server.remote;
    segment.notes.add(Note::kRetransmission);
    segment.notes.add(Note::kFast);
    const std::string text = line(entry_of(&server, segment));
    CHECK(text.ends_with("ack 1  retransmission, fast  +7us"));
}

TEST_CASE("an inferred change has a star, and what is not known says so") {
    const Side server = server_side();
    const StateEntry state{TcpState::kUnknown, TcpState::kClose, false, {}, {}};
    CHECK(after_ends(entry_of(&server, state)) ==
          "? -> CLOSE *               unknown           daytime-server[5461]");
    Side nobody = server;
    nobody.owner = {};
    CHECK(after_ends(entry_of(&nobody, state)) == "? -> CLOSE *               unknown");
}

TEST_CASE("a listener's peer is a star, and a port that is not known a question mark") {
    Side side = server_side();
    side.remote = {};
    const StateEntry listen{
        TcpState::kClose, TcpState::kListen, true, {CauseType::kCall, "listen()"}, {}};
    CHECK(line(entry_of(&side, listen)).starts_with("127.0.0.1:10000 - *  CLOSE -> LISTEN  "));
    side = client_side();
    side.local.port = 0;
    CHECK(line(entry_of(&side, listen)).starts_with("127.0.0.1:? - 127.0.0.1:10000  "));
    CHECK(line(entry_of(nullptr, listen)).starts_with("* - *  "));
}

TEST_CASE("a retransmission shows the numbers of its segment") {
    const Side server = server_side();
    const std::vector<Entry> entries{
        entry_of(&server, data_segment()),
        entry_of(&server, RetransmitEntry{kServerIsn + 1, kServerIsn + 27, "RTO", 0}),
        entry_of(&server, RetransmitEntry{kServerIsn + 1, kServerIsn + 27, "", -101}),
    };
    const auto all = rows<LinesView>(entries, no_time());
    CHECK(all.at(1) ==
          "127.0.0.1:10000 - 127.0.0.1:46510  retransmit 1:27 (RTO)  daytime-server[5461]");
    CHECK(
        all.at(2) ==
        "127.0.0.1:10000 - 127.0.0.1:46510  retransmit 1:27 failed: error -101  daytime-server[5461]");
    Format format = no_time();
    format.absolute = true;
    CHECK(
        rows<LinesView>(entries, format).at(1) ==
        "127.0.0.1:10000 - 127.0.0.1:46510  retransmit 3221488187:3221488213 (RTO)  daytime-server[5461]");
    CHECK(after_ends(entries[1]) ==
          "retransmit 3221488187:3221488213 (RTO)  daytime-server[5461]");  // no segment before
}

TEST_CASE("a reset says who, and why if the kernel knows") {
    const Side server = server_side();
    ResetEntry reset{true, {}};
    CHECK(after_ends(entry_of(&server, reset)) == "sends RST  daytime-server[5461]");
    constexpr std::string_view kReason = "NO_SOCKET";
    std::copy(kReason.begin(), kReason.end(), reset.reason.begin());
    CHECK(after_ends(entry_of(&server, reset)) == "sends RST (NO_SOCKET)  daytime-server[5461]");
    reset.sent = false;
    reset.reason.fill('\0');
    CHECK(after_ends(entry_of(&server, reset)) == "RST received  daytime-server[5461]");
}

TEST_CASE("a dropped segment says which row it was, and why if the kernel knows") {
    const Side client = client_side();
    DropEntry drop;
    drop.source = client.local;
    drop.destination = client.remote;
    drop.seq = kClientIsn + 1;
    drop.end = drop.seq + 26;
    drop.flags = tcp_flag::kPsh | tcp_flag::kAck;
    const auto ends = std::string("127.0.0.1:46510 > 127.0.0.1:10000  ");
    CHECK(rows<LinesView>({entry_of(&client, drop)}, no_time()).at(0) ==
          ends + "dropped P. " + std::to_string(kClientIsn + 1) + ":" +
              std::to_string(kClientIsn + 27));
    drop.relative_known = true;
    drop.rel_seq = 1;
    drop.n = 7;
    constexpr std::string_view kReason = "TCP_CSUM";
    std::copy(kReason.begin(), kReason.end(), drop.reason.begin());
    CHECK(rows<LinesView>({entry_of(&client, drop)}, no_time()).at(0) ==
          ends + "dropped #7 P. 1:27 (TCP_CSUM)");
}

TEST_CASE("lost records are shown where they are missing") {
    const std::vector<Entry> entries{
        entry_of(nullptr, NoteEntry{"the start"}),
        entry_of(nullptr, LostEntry{123, kStart + 1'234'000}, kStart + 5'678'999),
        entry_of(nullptr, LostEntry{1, 0}, kStart + 6'000'000),
    };
    CHECK(rows<LinesView>(entries) ==
          std::vector<std::string>{"-- the start --",
                                   "-- 123 events lost here (between 1.234 and 5.678 ms) --",
                                   "-- 1 event lost here (before 6.000 ms) --"});
}

TEST_CASE("a note on a connection stands in the columns") {
    const Side server = server_side();
    CHECK(row<LinesView>(entry_of(&server, NoteEntry{"look"})) ==
          "     0.000  127.0.0.1:10000 - 127.0.0.1:46510  -- look --");
}

TEST_CASE("each style of time") {
    const Side server = server_side();
    const auto times = [&](TimeStyle style) {
        Format format;
        format.time = style;
        std::vector<std::string> result;
        for (const std::string& text :
             rows<LinesView>({entry_of(&server, NoteEntry{"x"}),
                              entry_of(&server, NoteEntry{"x"}, kStart + 1'500'000),
                              entry_of(&server, NoteEntry{"x"}, kStart + 1'500'900'000),
                              entry_of(&server, NoteEntry{"x"}, kStart - 1'000)},
                             format)) {
            result.push_back(text.substr(0, text.find("127.")));
        }
        return result;
    };
    using Texts = std::vector<std::string>;
    CHECK(times(TimeStyle::kNone) == Texts{"", "", "", ""});
    const Texts since_first{"     0.000  ", "     1.500  ", "  1500.900  ", "    -0.001  "};
    CHECK(times(TimeStyle::kDefault) == since_first);
    CHECK(times(TimeStyle::kSinceFirst) == since_first);
    CHECK(times(TimeStyle::kDelta) ==
          Texts{"     0.000  ", "     1.500  ", "  1499.400  ", " -1500.901  "});
    CHECK(times(TimeStyle::kEpoch) == Texts{"1053982720.123456  ", "1053982720.124956  ",
                                            "1053982721.624356  ", "1053982720.123455  "});
    const std::string date = times(TimeStyle::kDate)[2];
    CHECK(date.size() == 28);  // the time zone may be any, but has whole minutes
    CHECK(date.substr(16) == ":41.624356  ");
}

TEST_CASE("with -# each row starts with its number, which segments need not repeat") {
    const Side server = server_side();
    Format format = no_time();
    format.number = true;
    CHECK(line(entry_of(&server, data_segment(), kStart, 8), format) ==
          "    8  127.0.0.1:10000 > 127.0.0.1:46510  P. 1:27(26) ack 1 win 65536  +7us");
    CHECK(line(entry_of(nullptr, LostEntry{1, 0}, kStart, 123456), format) ==
          "123456  -- 1 event lost here (before 0.000 ms) --");
}

TEST_CASE("the ends of all rows are as wide as the widest so far, up to IPv4's widest") {
    const Side narrow = server_side();
    const Side wide = wide_side();
    Side ipv6 = narrow;
    ipv6.local = endpoint("2001:db8:1111:2222:3333:4444:5555:6666", 10000);
    ipv6.remote = endpoint("2001:db8:1111:2222:3333:4444:5555:7777", 10000);
    const auto all =
        rows<LinesView>({entry_of(&narrow, NoteEntry{"x"}), entry_of(&wide, NoteEntry{"x"}),
                         entry_of(&ipv6, NoteEntry{"x"}), entry_of(&narrow, NoteEntry{"x"})},
                        no_time());
    CHECK(all[0].find("--") == 33 + 2);
    CHECK(all[1].find("--") == 45 + 2);
    CHECK(all[2].find("--") == 95 + 2);
    CHECK(all[3].find("--") == 45 + 2);
}

TEST_CASE("where a line is too long the last options go first, then the window") {
    const Side wide = wide_side();
    SegmentEntry syn = data_segment();
    syn.tcp.source = wide.local;
    syn.tcp.destination = wide.remote;
    syn.tcp.flags = tcp_flag::kSyn;
    syn.tcp.payload = 0;
    DaytimeEntries::put_options(
        syn, {2, 4, 0xff, 0xd7, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7});
    const auto text = [&](std::uint64_t n) {
        return line(entry_of(&wide, syn, kStart, n)).substr(47);
    };
    CHECK(text(1) == "#1 S seq 3221488187 win 65536 <mss 65495,sack~>  +7us");
    CHECK(text(12) == "#12 S seq 3221488187 win 65536 <mss 65495~>  +7us");
    CHECK(text(123456789) == "#123456789 S seq 3221488187 win 65536  +7us");
    CHECK(text(12345678901234567890U) == "#12345678901234567890 S seq 3221488187  +7us");
}

TEST_CASE("IPv6 rows are as long as they need to be, and so are all with -v") {
    DaytimeEntries trace;
    trace.converse();
    Format format = no_time();
    format.verbose = 1;
    const auto all = rows<LinesView>(trace.entries(), format);
    CHECK(all[3] ==
          "127.0.0.1:10000 > 127.0.0.1:46510  "
          "#4 S. seq 3221488186 ack 1 win 65495 <mss 65495,sack,ts,ws 7>  +7us");
    CHECK(all[4] ==
          "127.0.0.1:46510 - 127.0.0.1:10000  "
          "SYN_SENT -> ESTABLISHED    rcv SYN+ACK #4    daytime-client[5463]");
    Side ipv6 = server_side();
    ipv6.local = endpoint("2001:db8:1111:2222:3333:4444:5555:6666", 10000);
    ipv6.remote = endpoint("2001:db8:1111:2222:3333:4444:5555:7777", 10000);
    const StateEntry state{TcpState::kEstablished,
                           TcpState::kCloseWait,
                           true,
                           {CauseType::kSegment, "rcv FIN", 11},
                           {}};
    CHECK(line(entry_of(&ipv6, state)) ==
          "[2001:db8:1111:2222:3333:4444:5555:6666]:10000 - "
          "[2001:db8:1111:2222:3333:4444:5555:7777]:10000  "
          "ESTABLISHED -> CLOSE_WAIT  rcv FIN #11       daytime-server[5461]");
}

TEST_CASE("a hostile name never reaches the terminal as it is") {
    Side side = server_side();
    const StateEntry state{
        TcpState::kClose, TcpState::kListen, true, {CauseType::kCall, "listen()"}, {}};
    const auto owner = [&](std::string_view name, bool utf8 = false) {
        side.owner = task(1, name);
        Format format = no_time();
        format.utf8 = utf8;
        format.verbose = 1;
        const std::string text = line(entry_of(&side, state), format);
        return text.substr(text.find("listen()") + 18);
    };
    CHECK(owner("a\x1b[31m\n") == R"(a\x1b[31m\x0a[1])");
    CHECK(owner("\x7f\\") == R"(\x7f\x5c[1])");
    CHECK(owner("gr\xc3\xbc\xc3\x9f"
                "e") == R"(gr\xc3\xbc\xc3\x9fe[1])");
    CHECK(owner("gr\xc3\xbc\xc3\x9f"
                "e",
                true) ==
          "gr\xc3\xbc\xc3\x9f"
          "e[1]");
    CHECK(owner("\xe6\x99\x82\xe5\x88\xbb", true) == "\xe6\x99\x82\xe5\x88\xbb[1]");
    CHECK(owner("\xc2\x9b" + right_to_left(), true) == R"(\xc2\x9b\xe2\x80\xae[1])");
    CHECK(owner("\xc3", true) == R"(\xc3[1])");
    CHECK(owner("") == "[1]");
}

TEST_CASE("a row is explained below it, within the columns") {
    DaytimeEntries trace;
    trace.converse();
    const auto plain = rows<LinesView>(trace.entries());
    for (const auto language : {Language::kEnglish, Language::kChinese}) {
        Format format;
        format.explain = language;
        const auto explained = rows<LinesView>(trace.entries(), format);
        std::vector<std::string> others;
        for (const std::string& text : explained) {
            CAPTURE(text);
            CHECK(columns_of(text) <= 100);
            if (!text.starts_with("      ")) {
                others.push_back(text);
            }
        }
        CHECK(others == plain);
        CHECK(explained.size() > plain.size() * 2);
    }
}

TEST_CASE("a hostile reason is escaped as well") {
    const Side server = server_side();
    ResetEntry reset{true, {'\x1b', '[', 'm', '\xc3', '\xbc'}};
    CHECK(after_ends(entry_of(&server, reset)) ==
          R"(sends RST (\x1b[m\xc3\xbc)  daytime-server[5461])");
}

TEST_CASE("with UTF-8 there are arrows") {
    const Side server = server_side();
    Format format;
    format.utf8 = true;
    const StateEntry state{
        TcpState::kSynRecv, TcpState::kEstablished, true, {CauseType::kSegment, "rcv ACK", 6}, {}};
    CHECK(row<LinesView>(entry_of(&server, state), format) ==
          "     0.000  127.0.0.1:10000 - 127.0.0.1:46510  "
          "SYN_RECV \u2192 ESTABLISHED     rcv ACK #6  dayt\u2026ver[5461]");
}

TEST_CASE("colours are there on request only, and end with the line") {
    DaytimeEntries trace;
    trace.converse();
    Format format;
    const auto plain = rows<LinesView>(trace.entries(), format);
    format.color = true;
    const auto colored = rows<LinesView>(trace.entries(), format);
    for (std::size_t i = 0; i < plain.size(); ++i) {
        CHECK(without_colors(colored[i]) == plain[i]);
        const std::size_t last = colored[i].rfind("\x1b[");
        REQUIRE(last != std::string::npos);
        CHECK(colored[i].substr(last, 4) == "\x1b[0m");
    }
    CHECK(colored[0].find("\x1b[1;32mCLOSE -> SYN_SENT\x1b[0m") != std::string::npos);
    const Side server = server_side();
    CHECK(line(entry_of(&server, ResetEntry{true, {}}), format)
              .ends_with("\x1b[31msends RST\x1b[0m  daytime-server[5461]"));
}

TEST_CASE("no line of IPv4 is longer than 100 columns, whatever is in it") {
    unsigned seed = 0;
    for (const Format& format : all_formats()) {
        TextOutput output;
        LinesView view(output, format);
        view.begin(trace_info());
        RandomEntries random(seed++);
        constexpr int kEntries = 300;
        for (int i = 0; i < kEntries; ++i) {
            view.entry(random.next());
        }
        const auto all = lines_of(output.text());
        CHECK(all.size() == kEntries + 1);
        for (const std::string& text : all) {
            const auto columns = terminal_columns(format.color ? without_colors(text) : text);
            CAPTURE(text);
            REQUIRE(columns);
            CHECK(*columns <= 100);
            CHECK_FALSE(text.ends_with(' '));
        }
    }
}

}  // namespace

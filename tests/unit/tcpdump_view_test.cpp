// SPDX-License-Identifier: MIT
#include "views/tcpdump_view.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace tcpladder;
namespace flag = tcp_flag;

using Bytes = std::vector<std::uint8_t>;

constexpr std::int64_t kWallOffset = 1'500'000'000'000'000'000;  // 2017-07-14 02:40:00 UTC
constexpr std::uint16_t kClientPort = 46510;
constexpr std::uint16_t kServerPort = 10000;

class Text : public Output {
public:
    void write(std::string_view text) override { all += text; }
    std::string all;
};

/// Sets the time zone for as long as it lives.
class TimeZone {
public:
    explicit TimeZone(const char* zone) { setenv("TZ", zone, 1); }
    ~TimeZone() {
        setenv("TZ", "UTC", 1);
        tzset();
    }
    TimeZone(const TimeZone&) = delete;
    TimeZone& operator=(const TimeZone&) = delete;
};

void put16(Bytes& bytes, std::size_t at, std::uint32_t value) {
    bytes[at] = static_cast<std::uint8_t>(value >> 8);
    bytes[at + 1] = static_cast<std::uint8_t>(value);
}

void put32(Bytes& bytes, std::size_t at, std::uint32_t value) {
    put16(bytes, at, value >> 16);
    put16(bytes, at + 2, value);
}

/// A segment as it is described; the rest of its headers is made to fit.
struct Wire {
    bool from_client = true;
    std::uint32_t flags = flag::kAck;
    Seq seq = 0;
    Seq ack = 0;
    std::uint32_t payload = 0;
    Bytes options = {};
    std::uint16_t urgent = 0;
};

Bytes tcp_bytes(const Wire& wire) {
    Bytes tcp(20 + wire.options.size());
    put16(tcp, 0, wire.from_client ? kClientPort : kServerPort);
    put16(tcp, 2, wire.from_client ? kServerPort : kClientPort);
    put32(tcp, 4, wire.seq);
    put32(tcp, 8, wire.ack);
    put16(tcp, 12, static_cast<std::uint32_t>(tcp.size() / 4 << 12) | wire.flags);
    put16(tcp, 14, 512);
    put16(tcp, 18, wire.urgent);
    std::copy(wire.options.begin(), wire.options.end(), tcp.begin() + 20);
    return tcp;
}

/// 192.0.2.1 is the client, 198.51.100.2 the server.
Bytes ipv4_bytes(const Wire& wire) {
    const Bytes tcp = tcp_bytes(wire);
    const Bytes client{192, 0, 2, 1};
    const Bytes server{198, 51, 100, 2};
    const Bytes& source = wire.from_client ? client : server;
    const Bytes& destination = wire.from_client ? server : client;
    Bytes ip{
        0x45, 0x00, 0x00, 0x00,  // version 4, header of 5 words; total length below
        0x12, 0x34, 0x40, 0x00,  // identification; don't fragment
        0x40, 0x06, 0x00, 0x00,  // TTL 64, TCP; checksum, not right
    };
    ip.insert(ip.end(), source.begin(), source.end());
    ip.insert(ip.end(), destination.begin(), destination.end());
    ip.insert(ip.end(), tcp.begin(), tcp.end());
    put16(ip, 2, static_cast<std::uint32_t>(ip.size()) + wire.payload);
    return ip;
}

/// 2001:db8::1 is the client, 2001:db8::2 the server.
Bytes ipv6_bytes(const Wire& wire) {
    const Bytes tcp = tcp_bytes(wire);
    Bytes ip(40);
    put32(ip, 0, 0x60012345);  // version 6, flow label
    put16(ip, 4, static_cast<std::uint32_t>(tcp.size()) + wire.payload);
    ip[6] = 6;  // TCP
    ip[7] = 64;
    put32(ip, 8, 0x20010db8);
    put32(ip, 24, 0x20010db8);
    ip[23] = wire.from_client ? 1 : 2;
    ip[39] = wire.from_client ? 2 : 1;
    ip.insert(ip.end(), tcp.begin(), tcp.end());
    return ip;
}

SegmentEntry segment_of(const Bytes& headers, std::uint32_t payload) {
    SegmentEntry segment;
    segment.length = static_cast<std::uint32_t>(headers.size()) + payload;
    segment.captured = static_cast<std::uint16_t>(headers.size());
    segment.headers.fill(0);
    std::copy(headers.begin(), headers.end(), segment.headers.begin());
    return segment;
}

Entry entry_at(MonoNs time, const Wire& wire) {
    SegmentEntry segment = segment_of(ipv4_bytes(wire), wire.payload);
    segment.sent = time;
    Entry entry;
    entry.time = time;
    entry.body = segment;
    return entry;
}

Entry entry_at(MonoNs sent, MonoNs received, const Wire& wire) {
    Entry entry = entry_at(sent, wire);
    std::get<SegmentEntry>(entry.body).received = received;
    return entry;
}

/// The view and what it has printed so far.
struct Screen {
    explicit Screen(const Format& format = {}) : view(text, format) {
        TraceInfo info;
        info.wall_offset = kWallOffset;
        view.begin(info);
    }
    /// What is new since the last call.
    std::string take() { return std::exchange(text.all, {}); }
    std::string print(const Wire& wire) { return print(entry_at(0, wire)); }
    std::string print(const Entry& entry) {
        view.entry(entry);
        return take();
    }
    /// Nothing but the headers, which are cut after the first `captured` bytes.
    std::string print(const Bytes& headers, std::uint32_t payload, std::size_t captured) {
        SegmentEntry segment = segment_of(headers, payload);
        segment.captured = static_cast<std::uint16_t>(captured);
        Entry entry;
        entry.body = segment;
        return print(entry);
    }
    std::string print(const Bytes& headers, std::uint32_t payload = 0) {
        return print(headers, payload, headers.size());
    }

    Text text;
    TcpdumpView view;
};

Format untimed() {
    Format format;
    format.time = TimeStyle::kNone;
    return format;
}

Format verbose() {
    Format format = untimed();
    format.verbose = 1;
    return format;
}

/// Only what stands between the brackets of the options, or after them if they
/// never close.
std::string options_text(const Bytes& options, std::uint32_t flags = flag::kAck) {
    const std::string line = Screen(untimed()).print(Wire{.flags = flags, .options = options});
    constexpr std::string_view kOpening = "options [";
    const std::size_t begin = line.find(kOpening);
    REQUIRE(begin != std::string::npos);
    std::string text = line.substr(begin + kOpening.size());
    text.pop_back();  // LF
    constexpr std::string_view kClosing = "], length 0";
    return text.ends_with(kClosing) ? text.substr(0, text.size() - kClosing.size()) : text;
}

TEST_CASE("A segment is printed as tcpdump prints it") {
    const TimeZone utc("UTC");
    const Wire syn{.flags = flag::kSyn,
                   .seq = 3326910621,
                   .options = {2, 4, 0x05, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7}};
    CHECK(Screen().print(entry_at(123'456'789, syn)) ==
          "02:40:00.123456 IP 192.0.2.1.46510 > 198.51.100.2.10000: Flags [S], seq 3326910621, "
          "win 512, options [mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7], length 0\n");
}

TEST_CASE("Flags stand in tcpdump's order") {
    Screen screen(untimed());
    CHECK(screen.print(Wire{.flags = 0}).find("Flags [none], win") != std::string::npos);
    CHECK(screen.print(Wire{.flags = 0x1ff, .urgent = 9}).find("Flags [FSRP.UEW], seq") !=
          std::string::npos);
    CHECK(screen.print(Wire{.flags = flag::kUrg | flag::kAck, .urgent = 9})
              .find("win 512, urg 9, length 0") != std::string::npos);
}

TEST_CASE("Numbers are relative to the first segment with ACK of a conversation") {
    Screen screen(untimed());
    const auto numbers = [&screen](const Wire& wire) {
        const std::string line = screen.print(wire);
        const std::size_t begin = line.find("], ") + 3;
        return line.substr(begin, line.find(", win") - begin);
    };
    SUBCASE("a handshake") {
        CHECK(numbers({.flags = flag::kSyn, .seq = 1000}) == "seq 1000");
        CHECK(numbers({.from_client = false,
                       .flags = flag::kSyn | flag::kAck,
                       .seq = 9000,
                       .ack = 1001}) == "seq 9000, ack 1001");
        CHECK(numbers({.seq = 1001, .ack = 9001}) == "ack 1");
        CHECK(numbers({.seq = 1001, .ack = 9001, .payload = 26}) == "seq 1:27, ack 1");
        CHECK(numbers({.from_client = false,
                       .flags = flag::kFin | flag::kAck,
                       .seq = 9001,
                       .ack = 1027}) == "seq 1, ack 27");
        CHECK(numbers({.flags = flag::kRst, .seq = 1027}) == "seq 1027");
    }
    SUBCASE("from its middle on") {
        CHECK(numbers({.seq = 5000, .ack = 7000, .payload = 10}) == "seq 5000:5010, ack 7000");
        CHECK(numbers({.seq = 5010, .ack = 7000, .payload = 10}) == "seq 10:20, ack 1");
        CHECK(numbers({.from_client = false, .seq = 7000, .ack = 5020}) == "ack 20");
    }
    SUBCASE("across the end of the numbers") {
        CHECK(numbers({.seq = 0xffffff00, .ack = 1}) == "ack 1");
        CHECK(numbers({.seq = 0xffffff00, .ack = 1, .payload = 512}) == "seq 0:512, ack 1");
        CHECK(numbers({.seq = 0x100, .ack = 1, .payload = 1}) == "seq 512:513, ack 1");
    }
    SUBCASE("a SYN with ACK begins anew") {
        CHECK(numbers({.seq = 5000, .ack = 7000}) == "ack 7000");
        CHECK(
            numbers(
                {.from_client = false, .flags = flag::kSyn | flag::kAck, .seq = 100, .ack = 201}) ==
            "seq 100, ack 201");
        CHECK(numbers({.seq = 201, .ack = 101, .payload = 4}) == "seq 1:5, ack 1");
    }
}

TEST_CASE("SACK blocks are relative to what they acknowledge") {
    Screen screen(untimed());
    screen.print(Wire{.from_client = false, .seq = 9000, .ack = 5000});
    const Bytes sack{1, 1, 5, 10, 0, 0, 0x23, 0x8c, 0, 0, 0x27, 0x74};  // 9100 to 10100
    CHECK(screen.print(Wire{.seq = 5000, .ack = 9000, .options = sack}).find("sack 1 {100:1100}") !=
          std::string::npos);
}

TEST_CASE("-S leaves numbers as they are") {
    Format format = untimed();
    format.absolute = true;
    Screen screen(format);
    for (int i = 0; i < 2; ++i) {
        CHECK(screen.print(Wire{.seq = 5000, .ack = 7000, .payload = 1})
                  .find("seq 5000:5001, ack 7000") != std::string::npos);
    }
}

TEST_CASE("A conversation is remembered while many others come and go") {
    TcpdumpNumbers numbers;
    const Address address = parse_address("192.0.2.1");
    const auto ack_of = [&](std::size_t conversation) {
        const Endpoint low{address, static_cast<std::uint16_t>(conversation % 1000)};
        const Endpoint high{address, static_cast<std::uint16_t>(1000 + conversation / 1000)};
        return numbers.relate(low, high, 5, 77, false).ack;
    };
    CHECK(ack_of(0) == 77);
    for (std::size_t i = 1; i < TcpdumpNumbers::kGeneration; ++i) {
        ack_of(i);
    }
    CHECK(ack_of(0) == 1);
    for (std::size_t i = 1; i <= 2 * TcpdumpNumbers::kGeneration; ++i) {
        ack_of(TcpdumpNumbers::kGeneration + i);
    }
    CHECK(ack_of(0) == 77);
}

TEST_CASE("Lines come in the order of their stamps") {
    Screen screen(untimed());
    const auto marked = [](Seq seq) { return Wire{.flags = flag::kSyn, .seq = seq}; };
    const auto seqs = [&screen] {
        std::string result;
        const std::string lines = screen.take();
        for (std::size_t at = 0; (at = lines.find("seq ", at)) != std::string::npos; at += 4) {
            result += lines[at + 4];
        }
        return result;
    };
    screen.view.entry(entry_at(10, 100, marked(1)));
    screen.view.entry(entry_at(20, 30, marked(2)));
    CHECK(seqs().empty());
    screen.view.entry(entry_at(40, marked(3)));  // nobody receives it
    CHECK(seqs() == "23");
    SUBCASE("another entry lets go of what is due") {
        Entry state;
        state.time = 100;
        state.body = StateEntry{};
        screen.view.entry(state);
        CHECK(seqs() == "1");
    }
    SUBCASE("so does time itself") {
        screen.view.advance(99);
        CHECK(seqs().empty());
        screen.view.advance(100);
        CHECK(seqs() == "1");
    }
    SUBCASE("and the end of all") {
        screen.view.entry(entry_at(50, 100, marked(4)));
        screen.view.entry(entry_at(60, 90, marked(5)));
        screen.view.end();
        CHECK(seqs() == "514");
    }
}

TEST_CASE("A segment is stamped when it is received, else when it is sent") {
    const TimeZone utc("UTC");
    Screen screen;
    screen.view.entry(entry_at(1'000'000, 2'000'999, Wire{}));
    screen.view.end();
    CHECK(screen.take().starts_with("02:40:00.002000 IP"));
    CHECK(screen.print(entry_at(3'000'000, Wire{})).starts_with("02:40:00.003000 IP"));
}

TEST_CASE("Entries that are no segments print nothing") {
    Screen screen;
    for (const auto& body :
         {decltype(Entry::body)(StateEntry{}), decltype(Entry::body)(LostEntry{}),
          decltype(Entry::body)(NoteEntry{})}) {
        Entry entry;
        entry.body = body;
        CHECK(screen.print(entry).empty());
    }
}

TEST_CASE("Each style of time is tcpdump's") {
    const TimeZone india("IST-5:30");
    Format format;
    const auto times = [&format](std::initializer_list<MonoNs> stamps) {
        Screen screen(format);
        std::vector<std::string> result;
        for (const MonoNs stamp : stamps) {
            const std::string line = screen.print(entry_at(stamp, Wire{}));
            result.push_back(line.substr(0, line.find("IP ")));
        }
        return result;
    };
    using Times = std::vector<std::string>;
    constexpr MonoNs kSecond = 1'000'000'000;
    constexpr MonoNs kHour = 3600 * kSecond;
    SUBCASE("default: local time") {
        CHECK(times({999, 59 * kSecond}) == Times{"08:10:00.000000 ", "08:10:59.000000 "});
    }
    SUBCASE("-t: none") {
        format.time = TimeStyle::kNone;
        CHECK(times({0}) == Times{""});
    }
    SUBCASE("-tt: since 1970") {
        format.time = TimeStyle::kEpoch;
        CHECK(times({1'234'567}) == Times{"1500000000.001234 "});
    }
    SUBCASE("-ttt: since the previous row, which may be later") {
        format.time = TimeStyle::kDelta;
        CHECK(times({500, 25 * kHour, 25 * kHour - 1}) ==
              Times{" 00:00:00.000000 ", " 01:00:00.000000 ", "-00:00:00.000001 "});
    }
    SUBCASE("-tttt: with the date") {
        format.time = TimeStyle::kDate;
        CHECK(times({0, 16 * kHour}) ==
              Times{"2017-07-14 08:10:00.000000 ", "2017-07-15 00:10:00.000000 "});
    }
    SUBCASE("-ttttt: since the first row") {
        format.time = TimeStyle::kSinceFirst;
        CHECK(times({0, kSecond, 61 * kSecond}) ==
              Times{" 00:00:00.000000 ", " 00:00:01.000000 ", " 00:01:01.000000 "});
    }
    SUBCASE("what tcpdump takes for no time") {
        constexpr MonoNs kYear2038 = 2'147'483'648 * kSecond - kWallOffset;
        CHECK(times({kYear2038 - 1, kYear2038, -kWallOffset - 1}) ==
              Times{"08:44:07.999999 ", "[Error converting time] ", "[Error converting time] "});
    }
}

TEST_CASE("Local time follows summer time") {
    const TimeZone berlin("CET-1CEST,M3.5.0,M10.5.0/3");
    constexpr MonoNs kSwitch =
        (1'509'238'800LL * 1'000'000'000) - kWallOffset;  // 2017-10-29 01:00 UTC
    Screen screen;
    CHECK(screen.print(entry_at(kSwitch - 1, Wire{})).starts_with("02:59:59.999999 "));
    CHECK(screen.print(entry_at(kSwitch, Wire{})).starts_with("02:00:00.000000 "));
}

TEST_CASE("-# counts the lines") {
    Format format = untimed();
    format.number = true;
    Screen screen(format);
    CHECK(screen.print(Wire{}).starts_with("    1  IP 192.0.2.1"));
    for (int i = 2; i < 99'999; ++i) {
        screen.view.entry(entry_at(0, Wire{}));
    }
    screen.take();
    CHECK(screen.print(Wire{}).starts_with("99999  IP"));
    CHECK(screen.print(Wire{}).starts_with("100000  IP"));
}

TEST_CASE("-q tells the length only") {
    Format format = untimed();
    format.quiet = true;
    CHECK(Screen(format).print(Wire{.payload = 26}) ==
          "IP 192.0.2.1.46510 > 198.51.100.2.10000: tcp 26\n");
}

TEST_CASE("-v shows the IPv4 header and judges the checksums") {
    Bytes headers = ipv4_bytes(Wire{});
    constexpr std::size_t kTcpChecksum = 36;
    SUBCASE("wrong ones") {
        CHECK(Screen(verbose()).print(headers) ==
              "IP (tos 0x0, ttl 64, id 4660, offset 0, flags [DF], proto TCP (6), length 40, "
              "bad cksum 0 (->3c65)!)\n"
              "    192.0.2.1.46510 > 198.51.100.2.10000: Flags [.], cksum 0x0000 "
              "(incorrect -> 0xe4de), ack 0, win 512, length 0\n");
    }
    SUBCASE("right ones") {
        put16(headers, 10, 0x3c65);
        put16(headers, kTcpChecksum, 0xe4de);
        CHECK(Screen(verbose()).print(headers) ==
              "IP (tos 0x0, ttl 64, id 4660, offset 0, flags [DF], proto TCP (6), length 40)\n"
              "    192.0.2.1.46510 > 198.51.100.2.10000: Flags [.], cksum 0xe4de (correct), "
              "ack 0, win 512, length 0\n");
    }
    SUBCASE("not that of a payload which is not there") {
        const std::string line = Screen(verbose()).print(Wire{.payload = 1});
        CHECK(line.find("Flags [.], seq 0:1, ack 0, win 512, length 1\n") != std::string::npos);
    }
}

TEST_CASE("IPv4 options are listed") {
    Bytes headers = ipv4_bytes(Wire{});
    const Bytes route{7, 7, 8, 203, 0, 113, 9, 0};  // record route, full
    headers[0] = 0x47;
    headers.insert(headers.begin() + 20, route.begin(), route.end());
    put16(headers, 2, static_cast<std::uint32_t>(headers.size()));
    CHECK(Screen(verbose()).print(headers).find(
              ", length 48, options (RR 203.0.113.9,,EOL), bad") != std::string::npos);
}

TEST_CASE("IPv6 has its own line") {
    const Bytes headers = ipv6_bytes(Wire{.flags = flag::kSyn, .seq = 5});
    CHECK(Screen(untimed()).print(headers) ==
          "IP6 2001:db8::1.46510 > 2001:db8::2.10000: Flags [S], seq 5, win 512, length 0\n");
    CHECK(Screen(verbose()).print(headers) ==
          "IP6 (flowlabel 0x12345, hlim 64, next-header TCP (6) payload length: 20) "
          "2001:db8::1.46510 > 2001:db8::2.10000: Flags [S], cksum 0x0000 (incorrect -> 0x75aa), "
          "seq 5, win 512, length 0\n");
}

TEST_CASE("An aggregate beyond 64 KiB is what tcpdump makes of it") {
    constexpr std::uint32_t kPayload = 100'000;
    SUBCASE("IPv4: the header tells no length") {
        Bytes headers = ipv4_bytes(Wire{});
        put16(headers, 2, 0);
        CHECK(Screen(untimed()).print(headers, kPayload) == "IP bad-len 0\n");
    }
    SUBCASE("IPv6 without a jumbo option: nor does this one") {
        Bytes headers = ipv6_bytes(Wire{});
        put16(headers, 4, 0);
        CHECK(Screen(untimed()).print(headers, kPayload) ==
              "IP6 2001:db8::1 > 2001:db8::2: [|tcp]\n");
    }
    SUBCASE("IPv6 with one") {
        Bytes headers = ipv6_bytes(Wire{});
        Bytes jumbo{6, 0, 0xc2, 4, 0, 0, 0, 0};  // next TCP, 8 bytes; jumbo payload option
        put32(jumbo, 4, 8 + 20 + kPayload);
        put16(headers, 4, 0);
        headers[6] = 0;
        headers.insert(headers.begin() + 40, jumbo.begin(), jumbo.end());
        CHECK(Screen(untimed()).print(headers, kPayload) ==
              "IP6 2001:db8::1 > 2001:db8::2: HBH 46510 > 10000: Flags [.], seq 0:100000, ack 0, "
              "win 512, length 100000\n");
    }
}

TEST_CASE("Options print as tcpdump prints them") {
    CHECK(options_text({1, 1, 0, 0}) == "nop,nop,eol");
    CHECK(options_text({34, 2, 1, 1}) == "tfo  cookiereq,nop,nop");
    CHECK(options_text({34, 6, 1, 2, 3, 4, 1, 1}) == "tfo  cookie 01020304,nop,nop");
    CHECK(options_text({254, 4, 0xf9, 0x89}) == "exp-tfo cookiereq");
    CHECK(options_text({253, 4, 0xab, 0xcd}) == "unknown-253 0xabcd");
    CHECK(options_text({28, 4, 0x00, 0x0b}) == "uto 0xb 300");
    CHECK(options_text({19, 18, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 1, 1}) ==
          "md5 shared secret not supplied with -M, can't check - "
          "0102030405060708090a0b0c0d0e0f10,nop,nop");
    CHECK(options_text({30, 12, 0x01, 0x81, 1, 2, 3, 4, 5, 6, 7, 8}, flag::kSyn) ==
          "mptcp 12 capable v1 csum {0x102030405060708}");
    CHECK(options_text({30, 12, 0x20, 0x04, 0, 0, 0, 1, 0, 0, 0, 2, 0, 3, 1, 1, 1, 1, 1, 1}) ==
          "mptcp 12 dss seq 1 subseq 2[bad opt]");
}

TEST_CASE("Malformed options end or mark the row as in tcpdump") {
    CHECK(options_text({2, 0, 1, 1}) == "[bad opt]");        // a length of 0
    CHECK(options_text({1, 2, 9, 1}) == "nop,[bad opt]]");   // longer than the header
    CHECK(options_text({2, 3, 5, 1}) == "mss 1281[len 3]");  // too short for its kind
    CHECK(options_text({1, 1, 2, 2}) ==
          "nop,nop,mss[bad opt]]");  // so short that it leaves the header
    CHECK(options_text({5, 4, 0, 0}) == "sack invalid sack");
    CHECK(options_text({3, 4, 7, 0}) == "wscale 7[len 4],eol");
    CHECK(options_text({1, 1, 1, 8}) == "nop,nop,nop, [|tcp]");  // without its length
    CHECK(options_text({30, 2, 1, 1}) == "mptcp[bad opt]");
}

TEST_CASE("Lying lengths are told") {
    Bytes headers = ipv4_bytes(Wire{.options = {1, 1, 1, 1}});
    const auto with_total = [&headers](std::uint32_t total) {
        put16(headers, 2, total);
        return Screen(untimed()).print(headers);
    };
    CHECK(with_total(10) == "IP bad-len 10\n");
    CHECK(with_total(22) == "IP 192.0.2.1 > 198.51.100.2: [|tcp]\n");
    CHECK(with_total(30) == "IP 192.0.2.1.46510 > 198.51.100.2.10000:  [|tcp]\n");
    CHECK(with_total(42) ==
          "IP 192.0.2.1.46510 > 198.51.100.2.10000: Flags [.] "
          "[bad hdr length 24 - too long, > 22]\n");
    CHECK(with_total(50) ==
          "IP truncated-ip - 6 bytes missing! 192.0.2.1.46510 > "
          "198.51.100.2.10000: Flags [.], seq 0:6, ack 0, win 512, options "
          "[nop,nop,nop,nop], length 6\n");
}

TEST_CASE("Well-known ports get tcpdump's remark, without any payload to look at") {
    Bytes headers = ipv4_bytes(Wire{.payload = 73});
    put16(headers, 22, 80);
    CHECK(Screen(untimed()).print(headers, 73).ends_with(", length 73: HTTP\n"));
    CHECK(Screen(untimed())
              .print(Wire{.flags = flag::kRst, .payload = 31})
              .ends_with(", length 31\n"));
    CHECK(Screen(verbose())
              .print(Wire{.flags = flag::kRst, .payload = 31})
              .ends_with(", length 31 [!RST+ ]\n"));
}

TEST_CASE("Headers cut at any length make one row, and no fault") {
    Wire wire{.options = {2, 4, 5, 0xb4, 4, 2, 30, 12, 0x20, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0}};
    for (const Bytes& headers : {ipv4_bytes(wire), ipv6_bytes(wire)}) {
        for (std::size_t captured = 0; captured <= headers.size(); ++captured) {
            const std::string row = Screen(untimed()).print(headers, 9, captured);
            CHECK(std::count(row.begin(), row.end(), '\n') == 1);
            CHECK(row.ends_with('\n'));
        }
    }
}

TEST_CASE("The longest row fits") {
    Bytes headers = ipv6_bytes(Wire{});
    Bytes pads(96, 0);  // next header, length, and options of one byte: Pad1
    pads[0] = 6;
    pads[1] = 11;
    headers[6] = 60;
    put16(headers, 4, 96 + 20);
    headers.insert(headers.begin() + 40, pads.begin(), pads.end());
    const std::string row = Screen(verbose()).print(headers);
    CHECK(row.size() > 94 * 6);
    CHECK(row.ends_with(", ack 0, win 512, length 0\n"));
}

}  // namespace

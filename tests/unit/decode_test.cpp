// SPDX-License-Identifier: MIT
#include "capture/decode.h"

#include <doctest/doctest.h>

#include <cstring>
#include <sstream>
#include <vector>

#include <sys/syscall.h>

#include "bpf/events.h"

namespace tcpladder::test {
namespace {

constexpr auto kSymbols =
    "ffffffff81000000 T __tcp_close\n"
    "ffffffff81000100 t tcp_rcv_state_process.isra.0\n"
    "ffffffff81000200 T unrelated\n"
    "ffffffffc0000000 t module_function\t[module]\n";

const CallChains& chains() {
    static const CallChains instance([](const auto& take) {
        std::istringstream lines(kSymbols);
        for (std::string line; std::getline(lines, line);)
            take(line);
    });
    return instance;
}
const EnumNames kReasons = {"NOT_SPECIFIED", "", "NO_SOCKET"};
const EnumNames kDropReasons = {"NOT_SPECIFIED", "TCP_CSUM"};

template <typename Record>
std::vector<std::byte> bytes_of(Record record, std::uint8_t kind, std::size_t extra = 0) {
    auto& header = reinterpret_cast<tl_header&>(record);
    header.kind = kind;
    header.version = TL_EVENT_VERSION;
    header.size = static_cast<__u16>(sizeof(record) + extra);
    header.ktime_ns = 123;
    header.netns = 7;
    header.cpu = 1;
    std::vector<std::byte> bytes(sizeof(record) + extra);
    std::memcpy(bytes.data(), &record, sizeof(record));
    return bytes;
}

tl_tuple tuple() {
    tl_tuple result{};
    result.family = 2;
    const std::uint8_t local[] = {192, 0, 2, 1};
    const std::uint8_t remote[] = {198, 51, 100, 2};
    std::memcpy(result.local, local, 4);
    std::memcpy(result.remote, remote, 4);
    result.local_port = 1234;
    result.remote_port = 80;
    return result;
}

std::vector<std::byte> segment_bytes() {
    tl_segment record{};
    // clang-format off
    const std::uint8_t packet[] = {
        // IPv4: 40 bytes, TCP, 192.0.2.1 > 198.51.100.2
        0x45, 0, 0, 40,  0, 1, 0x40, 0,  64, 6, 0, 0,  192, 0, 2, 1,  198, 51, 100, 2,
        // TCP: 1234 > 80, seq 1, ack 2, data offset 5, SYN+ACK, window 512
        0x04, 0xd2, 0, 80,  0, 0, 0, 1,  0, 0, 0, 2,  0x50, 0x12, 2, 0,  0, 0, 0, 0};
    // clang-format on
    std::memcpy(record.headers, packet, sizeof(packet));
    record.captured = sizeof(packet);
    record.length = 40;
    record.direction = TL_SENT;
    record.sk_state = 3;
    return bytes_of(record, TL_SEGMENT);
}

std::vector<std::byte> state_bytes(std::size_t depth, std::uint32_t syscall = TL_NO_SYSCALL) {
    tl_state record{};
    record.tuple = tuple();
    std::memcpy(record.task.comm, "a\nb", 3);
    record.task.flags = TL_TASK_EXITING;
    record.old_state = 1;
    record.new_state = 4;
    record.depth = static_cast<__u8>(depth);
    record.syscall = syscall;
    auto bytes = bytes_of(record, TL_STATE, depth * 8);
    const std::uint64_t close = 0xffffffff81000010;
    for (std::size_t i = 0; i < depth; ++i)
        std::memcpy(bytes.data() + sizeof(record) + i * 8, &close, 8);
    return bytes;
}

std::string_view decode(const std::vector<std::byte>& bytes, Event& event) {
    return Decoder(chains(), kReasons, kDropReasons).decode(bytes, event);
}

TEST_CASE("a segment record becomes a segment with its headers") {
    Event event;
    REQUIRE(decode(segment_bytes(), event) == "");
    const auto& segment = std::get<Segment>(event.body);
    CHECK(event.time == 123);
    CHECK(event.netns == 7);
    CHECK(segment.sent);
    CHECK(segment.sk_state == TcpState::kSynRecv);
    CHECK(to_string(segment.tcp.source) == "192.0.2.1:1234");
    CHECK(segment.tcp.flags == (tcp_flag::kSyn | tcp_flag::kAck));
    CHECK(segment.tcp.payload == 0);
    CHECK(segment.captured == 40);
}

TEST_CASE("a state record tells the transition, the task and the origin") {
    Event event;
    REQUIRE(decode(state_bytes(2), event) == "");
    const auto& change = std::get<StateChange>(event.body);
    CHECK(change.from == TcpState::kEstablished);
    CHECK(change.to == TcpState::kFinWait1);
    CHECK(change.via == Via::kClose);
    CHECK(change.task.exiting);
    CHECK(change.task.name() == "a\nb");
    REQUIRE(decode(state_bytes(0), event) == "");
    CHECK(std::get<StateChange>(event.body).via == Via::kNotTaken);
}

TEST_CASE("where no call chain was taken, the system call tells how a FIN came about") {
    Event event;
    REQUIRE(decode(state_bytes(0, SYS_shutdown), event) == "");
    CHECK(std::get<StateChange>(event.body).via == Via::kShutdown);
    REQUIRE(decode(state_bytes(0, SYS_close), event) == "");
    CHECK(std::get<StateChange>(event.body).via == Via::kClose);
    REQUIRE(decode(state_bytes(1, SYS_shutdown), event) == "");
    CHECK(std::get<StateChange>(event.body).via == Via::kClose);  // the chain knows better
}

TEST_CASE("a reset's reason is the running kernel's name for its number") {
    tl_reset record{};
    record.tuple = tuple();
    record.direction = TL_SENT;
    record.has_reason = 1;
    Event event;
    record.reason = 2;
    REQUIRE(decode(bytes_of(record, TL_RESET), event) == "");
    CHECK(std::string(std::get<Reset>(event.body).reason.data()) == "NO_SOCKET");
    record.reason = 4000;
    REQUIRE(decode(bytes_of(record, TL_RESET), event) == "");
    CHECK(std::string(std::get<Reset>(event.body).reason.data()).empty());
}

TEST_CASE("a dropped segment is known by its headers and the running kernel's reason") {
    tl_drop record{};
    const std::array<std::uint8_t, 40> packet = {
        0x45, 0,    0,    50,   0, 0, 0x40, 0, 64, 6, 0, 0, 127,  0,    0, 1, 127, 0, 0, 2,  // IPv4
        0xb5, 0xae, 0x27, 0x10, 0, 0, 0,    7, 0,  0, 0, 9, 0x50, 0x18, 2, 0, 0,   0, 0, 0};
    std::copy(packet.begin(), packet.end(), record.headers);
    record.captured = packet.size();
    record.length = 50;
    record.skb = 0xabc;
    record.reason = 1;
    Event event;
    REQUIRE(decode(bytes_of(record, TL_DROP), event) == "");
    const auto& drop = std::get<Drop>(event.body);
    CHECK(to_string(drop.ends.local.address) == "127.0.0.1");
    CHECK(drop.ends.local.port == 46510);
    CHECK(drop.ends.remote.port == 10000);
    CHECK(drop.seq == 7);
    CHECK(drop.ack == 9);
    CHECK(drop.payload == 10);
    CHECK(drop.flags == (tcp_flag::kPsh | tcp_flag::kAck));
    CHECK(drop.skb == 0xabc);
    CHECK(std::string(drop.reason.data()) == "TCP_CSUM");
    record.captured = 39;
    CHECK(decode(bytes_of(record, TL_DROP), event) == "drop record holds no whole TCP header");
    record.captured = 255;
    CHECK_FALSE(decode(bytes_of(record, TL_DROP), event).empty());
}

TEST_CASE("an IPv4-mapped address is IPv4") {
    tl_owner record{};
    record.tuple = tuple();
    record.tuple.family = 10;
    const std::uint8_t mapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 9};
    std::memcpy(record.tuple.local, mapped, 16);
    record.how = TL_OWNER_USE;
    Event event;
    REQUIRE(decode(bytes_of(record, TL_OWNER), event) == "");
    CHECK(to_string(std::get<Owner>(event.body).ends.local) == "192.0.2.9:1234");
}

TEST_CASE("a record cut at any length is refused, never read past its end") {
    for (const auto& whole : {segment_bytes(), state_bytes(3)}) {
        for (std::size_t length = 0; length < whole.size(); ++length) {
            std::vector<std::byte> cut(whole.begin(),
                                       whole.begin() + static_cast<std::ptrdiff_t>(length));
            if (length >= sizeof(tl_header))
                reinterpret_cast<tl_header*>(cut.data())->size = static_cast<__u16>(length);
            Event event;
            const auto problem = decode(cut, event);
            const bool padding = cut.size() >= offsetof(tl_segment, headers) + 40;
            if (!padding)
                CHECK_FALSE(problem.empty());
        }
    }
}

TEST_CASE("records that lie about themselves are refused in words") {
    Event event;
    auto bytes = segment_bytes();
    bytes[offsetof(tl_segment, captured)] = std::byte{255};
    CHECK(decode(bytes, event) == "segment record claims more header bytes than it has");
    bytes = state_bytes(1);
    bytes[offsetof(tl_state, depth)] = std::byte{9};
    CHECK(decode(bytes, event) == "state record claims a deeper call chain than it has");
    bytes = segment_bytes();
    reinterpret_cast<tl_header*>(bytes.data())->kind = 99;
    CHECK(decode(bytes, event) == "record of an unknown kind");
    reinterpret_cast<tl_header*>(bytes.data())->version = 99;
    CHECK(decode(bytes, event) == "record of another version");
    reinterpret_cast<tl_header*>(bytes.data())->version = TL_EVENT_VERSION;
    reinterpret_cast<tl_header*>(bytes.data())->size = 8;
    CHECK(decode(bytes, event) == "record of another size than it says");
}

TEST_CASE("a state number that Linux does not have is unknown, not a crash") {
    auto bytes = state_bytes(0);
    bytes[offsetof(tl_state, new_state)] = std::byte{200};
    Event event;
    REQUIRE(decode(bytes, event) == "");
    CHECK(std::get<StateChange>(event.body).to == TcpState::kUnknown);
}

}  // namespace
}  // namespace tcpladder::test

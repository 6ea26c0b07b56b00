// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "model/entry.h"

namespace tcpladder::test {

inline constexpr std::uint32_t kLabNetns = 4026531840;
inline constexpr Seq kClientIsn = 3326910621;
inline constexpr Seq kServerIsn = 3221488186;

inline Task task(std::uint32_t pid, std::string_view comm) {
    Task result;
    result.pid = result.tid = pid;
    std::copy_n(comm.begin(), std::min(comm.size(), result.comm.size()), result.comm.begin());
    return result;
}

inline Endpoint endpoint(std::string_view address, std::uint16_t port) {
    return {parse_address(address), port};
}

inline TraceInfo trace_info() {
    TraceInfo info;
    info.hosts = {"lab"};
    info.wall_offset = 1'053'982'720'000'000'000 - 5'000'000'000'000;  // 2003-05-26 20:58:40 UTC
    return info;
}

/// The entries of daytime conversations on loopback, as the model makes them:
/// the client connects, the server sends 26 bytes and closes first.
class DaytimeEntries {
public:
    /// Appends one conversation of 20 entries.
    void converse(std::uint16_t client_port = 46510) {
        const Endpoint client_end = endpoint("127.0.0.1", client_port);
        const Endpoint server_end = endpoint("127.0.0.1", 10000);
        ++connection_;
        client_ = add_side(client_end, server_end, Role::kClient, task(5463, "daytime-client"));
        server_ = add_side(server_end, client_end, Role::kServer, task(5461, "daytime-server"));
        sides_[sides_.size() - 2].peer = server_;
        sides_[sides_.size() - 1].peer = client_;
        open();
        transfer();
        close();
    }

    const std::vector<Entry>& entries() const { return entries_; }

private:
    struct Numbers {
        std::uint32_t rel_seq = 0;
        std::uint32_t rel_ack = 0;
        std::uint32_t payload = 0;
    };

    const Side* add_side(const Endpoint& local, const Endpoint& remote, Role role,
                         const Task& owner) {
        const std::uint64_t id = sides_.size() + 1;
        sides_.push_back({kLabNetns, local, remote, role, owner, connection_, 1, id});
        return &sides_.back();
    }

    void open() {
        using enum TcpState;
        state(0, client_, kClose, kSynSent, {CauseType::kCall, "connect()"});
        const auto syn = segment(77'000, client_, tcp_flag::kSyn, {});
        state(7'000, server_, kListen, kSynRecv, {CauseType::kSegment, "rcv SYN", syn}, false);
        const auto syn_ack = segment(21'000, server_, tcp_flag::kSyn | tcp_flag::kAck, {0, 1});
        state(10'000, client_, kSynSent, kEstablished,
              {CauseType::kSegment, "rcv SYN+ACK", syn_ack});
        const auto ack = segment(3'000, client_, tcp_flag::kAck, {1, 1});
        state(3'000, server_, kSynRecv, kEstablished, {CauseType::kSegment, "rcv ACK", ack});
    }

    void transfer() {
        segment(200'000'000, server_, tcp_flag::kPsh | tcp_flag::kAck, {1, 1, 26});
        segment(20'000, client_, tcp_flag::kAck, {1, 27});
    }

    void close() {
        using enum TcpState;
        constexpr std::uint16_t kFinAck = tcp_flag::kFin | tcp_flag::kAck;
        state(200'000'000, server_, kEstablished, kFinWait1, {CauseType::kCall, "close()"});
        const auto first = segment(4'000, server_, kFinAck, {27, 1});
        state(9'000, client_, kEstablished, kCloseWait, {CauseType::kSegment, "rcv FIN", first});
        const auto ack = segment(2'000, client_, tcp_flag::kAck, {1, 28});
        state(6'000, server_, kFinWait1, kFinWait2, {CauseType::kSegment, "rcv ACK", ack});
        state(30'000, client_, kCloseWait, kLastAck, {CauseType::kCall, "close()"});
        const auto second = segment(4'000, client_, kFinAck, {1, 28});
        state(8'000, server_, kFinWait2, kTimeWait, {CauseType::kSegment, "rcv FIN", second});
        const auto last = segment(2'000, server_, tcp_flag::kAck, {28, 2});
        state(7'000, client_, kLastAck, kClose, {CauseType::kSegment, "rcv ACK", last});
        state(60'000'000'000, server_, kTimeWait, kClose, {CauseType::kTimer, "2MSL timer"});
    }

    std::uint64_t add(MonoNs after, const Side* side, const decltype(Entry::body)& body) {
        now_ += after;
        entries_.push_back({entries_.size() + 1, now_, side, body});
        return entries_.size();
    }

    void state(MonoNs after, const Side* side, TcpState from, TcpState to, const Cause& cause,
               bool observed = true) {
        StateEntry entry{from, to, observed, cause, std::nullopt};
        if (from != TcpState::kClose && from != TcpState::kListen) {
            entry.in_state_ns = after + 100'000;
        }
        add(after, side, entry);
    }

    std::uint64_t segment(MonoNs after, const Side* side, std::uint16_t flags,
                          const Numbers& numbers) {
        const bool from_client = side->role == Role::kClient;
        SegmentEntry entry;
        entry.sent = now_ + after;
        entry.received = now_ + after + 7'000;
        entry.tcp.source = side->local;
        entry.tcp.destination = side->remote;
        entry.tcp.seq = (from_client ? kClientIsn : kServerIsn) + numbers.rel_seq;
        entry.tcp.flags = flags;
        if (entry.tcp.has(tcp_flag::kAck)) {
            entry.tcp.ack = (from_client ? kServerIsn : kClientIsn) + numbers.rel_ack;
        }
        entry.tcp.payload = numbers.payload;
        entry.relative_known = true;
        entry.rel_seq = numbers.rel_seq;
        entry.rel_ack = numbers.rel_ack;
        set_window(entry);
        set_options(entry);
        return add(after, side, entry);
    }

    static void set_window(SegmentEntry& entry) {
        const bool syn = entry.tcp.has(tcp_flag::kSyn);
        entry.tcp.window = syn ? 65495 : 512;
        entry.window_scaled = syn ? 65495 : 65536;
    }

    /// What Linux sends on loopback, in its order.
    static void set_options(SegmentEntry& entry) {
        if (entry.tcp.has(tcp_flag::kSyn)) {
            put_options(entry, {2, 4, 0xff, 0xd7, 4, 2, 8, 10, 0xc7, 0x5a, 0x2f, 0x11,  //
                                0, 0, 0,    0,    1, 3, 3, 7});
        } else {
            put_options(entry, {1, 1, 8, 10, 0xc7, 0x5a, 0x2f, 0x11, 0xc7, 0x5a, 0x2f, 0x11});
        }
    }

public:
    /// Makes `options` the options of an IPv4 segment. Only they are in the header bytes.
    static void put_options(SegmentEntry& entry, std::initializer_list<std::uint8_t> options) {
        constexpr std::size_t kBefore = 40;
        entry.headers.fill(0);
        std::copy(options.begin(), options.end(), entry.headers.begin() + kBefore);
        entry.tcp.ip_bytes = 20;
        entry.tcp.header_bytes = static_cast<std::uint16_t>(kBefore + options.size());
        entry.captured = entry.tcp.header_bytes;
        entry.length = entry.captured + entry.tcp.payload;
    }

private:
    std::deque<Side> sides_;  // entries point to them
    std::vector<Entry> entries_;
    const Side* client_ = nullptr;
    const Side* server_ = nullptr;
    std::uint32_t connection_ = 0;
    MonoNs now_ = 5'000'123'456'789;
};

}  // namespace tcpladder::test

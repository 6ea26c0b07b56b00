// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <functional>
#include <string_view>
#include <vector>

#include "daytime_entries.h"

namespace tcpladder::test {

/// One conversation as rows of the timeline, put together by hand: for what the
/// rows mean, not for how the model makes them. Numbers are relative.
class Story {
public:
    static constexpr std::uint16_t kAck = tcp_flag::kAck;
    static constexpr std::uint16_t kSyn = tcp_flag::kSyn;
    static constexpr std::uint16_t kSynAck = tcp_flag::kSyn | tcp_flag::kAck;
    static constexpr std::uint16_t kData = tcp_flag::kPsh | tcp_flag::kAck;
    static constexpr std::uint16_t kFin = tcp_flag::kFin | tcp_flag::kAck;
    static constexpr std::uint16_t kRst = tcp_flag::kRst;
    static constexpr std::uint16_t kRstAck = tcp_flag::kRst | tcp_flag::kAck;

    struct Numbers {
        std::uint32_t seq = 0;
        std::uint32_t ack = 0;
        std::uint32_t payload = 0;
    };
    using Change = std::function<void(SegmentEntry&)>;

    explicit Story(std::uint32_t connection = 1) {
        const auto client_end = endpoint("192.0.2.1", 46510);
        const auto server_end = endpoint("192.0.2.2", 10000);
        const std::uint64_t id = 2 * std::uint64_t{connection};
        client = {.netns = kLabNetns,
                  .local = client_end,
                  .remote = server_end,
                  .role = Role::kClient,
                  .owner = task(5463, "daytime-client"),
                  .connection = connection,
                  .revision = 1,
                  .id = id};
        server = {.netns = kLabNetns,
                  .local = server_end,
                  .remote = client_end,
                  .role = Role::kServer,
                  .owner = task(5461, "daytime-server"),
                  .connection = connection,
                  .revision = 1,
                  .id = id + 1};
    }
    Story(const Story&) = delete;
    Story& operator=(const Story&) = delete;

    Side client;
    Side server;
    std::vector<Entry> rows;
    MonoNs now = 5'000'000'000'000;

    std::uint64_t segment(const Side& from, std::uint16_t flags, const Numbers& numbers,
                          const Change& change = {}) {
        const bool from_client = &from == &client;
        SegmentEntry row;
        row.sent = now + kStep;
        row.received = now + kStep + 10'000;
        row.tcp.source = from.local;
        row.tcp.destination = from.remote;
        row.tcp.flags = flags;
        row.tcp.seq = (from_client ? kClientIsn : kServerIsn) + numbers.seq;
        if (row.tcp.has(kAck)) {
            row.tcp.ack = (from_client ? kServerIsn : kClientIsn) + numbers.ack;
        }
        row.tcp.payload = numbers.payload;
        row.tcp.window = 512;
        row.window_scaled = row.tcp.has(kSyn) ? 512U : 65536U;
        row.relative_known = true;
        row.rel_seq = numbers.seq;
        row.rel_ack = numbers.ack;
        row.headers.fill(0);
        if (change) {
            change(row);
        }
        return add(&from, row);
    }

    std::uint64_t state(const Side& whose, TcpState from, TcpState to, const Cause& cause,
                        bool observed = true) {
        return add(&whose, StateEntry{from, to, observed, cause, {}});
    }

    std::uint64_t add(const Side* side, const decltype(Entry::body)& body) {
        now += kStep;
        rows.push_back({rows.size() + 1, now, side, body});
        return rows.size();
    }

    /// The handshake, without state changes: three rows.
    void opens() {
        segment(client, kSyn, {0, 0, 0});
        segment(server, kSynAck, {0, 1, 0});
        segment(client, kAck, {1, 1, 0});
    }

private:
    static constexpr MonoNs kStep = 100'000;
};

inline Story::Change note(std::initializer_list<Note> notes, std::uint64_t acks = 0,
                          std::uint64_t copy_of = 0) {
    const std::vector<Note> kept = notes;
    return [kept, acks, copy_of](SegmentEntry& row) {
        for (const Note each : kept) {
            row.notes.add(each);
        }
        row.acks = acks;
        row.copy_of = copy_of;
    };
}
inline Story::Change acks(std::uint64_t n) {
    return note({}, n);
}
inline Story::Change options(std::initializer_list<std::uint8_t> bytes) {
    const std::vector<std::uint8_t> kept = bytes;
    return [kept](SegmentEntry& row) {
        std::copy(kept.begin(), kept.end(), row.headers.begin() + 40);
        row.tcp.ip_bytes = 20;
        row.tcp.header_bytes = static_cast<std::uint16_t>(40 + kept.size());
        row.captured = row.tcp.header_bytes;
    };
}

inline Cause by_call(std::string_view what) {
    return {CauseType::kCall, what, 0};
}
inline Cause by_segment(std::string_view what, std::uint64_t n) {
    return {CauseType::kSegment, what, n};
}
inline Cause by_timer(std::string_view what) {
    return {CauseType::kTimer, what, 0};
}

}  // namespace tcpladder::test

// SPDX-License-Identifier: MIT
// Events as the kernel would send them, built by hand, and the rows that the
// model makes of them, as short texts.
#pragma once

#include <string>
#include <vector>

#include "model/tracker.h"

namespace tcpladder::test {

inline constexpr std::uint32_t kNetns = 4026531833;
inline constexpr std::uint32_t kLoopback = 1;
inline constexpr std::uint32_t kEth = 2;

inline Endpoint at(const std::string& address, std::uint16_t port) {
    return {parse_address(address), port};
}

inline const Endpoint kClient = at("127.0.0.1", 46510);
inline const Endpoint kServer = at("127.0.0.1", 10000);
inline constexpr Seq kJ = 1000;  ///< the client's initial sequence number
inline constexpr Seq kK = 9000;  ///< the server's

inline Task task(std::uint32_t pid, const std::string& name) {
    Task result{pid, pid, 1000, {}, false};
    std::copy(name.begin(), name.end(), result.comm.begin());
    return result;
}
inline const Task kClientTask = task(5463, "daytime-client");
inline const Task kServerTask = task(5461, "daytime-server");

/// One segment; `sent` and `skb` are for the hook that sees it.
struct Wire {
    Endpoint from;
    Endpoint to;
    std::uint16_t flags = tcp_flag::kAck;
    Seq seq = 0;
    Seq ack = 0;
    std::uint32_t payload = 0;
    std::uint32_t ifindex = kLoopback;
    std::uint64_t skb = 0;
    std::uint64_t cookie = 0;
    TcpState sk_state = TcpState::kEstablished;
    TcpState tw_substate = TcpState::kUnknown;
    std::uint16_t window = 512;
};

inline Segment segment(const Wire& wire, bool sent) {
    Segment result;
    result.sent = sent;
    result.ifindex = wire.ifindex;
    result.skb = wire.skb;
    if (sent) {
        result.cookie = wire.cookie;
        result.sk_state = wire.sk_state;
        result.tw_substate = wire.tw_substate;
    }
    result.tcp.source = wire.from;
    result.tcp.destination = wire.to;
    result.tcp.seq = wire.seq;
    result.tcp.ack = wire.ack;
    result.tcp.flags = wire.flags;
    result.tcp.payload = wire.payload;
    result.tcp.window = wire.window;
    result.tcp.ip_bytes = 20;
    result.tcp.header_bytes = 40;
    result.length = 40 + wire.payload;
    result.captured = 40;
    result.headers.fill(0);
    return result;
}

/// Collects rows as texts such as `server LISTEN>SYN_RECV rcv SYN #3`.
class Rows : public EntrySink {
public:
    void entry(const Entry& entry) override;
    std::vector<std::string> texts;
    std::vector<Entry> entries;  ///< their sides are copied to `sides`
    std::vector<Side> sides;
    std::vector<ConnectionSummary> summaries;  ///< no rows; without their ends

    bool has(const std::string& text) const {
        return std::find(texts.begin(), texts.end(), text) != texts.end();
    }
};

/// A stream of events into a tracker, 10 us apart unless told otherwise.
class Kernel {
public:
    explicit Kernel(bool timers = true, ConnectionFilter filter = {})
        : Kernel(info(timers), filter) {}
    explicit Kernel(const TraceInfo& info, ConnectionFilter filter = {})
        : tracker(rows, info, filter), timers_(info.timers) {}

    MonoNs now = 1'000'000'000;
    Rows rows;
    Tracker tracker;
    NetNs netns = kNetns;
    std::uint16_t cpu = 0;

    void add(const decltype(Event::body)& body) {
        now += 10'000;
        tracker.add({now, netns, cpu, body});
    }
    void sent(const Wire& wire) { add(segment(wire, true)); }
    void received(const Wire& wire) { add(segment(wire, false)); }
    /// Over loopback: sent, and received by the same kernel.
    void passes(const Wire& wire) {
        sent(wire);
        received(wire);
    }
    void state(TcpState from, TcpState to, const Endpoint& local, const Endpoint& remote,
               std::uint64_t cookie, const Task& on_cpu, Via via = Via::kNotTaken,
               std::uint32_t error = 0, Seq rcv_nxt = 0);
    void timer(Mini mini, TimerStep step, const Endpoint& local, const Endpoint& remote,
               std::uint64_t cookie = 0, TcpState substate = TcpState::kUnknown);
    void finish() { tracker.finish(); }

    /// The listener's child, as 6.17 and later tell of it.
    void born(std::uint64_t cookie) {
        state(TcpState::kListen, TcpState::kSynRecv, kServer, kClient, cookie, {});
    }
    // Pieces of the daytime conversation. Cookies: listener 1, client 2, child 3.
    void listens();
    void connects();
    void accepts();
    void replies();
    void server_closes();
    void client_closes();

private:
    bool timers_;
    static TraceInfo info(bool timers) {
        TraceInfo result;
        result.timers = timers;
        return result;
    }
};

}  // namespace tcpladder::test

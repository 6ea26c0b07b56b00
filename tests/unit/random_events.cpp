// SPDX-License-Identifier: MIT
#include "random_events.h"

#include <algorithm>
#include <string_view>

namespace tcpladder::test {
namespace {

constexpr std::uint32_t kConversations = 4;
constexpr std::uint32_t kNamespace = 4026531833;

Endpoint at(std::string_view address, std::uint32_t port) {
    return {parse_address(address), static_cast<std::uint16_t>(port)};
}

}  // namespace

SocketEnds RandomEvents::ends(bool of_client) {
    const auto which = below(kConversations);
    const bool v6 = which == 0;
    const auto client = at(v6 ? "2001:db8:1234:5678:9abc:def0:1234:1" : "192.0.2.1", 40000 + which);
    const auto server = at(v6 ? "2001:db8:1234:5678:9abc:def0:1234:2" : "192.0.2.2", 10000);
    return of_client ? SocketEnds{client, server} : SocketEnds{server, client};
}

Task RandomEvents::random_task() {
    Task task;
    task.pid = chance(4) ? 0 : below(chance(2) ? 100 : UINT32_MAX);
    for (char& c : task.comm)
        c = static_cast<char>(random_());
    if (chance(2)) {
        constexpr std::string_view kWide = "\xe6\x99\x82\xe5\x88\xbb\xe6\x99\x82\xe5\x88\xbb";
        task.comm = {};
        std::copy(kWide.begin(), kWide.end(), task.comm.begin());
    }
    return task;
}

// Half of them are receipts of what was sent before.
Segment RandomEvents::random_segment() {
    if (!under_way_.empty() && chance(2)) {
        const auto which = below(static_cast<std::uint32_t>(under_way_.size()));
        Segment segment = under_way_[which];
        under_way_.erase(under_way_.begin() + which);
        segment.sent = false;
        segment.cookie = 0;
        return segment;
    }
    constexpr std::uint16_t kFlags[] = {tcp_flag::kAck,
                                        tcp_flag::kAck | tcp_flag::kPsh,
                                        tcp_flag::kSyn,
                                        tcp_flag::kSyn | tcp_flag::kAck,
                                        tcp_flag::kFin | tcp_flag::kAck,
                                        tcp_flag::kRst};
    const auto of = ends(chance(2));
    Segment segment;
    segment.headers.fill(0);
    segment.sent = !chance(10);
    segment.ifindex = 1 + below(2);
    segment.sk_state = random_state();
    segment.gso_size = static_cast<std::uint16_t>(chance(10) ? below(1500) : 0);
    segment.gso_segs = segment.gso_size == 0 ? std::uint16_t{0} : std::uint16_t{7};
    segment.tcp.source = of.local;
    segment.tcp.destination = of.remote;
    segment.tcp.flags = chance(20) ? static_cast<std::uint16_t>(below(0x200)) : kFlags[below(6)];
    segment.tcp.seq = random_seq();
    segment.tcp.ack = random_seq();
    segment.tcp.payload = chance(2) ? 0 : below(chance(4) ? 1U << 20 : 3000);
    segment.tcp.window = static_cast<std::uint16_t>(chance(8) ? 0 : below(65536));
    segment.tcp.ip_bytes = 20;
    segment.tcp.header_bytes = 40;
    segment.captured = 40;
    segment.length = 40 + segment.tcp.payload;
    if (segment.sent && !chance(8))
        under_way_.push_back(segment);
    return segment;
}

StateChange RandomEvents::random_change() {
    StateChange change;
    change.ends = ends(chance(2));
    change.task = random_task();
    change.from = random_state();
    do {
        change.to = random_state();
    } while (change.to == change.from);
    if (change.from == TcpState::kListen || change.to == TcpState::kListen)
        change.ends.remote = {};
    change.via = static_cast<Via>(below(13));
    change.error = chance(4) ? 110 : 0;
    return change;
}

decltype(Event::body) RandomEvents::random_body() {
    const auto of = ends(chance(2));
    switch (below(12)) {
        case 0:
        case 1:
        case 2:
            return random_change();
        case 3: {
            Retransmit retransmit;
            retransmit.ends = of;
            retransmit.seq = random_seq();
            retransmit.end = retransmit.seq + below(2000);
            retransmit.state = random_state();
            retransmit.ca_state = static_cast<std::uint8_t>(below(5));
            return retransmit;
        }
        case 4: {
            Reset reset;
            reset.ends = of;
            reset.sent = chance(2);
            std::generate(reset.reason.begin(), reset.reason.end(),
                          [this] { return static_cast<char>(random_()); });
            return reset;
        }
        case 5: {
            MiniState mini;
            mini.ends = of;
            mini.mini = chance(2) ? Mini::kRequest : Mini::kTimeWait;
            mini.step = static_cast<TimerStep>(1 + below(3));
            mini.substate = random_state();
            return mini;
        }
        case 6: {
            Owner owner;
            owner.ends = of;
            owner.task = random_task();
            owner.state = random_state();
            return owner;
        }
        case 7:
            if (chance(4))
                return Lost{1 + below(UINT32_MAX), now_ - below(1'000'000)};
            [[fallthrough]];
        default:
            return random_segment();
    }
}

Event RandomEvents::next() {
    now_ += chance(50) ? MonoNs{1'000'000'000} * below(200'000) : below(3'000'000);
    Event event;
    event.time = now_;
    event.netns = kNamespace + below(2);
    event.body = random_body();
    return event;
}

}  // namespace tcpladder::test

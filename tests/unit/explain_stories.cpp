// SPDX-License-Identifier: MIT
#include "explain_stories.h"

namespace tcpladder::test {
namespace {

using enum TcpState;

void opening(Story& s) {
    const auto scale = [](std::uint8_t shift) { return options({3, 3, shift, 0}); };
    s.state(s.server, kClose, kListen, by_call("listen()"));
    s.state(s.client, kClose, kSynSent, by_call("connect()"));
    const auto syn = s.segment(s.client, Story::kSyn, {}, scale(6));
    s.state(s.server, kListen, kSynRecv, by_segment("rcv SYN", syn));
    const auto syn_ack = s.segment(s.server, Story::kSynAck, {0, 1, 0}, scale(7));
    s.state(s.client, kSynSent, kEstablished, by_segment("rcv SYN+ACK", syn_ack));
    const auto ack = s.segment(s.client, Story::kAck, {1, 1, 0}, acks(syn_ack));
    s.state(s.server, kSynRecv, kEstablished, by_segment("rcv ACK", ack));
}

void four_segments(Story& s) {
    opening(s);
    s.state(s.client, kEstablished, kFinWait1, by_call("close()"));
    const auto first = s.segment(s.client, Story::kFin, {1, 1, 0});
    s.state(s.server, kEstablished, kCloseWait, by_segment("rcv FIN", first));
    const auto ack = s.segment(s.server, Story::kAck, {1, 2, 0}, acks(first));
    s.state(s.client, kFinWait1, kFinWait2, by_segment("rcv ACK of FIN", ack));
    s.state(s.server, kCloseWait, kLastAck, by_call("close()"));
    const auto second = s.segment(s.server, Story::kFin, {1, 2, 0});
    s.state(s.client, kFinWait2, kTimeWait, by_segment("rcv FIN", second));
    const auto last = s.segment(s.client, Story::kAck, {2, 2, 0}, acks(second));
    s.state(s.server, kLastAck, kClose, by_segment("rcv ACK of FIN", last));
    s.state(s.client, kTimeWait, kClose, by_timer("2MSL"));
    s.state(s.server, kListen, kClose, by_call("exit()"));
}

void three_segments(Story& s) {
    s.opens();
    const auto data = s.segment(s.server, Story::kData, {1, 1, 26});
    s.now += 40'000'000;
    s.segment(s.client, Story::kAck, {1, 27, 0}, acks(data));
    s.state(s.server, kEstablished, kFinWait1, by_call("exit()"));
    const auto more = s.segment(s.server, Story::kFin, {27, 1, 1});
    s.state(s.client, kEstablished, kCloseWait, by_segment("rcv FIN", more));
    s.state(s.client, kCloseWait, kLastAck, by_call("close()"));
    const auto second = s.segment(s.client, Story::kFin, {1, 29, 0}, acks(more));
    s.state(s.server, kFinWait1, kFinWait2, by_segment("rcv ACK of FIN", second));
    s.state(s.server, kFinWait2, kTimeWait, by_segment("rcv FIN", second), false);
    const auto last = s.segment(s.server, Story::kAck, {29, 2, 0}, acks(second));
    s.state(s.client, kLastAck, kClose, by_segment("rcv ACK of FIN", last));
    s.state(s.server, kTimeWait, kClose, by_segment("rcv SYN", 0));
}

void half_close(Story& s) {
    s.opens();
    s.state(s.client, kEstablished, kFinWait1, by_call("shutdown()"));
    const auto fin = s.segment(s.client, Story::kFin, {1, 1, 0});
    const auto ack = s.segment(s.server, Story::kAck, {1, 2, 0}, acks(fin));
    s.state(s.client, kFinWait1, kFinWait2, by_segment("rcv ACK of FIN", ack));
    const auto data = s.segment(s.server, Story::kData, {1, 2, 100});
    s.segment(s.client, Story::kAck, {2, 101, 0}, acks(data));
    s.segment(s.server, Story::kData, {101, 2, 100});
}

void simultaneous_close(Story& s) {
    s.opens();
    s.state(s.client, kEstablished, kFinWait1, by_call("close() or shutdown()"));
    const auto one = s.segment(s.client, Story::kFin, {1, 1, 0});
    const auto two = s.segment(s.server, Story::kFin, {1, 1, 0});
    s.state(s.client, kFinWait1, kClosing, by_segment("rcv FIN", two));
    s.segment(s.client, Story::kAck, {2, 2, 0}, acks(two));
    s.segment(s.server, Story::kAck, {2, 2, 0}, acks(one));
    s.state(s.client, kClosing, kTimeWait, by_segment("rcv ACK of FIN", 7));
    s.state(s.client, kTimeWait, kClose, by_segment("rcv RST", 0));
}

void simultaneous_open(Story& s) {
    s.client.role = s.server.role = Role::kClient;
    const auto one = s.segment(s.client, Story::kSyn, {});
    const auto two = s.segment(s.server, Story::kSyn, {});
    s.state(s.server, kSynSent, kSynRecv, by_segment("rcv SYN", one));
    s.segment(s.server, Story::kSynAck, {0, 1, 0});
    s.segment(s.client, Story::kSynAck, {0, 1, 0}, acks(two));
}

void refused(Story& s) {
    const auto syn = s.segment(s.client, Story::kSyn, {}, options({34, 2, 1, 1}));
    s.add(&s.server, ResetEntry{true, {'N', 'O', '_', 'S', 'O', 'C', 'K', 'E', 'T'}});
    const auto rst = s.segment(s.server, Story::kRstAck, {0, 1, 0}, [&](SegmentEntry& row) {
        row.tcp.seq = 0;
        row.acks = syn;
    });
    s.add(&s.client, ResetEntry{false, {}});
    s.state(s.client, kSynSent, kClose, by_segment("rcv RST", rst));
}

void far_apart(Story& s) {
    const auto only_sent = [](SegmentEntry& row) { row.received.reset(); };
    const auto only_received = [](SegmentEntry& row) {
        row.received = *row.sent + 25'000'000;
        row.sent.reset();
    };
    s.segment(s.client, Story::kSyn, {}, only_sent);
    s.segment(s.client, Story::kSyn, {}, only_received);
    s.segment(s.server, Story::kSynAck, {0, 1, 0}, only_sent);
    s.segment(s.server, Story::kSynAck, {0, 1, 0}, only_received);
}

void failed_opening(Story& s) {
    s.state(s.client, kSynSent, kClose, by_timer("timeout"));
    s.state(s.client, kSynSent, kClose, by_call("close()"));
    s.state(s.client, kSynSent, kClose, by_call("connect() failed"));
    s.state(s.client, kSynSent, kClose, by_segment("rcv ICMP error", 0));
    s.state(s.server, kSynRecv, kClose, by_timer("SYN+ACK timeout"));
    s.state(s.server, kSynRecv, kClose, by_segment("rcv RST", 0));
}

void syn_cookie(Story& s) {
    s.opens();
    s.state(s.server, kListen, kSynRecv, by_segment("rcv SYN", 1));
}

void fast_open(Story& s) {
    const auto syn = s.segment(s.client, Story::kSyn, {0, 0, 10}, options({34, 2, 1, 1}));
    s.state(s.server, kListen, kSynRecv, by_segment("rcv SYN", syn));
    s.segment(s.server, Story::kSynAck, {0, 11, 0}, acks(syn));
    s.segment(s.client, Story::kData, {11, 1, 5});
}

void fast_open_not_taken(Story& s) {
    const auto syn = s.segment(s.client, Story::kSyn, {0, 0, 10}, options({34, 2, 1, 1}));
    s.segment(s.server, Story::kSynAck, {0, 1, 0}, acks(syn));
}

void data_both_ways(Story& s) {
    s.opens();
    const auto question = s.segment(s.client, Story::kData, {1, 1, 2896}, [](SegmentEntry& row) {
        row.gso_size = 1448;
        row.gso_segs = 2;
    });
    s.segment(s.server, Story::kData, {1, 2897, 7}, acks(question));
    s.segment(s.client, Story::kAck, {2897, 8, 0}, acks(5));
    s.segment(s.client, Story::kAck, {2897, 8, 0});
    s.segment(s.client, Story::kSyn, {9, 0, 0});
}

void sent_again(Story& s) {
    const auto syn = s.segment(s.client, Story::kSyn, {});
    s.segment(s.client, Story::kSyn, {}, note({Note::kRetransmission, Note::kSynTimeout}, 0, syn));
    s.segment(s.client, Story::kSyn, {});
    const auto syn_ack = s.segment(s.server, Story::kSynAck, {0, 1, 0});
    s.segment(s.server, Story::kSynAck, {0, 1, 0},
              note({Note::kRetransmission, Note::kSynAckTimeout}, 0, syn_ack));
    s.segment(s.client, Story::kAck, {1, 1, 0});
    const auto data = s.segment(s.client, Story::kData, {1, 1, 10}, note({Note::kNotReceived}));
    const auto again = [&](Note why) {
        s.segment(s.client, Story::kData, {1, 1, 10}, note({Note::kRetransmission, why}, 0, data));
    };
    again(Note::kTlp);
    s.add(&s.client, RetransmitEntry{1, 11, "TLP", 0});
    again(Note::kFast);
    again(Note::kRto);
    again(Note::kRto);
    again(Note::kSpurious);
    s.add(&s.client, RetransmitEntry{1, 11, "unknown", 0});
    s.add(&s.client, RetransmitEntry{1, 11, "RTO", -1});
}

void out_of_order(Story& s) {
    s.opens();
    s.segment(s.client, Story::kData, {11, 1, 10}, note({Note::kPreviousLost}));
    s.segment(s.server, Story::kAck, {1, 1, 0}, [](SegmentEntry& row) {
        row.notes.add(Note::kDuplicateAck);
        options({5, 10, 0, 0, 0, 11, 0, 0, 0, 21, 1, 1})(row);
    });
    s.segment(s.client, Story::kData, {1, 1, 10}, note({Note::kOutOfOrder}));
    s.segment(s.server, Story::kAck, {1, 31, 0}, note({Note::kAckedUnseen}));
}

void windows(Story& s) {
    s.opens();
    const auto data = s.segment(s.client, Story::kData, {1, 1, 10}, note({Note::kWindowFull}));
    s.segment(s.server, Story::kAck, {1, 11, 0}, note({Note::kZeroWindow}, data));
    s.segment(s.client, Story::kAck, {10, 1, 0}, note({Note::kWindowProbe}));
    s.segment(s.server, Story::kAck, {1, 11, 0}, note({Note::kProbeAck}));
    s.segment(s.server, Story::kAck, {1, 11, 0}, note({Note::kWindowUpdate}));
    s.segment(s.client, Story::kAck, {10, 1, 0}, note({Note::kKeepalive}));
    s.segment(s.server, Story::kAck, {1, 11, 0}, note({Note::kKeepaliveAck}));
    s.segment(s.server, Story::kAck, {1, 11, 0}, note({Note::kChallengeAck}));
}

ResetEntry because(std::string_view reason) {
    ResetEntry row;
    row.sent = true;
    reason.copy(row.reason.data(), row.reason.size());
    return row;
}

void aborted(Story& s) {
    s.opens();
    s.state(s.client, kEstablished, kClose, by_call("close(), abort"));
    const auto rst = s.segment(s.client, Story::kRstAck, {1, 1, 0});
    s.add(&s.client, because("TCP_STATE"));
    s.add(&s.server, ResetEntry{false, {}});
    s.state(s.server, kEstablished, kClose, by_segment("rcv RST", rst));
    const auto late = s.segment(s.server, Story::kData, {1, 1, 5});
    s.segment(s.client, Story::kRst, {1, 0, 0},
              [](SegmentEntry& row) { row.reset_reason = "NO_SOCKET"; });
    s.state(s.server, kFinWait2, kClose, by_segment("rcv data, too late", late));
}

DropEntry dropped(std::uint64_t n, std::string_view reason) {
    DropEntry row;
    row.n = n;
    reason.copy(row.reason.data(), row.reason.size());
    return row;
}

void drops(Story& s) {
    s.opens();
    const auto data = s.segment(s.client, Story::kData, {1, 1, 10});
    for (const auto* const reason :
         {"NO_SOCKET", "TCP_OLD_SEQUENCE", "TCP_CSUM", "NETFILTER_DROP", "TCP_MINTTL"}) {
        s.add(&s.client, dropped(data, reason));
    }
}

void forged(Story& s) {
    s.opens();
    s.segment(s.server, Story::kRst, {1, 0, 0}, [](SegmentEntry& row) { row.sent.reset(); });
}

void answers_the_second_copy(Story& s) {
    const auto first = s.segment(s.client, Story::kSyn, {});
    const auto second = s.segment(s.client, Story::kSyn, {},
                                  note({Note::kRetransmission, Note::kSynTimeout}, 0, first));
    s.state(s.server, kListen, kSynRecv, by_segment("rcv SYN", second));
    s.segment(s.server, Story::kSynAck, {0, 1, 0}, acks(second));
}

void other_ends(Story& s) {
    s.opens();
    s.add(&s.server, ResetEntry{false, {}});
    s.state(s.client, kEstablished, kClose, by_timer("timeout"));
    s.state(s.client, kEstablished, kClose, by_call("SOCK_DESTROY"));
    s.state(s.client, kEstablished, kClose, by_call("connect(AF_UNSPEC)"));
    s.state(s.server, kEstablished, kClose, by_call("close() of listener"));
    s.state(s.server, kFinWait2, kClose, by_timer("FIN_WAIT2 timeout"));
    s.state(s.server, kFinWait2, kClose, {});
    s.add(&s.server, ResetEntry{true, {}});
}

template <char const* kReason>
void reset_because(Story& s) {
    s.opens();
    s.segment(s.server, Story::kRstAck, {1, 1, 0},
              [](SegmentEntry& row) { row.reset_reason = kReason; });
}
constexpr char kOnClose[] = "TCP_ABORT_ON_CLOSE";
constexpr char kOnData[] = "TCP_ABORT_ON_DATA";
constexpr char kOnLinger[] = "TCP_ABORT_ON_LINGER";
constexpr char kKeepaliveTimeout[] = "TCP_KEEPALIVE_TIMEOUT";
constexpr char kTimeWaitSocket[] = "TCP_TIMEWAIT_SOCKET";
constexpr char kHostile[] = "NEW\x1b[31m";

void midway(Story& s) {
    s.client.role = s.server.role = Role::kUnknown;
    s.segment(s.server, Story::kData, {1, 1, 26});
    s.segment(s.client, Story::kAck, {1, 27, 0}, acks(1));
    s.segment(s.server, Story::kFin, {27, 1, 0});
    s.segment(s.client, Story::kFin, {1, 28, 0}, acks(3));
}

void gap(Story& s) {
    s.opens();
    s.segment(s.server, Story::kFin, {1, 1, 0});
    s.add(nullptr, LostEntry{7, s.now});
    s.segment(s.client, Story::kFin, {1, 2, 0}, acks(4));
}

}  // namespace

const std::vector<NamedStory>& explain_stories() {
    static const std::vector<NamedStory> kStories = {
        {"four segments", four_segments},
        {"three segments", three_segments},
        {"half-close", half_close},
        {"simultaneous close", simultaneous_close},
        {"simultaneous open", simultaneous_open},
        {"refused", refused},
        {"far apart", far_apart},
        {"failed opening", failed_opening},
        {"SYN cookie", syn_cookie},
        {"Fast Open", fast_open},
        {"Fast Open, not taken", fast_open_not_taken},
        {"data both ways", data_both_ways},
        {"sent again", sent_again},
        {"out of order", out_of_order},
        {"windows", windows},
        {"aborted", aborted},
        {"drops", drops},
        {"forged", forged},
        {"the second copy is answered", answers_the_second_copy},
        {"other ends", other_ends},
        {"reset: unread data", reset_because<kOnClose>},
        {"reset: late data", reset_because<kOnData>},
        {"reset: TCP_LINGER2", reset_because<kOnLinger>},
        {"reset: keepalive", reset_because<kKeepaliveTimeout>},
        {"reset: TIME_WAIT", reset_because<kTimeWaitSocket>},
        {"reset: a reason that is not known", reset_because<kHostile>},
        {"from the middle", midway},
        {"a gap", gap},
    };
    return kStories;
}

}  // namespace tcpladder::test

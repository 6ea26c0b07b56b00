// SPDX-License-Identifier: MIT
// What segments are noted for, over event streams.
#include <doctest/doctest.h>

#include <stdexcept>

#include "unit/fixtures.h"

namespace tcpladder::test {
namespace {

constexpr NetNs kClientNs = 101;
constexpr NetNs kServerNs = 102;
constexpr MonoNs kMs = 1'000'000;
constexpr std::uint16_t kSyn = tcp_flag::kSyn;
constexpr std::uint16_t kAck = tcp_flag::kAck;
constexpr std::uint16_t kFin = tcp_flag::kFin;
constexpr std::uint16_t kRst = tcp_flag::kRst;

/// A client and a server in two namespaces, on a wire that may lose segments. Numbers
/// are relative: the initial ones are kJ and kK, or others.
class Lan : public Kernel {
public:
    const Endpoint client = at("10.0.0.1", 46510);
    const Endpoint server = at("10.0.0.2", 10000);
    Seq j = kJ;
    Seq k = kK;
    bool sees_client = true;
    bool sees_server = true;

    struct Part {
        std::uint16_t flags = kAck;
        Seq seq = 1;
        Seq ack = 1;
        std::uint32_t payload = 0;
        std::uint16_t window = 512;
    };
    Wire up(const Part& part) const {  // from the client
        return wire(client, server, part, j, k);
    }
    Wire down(const Part& part) const {  // from the server
        return wire(server, client, part, k, j);
    }
    void client_sends(const Part& part) { send(kClientNs, sees_client, up(part)); }
    void server_sends(const Part& part) { send(kServerNs, sees_server, down(part)); }
    void server_gets(const Part& part) { get(kServerNs, sees_server, up(part)); }
    void client_gets(const Part& part) { get(kClientNs, sees_client, down(part)); }
    void goes_up(const Part& part) {
        client_sends(part);
        server_gets(part);
    }
    void comes_down(const Part& part) {
        server_sends(part);
        client_gets(part);
    }

    void handshake() {
        goes_up({kSyn, 0, 0});
        comes_down({static_cast<std::uint16_t>(kSyn | kAck), 0, 1});
        goes_up({});
    }

    /// The kernel's word on the segment that the client has just sent again.
    void client_retransmits(const Part& part, RetransmitTimer timer, std::uint8_t ca_state = 0,
                            TcpState state = TcpState::kEstablished) {
        Retransmit event;
        event.ends = {client, server};
        event.seq = j + part.seq;
        event.end = event.seq + std::max(part.payload, 1U);
        event.timer = static_cast<std::uint8_t>(timer);
        event.ca_state = ca_state;
        event.state = state;
        netns = kClientNs;
        add(event);
    }
    void passes_by(MonoNs time) { now += time; }

    /// The row of the segment `back` segments before the last.
    const Entry& entry(std::size_t back = 0) const {
        for (auto i = rows.entries.size(); i-- > 0;) {
            if (std::holds_alternative<SegmentEntry>(rows.entries[i].body) && back-- == 0)
                return rows.entries[i];
        }
        throw std::out_of_range("so many segments were not shown");
    }
    const SegmentEntry& row(std::size_t back = 0) const {
        return std::get<SegmentEntry>(entry(back).body);
    }
    std::string words(std::size_t back = 0) const { return words_of(row(back).notes); }
    static std::string words_of(const Notes& notes) {
        std::string text;
        for (const Note note : notes) {
            text += text.empty() ? "" : ", ";
            text += word(note);
        }
        return text;
    }

private:
    static Wire wire(const Endpoint& from, const Endpoint& to, const Part& part, Seq base,
                     Seq peer_base) {
        Wire result{from, to, part.flags, base + part.seq, 0, part.payload, kEth};
        if ((part.flags & kAck) != 0)
            result.ack = peer_base + part.ack;
        result.window = part.window;
        return result;
    }
    void send(NetNs where, bool seen, const Wire& what) {
        netns = where;
        if (seen)
            sent(what);
    }
    void get(NetNs where, bool seen, const Wire& what) {
        netns = where;
        if (seen)
            received(what);
    }
};

TEST_CASE("an orderly conversation has no notes, and every ACK says what it acknowledges") {
    Lan lan;
    lan.handshake();
    lan.comes_down({.payload = 26});
    lan.goes_up({.ack = 27});
    lan.comes_down({.flags = kFin | kAck, .seq = 27});
    lan.goes_up({.flags = kFin | kAck, .ack = 28});
    lan.comes_down({.seq = 28, .ack = 2});
    lan.finish();
    std::vector<std::uint64_t> acks;
    for (const auto& entry : lan.rows.entries) {
        const auto& row = std::get<SegmentEntry>(entry.body);
        CHECK(row.notes.empty());
        CHECK(row.copy_of == 0);
        acks.push_back(row.acks);
    }
    CHECK(acks == std::vector<std::uint64_t>{0, 1, 2, 0, 4, 0, 6, 7});
}

TEST_CASE("a segment that does not arrive says so, and its retransmission why it was sent") {
    Lan lan;
    lan.handshake();
    lan.client_sends({.payload = 100});
    lan.passes_by(204 * kMs);
    lan.client_sends({.payload = 100});
    lan.client_retransmits({.payload = 100}, RetransmitTimer::kRto, 4);
    lan.server_gets({.payload = 100});
    lan.comes_down({.ack = 101});
    lan.finish();
    CHECK(lan.words(2) == "not received");
    CHECK(lan.words(1) == "retransmission, rto");
    CHECK(lan.row(1).copy_of == lan.entry(2).n);
    CHECK_MESSAGE(lan.row().acks == lan.entry(1).n, "it acknowledges the copy that arrived");
}

TEST_CASE("the kernel's timer and recovery state tell why") {
    const auto why = [](RetransmitTimer timer, std::uint8_t ca_state) {
        Lan lan;
        lan.handshake();
        lan.client_sends({.payload = 100});
        lan.client_sends({.payload = 100});
        lan.client_retransmits({.payload = 100}, timer, ca_state);
        lan.server_gets({.payload = 100});
        lan.finish();
        return lan.words();
    };
    CHECK(why(RetransmitTimer::kTlp, 0) == "retransmission, tlp");
    CHECK(why(RetransmitTimer::kNone, 3) == "retransmission, fast");
    CHECK_MESSAGE(why(RetransmitTimer::kTlp, 3) == "retransmission, fast",
                  "new data before it has started the probe's timer");
    CHECK(why(RetransmitTimer::kRto, 4) == "retransmission, rto");
    CHECK(why(RetransmitTimer::kNone, 0) == "retransmission");
}

TEST_CASE("a SYN that nobody answers is sent again for that") {
    Lan lan;
    lan.sees_server = false;
    lan.client_sends({kSyn, 0, 0});
    lan.passes_by(1000 * kMs);
    lan.client_sends({kSyn, 0, 0});
    lan.client_retransmits({kSyn, 0, 0}, RetransmitTimer::kRto, 4, TcpState::kSynSent);
    lan.finish();
    CHECK(lan.words(1) == "");
    CHECK(lan.words() == "retransmission, syn timeout");
    CHECK(lan.row().copy_of == 1);
}

TEST_CASE("a SYN+ACK is sent again by its timer, or because the SYN came again") {
    Lan lan;
    const Lan::Part syn{kSyn, 0, 0};
    const Lan::Part syn_ack{kSyn | kAck, 0, 1};
    const auto again = [&] {
        lan.server_sends(syn_ack);
        Retransmit event;
        event.ends = {lan.server, lan.client};
        event.seq = kK;
        event.end = kK + 1;
        event.syn_ack = true;
        lan.add(event);
    };
    lan.goes_up(syn);
    lan.server_sends(syn_ack);
    lan.passes_by(1000 * kMs);
    again();
    lan.passes_by(50 * kMs);
    lan.goes_up(syn);
    again();
    lan.client_gets(syn_ack);
    lan.finish();
    CHECK(lan.words(2) == "retransmission, syn+ack timeout");
    CHECK(lan.words(1) == "retransmission, spurious");
    CHECK(lan.words(0) == "retransmission");
    CHECK(lan.rows.has("server retransmit repeated SYN"));
}

TEST_CASE("what the receiver had acknowledged already was sent again for nothing") {
    Lan lan;
    lan.handshake();
    lan.goes_up({.payload = 100});
    SUBCASE("the sender should have known") {
        lan.comes_down({.ack = 101});
        lan.goes_up({.payload = 100});
        lan.finish();
        CHECK(lan.words() == "retransmission, spurious");
    }
    SUBCASE("the ACK was under way") {
        lan.server_sends({.ack = 101});
        lan.goes_up({.payload = 100});
        lan.client_gets({.ack = 101});
        lan.finish();
        CHECK(lan.words() == "retransmission, spurious");
    }
    SUBCASE("it was not acknowledged yet: nobody knows") {
        lan.goes_up({.payload = 100});
        lan.finish();
        CHECK(lan.words() == "retransmission");
    }
}

TEST_CASE("a segment overtaken by a later one is out of order, not lost") {
    Lan lan;
    lan.handshake();
    lan.client_sends({.payload = 100});
    lan.client_sends({.seq = 101, .payload = 100});
    lan.server_gets({.seq = 101, .payload = 100});
    lan.server_gets({.payload = 100});
    lan.finish();
    CHECK(lan.words(1) == "out of order");
    CHECK(lan.words() == "");
}

TEST_CASE("where only the receiver is seen, holes are told as Wireshark does") {
    Lan lan;
    lan.sees_client = false;
    lan.handshake();
    lan.server_gets({.payload = 100});
    lan.server_gets({.seq = 201, .payload = 100});
    CHECK_NOTHROW(lan.finish());
    CHECK(lan.words() == "previous lost");
    SUBCASE("filled at once: overtaken") {
        lan.server_gets({.seq = 101, .payload = 100});
        lan.finish();
        CHECK(lan.words() == "out of order");
        CHECK(lan.row().copy_of == 0);
    }
    SUBCASE("filled later: sent again") {
        lan.passes_by(200 * kMs);
        lan.server_gets({.seq = 101, .payload = 100});
        lan.finish();
        CHECK(lan.words() == "retransmission");
        CHECK(lan.row().copy_of == 0);
    }
    SUBCASE("filled after duplicate ACKs: fast") {
        lan.server_sends({.ack = 101});
        lan.server_sends({.ack = 101});
        lan.server_sends({.ack = 101});
        lan.passes_by(10 * kMs);
        lan.server_gets({.seq = 101, .payload = 100});
        lan.finish();
        CHECK(lan.words(1) == "duplicate ack");
        CHECK(lan.words() == "retransmission, fast");
    }
}

TEST_CASE("an ACK that says the same again is a duplicate; with another window an update") {
    Lan lan;
    lan.handshake();
    lan.goes_up({.payload = 100});
    lan.comes_down({.ack = 101});
    lan.comes_down({.ack = 101});
    lan.comes_down({.ack = 101, .window = 600});
    lan.comes_down({.ack = 101, .payload = 5, .window = 600});
    lan.finish();
    CHECK(lan.words(3) == "");
    CHECK(lan.words(2) == "duplicate ack");
    CHECK(lan.words(1) == "window update");
    CHECK(lan.words(0) == "");
    CHECK(lan.row(2).acks == 0);
}

TEST_CASE("a window that fills, shuts, is probed and opens again") {
    Lan lan;
    lan.handshake();
    lan.goes_up({.payload = 512});
    lan.comes_down({.ack = 513, .window = 0});
    lan.passes_by(208 * kMs);
    lan.goes_up({.seq = 512});
    lan.comes_down({.ack = 513, .window = 0});
    lan.comes_down({.ack = 513, .window = 512});
    lan.goes_up({.seq = 513, .payload = 10});
    lan.finish();
    CHECK(lan.words(5) == "window full");
    CHECK(lan.words(4) == "zero window");
    CHECK(lan.words(3) == "window probe");
    CHECK(lan.words(2) == "zero window, probe ack");
    CHECK(lan.words(1) == "window update");
    CHECK(lan.words(0) == "");
}

TEST_CASE("other systems probe a shut window with the next byte") {
    Lan lan;
    lan.handshake();
    lan.comes_down({.window = 0});
    lan.goes_up({.payload = 1});
    lan.comes_down({.window = 0});
    lan.finish();
    CHECK(lan.words(1) == "window probe");
    CHECK(lan.words() == "zero window, probe ack");
}

TEST_CASE("a keepalive repeats the last number, and is answered") {
    for (const auto payload : {0U, 1U}) {
        Lan lan;
        lan.handshake();
        lan.goes_up({.payload = 100});
        lan.comes_down({.ack = 101});
        lan.passes_by(1000 * kMs);
        lan.goes_up({.seq = 100, .payload = payload});
        lan.comes_down({.ack = 101});
        lan.finish();
        CHECK(lan.words(1) == "keepalive");
        CHECK(lan.words() == "keepalive ack");
    }
}

TEST_CASE("a last byte that is not acknowledged is sent again, and no keepalive") {
    Lan lan;
    lan.handshake();
    lan.goes_up({.payload = 1});
    lan.passes_by(200 * kMs);
    lan.goes_up({.payload = 1});
    lan.finish();
    CHECK(lan.words() == "retransmission");
}

TEST_CASE("a SYN or RST that cannot be is challenged") {
    for (const auto flags : {kSyn, kRst}) {
        Lan lan;
        lan.handshake();
        lan.netns = kClientNs;
        lan.state(TcpState::kSynSent, TcpState::kEstablished, lan.client, lan.server, 2, {});
        lan.goes_up({.payload = 100});
        lan.comes_down({.ack = 101});
        lan.server_gets({.flags = flags, .seq = 5000, .ack = 0});
        lan.comes_down({.ack = 101});
        lan.goes_up({.seq = 101, .payload = 10});
        lan.finish();
        CAPTURE(flags);
        CHECK(lan.words(1) == "challenge ack");
        CHECK(lan.words(2) == "");
        CHECK(lan.words() == "");
        CHECK_MESSAGE(lan.row().rel_seq == 101, "it does not become the first number");
    }
}

TEST_CASE("a SYN with data is Fast Open's") {
    Lan lan;
    lan.goes_up({kSyn, 0, 0, 10});
    lan.comes_down({kSyn | kAck, 0, 11});
    lan.finish();
    CHECK(lan.words(1) == "fast open");
    CHECK(lan.row().acks == 1);
}

TEST_CASE("an ACK of what was never seen") {
    Lan lan;
    lan.handshake();
    lan.comes_down({.ack = 301});
    lan.comes_down({.ack = 301});
    lan.finish();
    CHECK(lan.words(1) == "acked unseen");
    CHECK(lan.words() == "duplicate ack");
}

TEST_CASE("the SYN+ACK of a simultaneous open is no retransmission of the SYN") {
    Lan lan;
    lan.client_sends({kSyn, 0, 0});
    lan.server_sends({kSyn, 0, 0});
    lan.client_gets({kSyn, 0, 0});
    lan.server_gets({kSyn, 0, 0});
    lan.goes_up({kSyn | kAck, 0, 1});
    lan.comes_down({kSyn | kAck, 0, 1});
    lan.finish();
    CHECK(lan.words(1) == "");
    CHECK(lan.words() == "");
    CHECK(lan.row(1).acks == 2);
}

TEST_CASE("an ACK in the middle of an aggregate acknowledges what ended before it") {
    Lan lan;
    lan.handshake();
    lan.goes_up({.payload = 1000});
    lan.goes_up({.seq = 1001, .payload = 3000});
    lan.comes_down({.ack = 2001});
    lan.comes_down({.ack = 3001});
    lan.comes_down({.ack = 4001});
    lan.finish();
    CHECK(lan.row(2).acks == 4);
    CHECK(lan.row(1).acks == 0);
    CHECK(lan.row(0).acks == 5);
}

TEST_CASE("a piece that is sent again is acknowledged as such") {
    Lan lan;
    lan.handshake();
    lan.client_sends({.payload = 3000});
    lan.passes_by(200 * kMs);
    lan.goes_up({.payload = 1000});
    lan.comes_down({.ack = 1001});
    lan.finish();
    CHECK(lan.words(1) == "retransmission");
    CHECK(lan.row(1).copy_of == 4);
    CHECK(lan.row().acks == 5);
}

TEST_CASE("nothing is said to be lost that may have come while records were lost") {
    Lan lan;
    lan.handshake();
    lan.client_sends({.payload = 100});
    lan.add(Lost{7, lan.now});
    lan.passes_by(100 * kMs);
    lan.comes_down({.ack = 101});
    lan.finish();
    CHECK(lan.words(1) == "");
}

TEST_CASE("what was sent just before the end of the trace is not lost") {
    Lan lan;
    lan.handshake();
    lan.client_sends({.payload = 100});
    lan.finish();
    CHECK(lan.words() == "");
}

TEST_CASE("what only one end shows is not said to be lost") {
    Lan lan;
    lan.sees_server = false;
    lan.handshake();
    lan.client_sends({.payload = 100});
    lan.passes_by(100 * kMs);
    lan.client_gets({.ack = 101});
    lan.finish();
    CHECK(lan.words(1) == "");
    CHECK(lan.row().acks == lan.entry(1).n);
}

TEST_CASE("a RST has the kernel's reason, whether it was told before or after") {
    const auto told = [](bool before) {
        Lan lan;
        lan.handshake();
        lan.netns = kServerNs;
        Reset event;
        event.ends = {lan.server, lan.client};
        event.sent = true;
        const std::string_view reason = "TCP_ABORT_ON_CLOSE";
        std::copy(reason.begin(), reason.end(), event.reason.begin());
        if (before)
            lan.add(event);
        lan.server_sends({.flags = kRst | kAck});
        if (!before)
            lan.add(event);
        lan.client_gets({.flags = kRst | kAck});
        lan.finish();
        return std::string(lan.row().reset_reason);
    };
    CHECK(told(true) == "TCP_ABORT_ON_CLOSE");
    CHECK(told(false) == "TCP_ABORT_ON_CLOSE");
}

TEST_CASE("numbers that pass 2^32 make no difference") {
    for (const Seq back : {1U, 2U, 101U, 150U, 200U, 512U}) {
        Lan lan;
        lan.j = 0U - back;
        lan.k = 0U - back / 2;
        lan.handshake();
        lan.goes_up({.payload = 100});
        lan.comes_down({.ack = 101});
        lan.client_sends({.seq = 101, .payload = 100});
        lan.passes_by(204 * kMs);
        lan.client_sends({.seq = 101, .payload = 100});
        lan.client_retransmits({.seq = 101, .payload = 100}, RetransmitTimer::kTlp);
        lan.server_gets({.seq = 101, .payload = 100});
        lan.comes_down({.ack = 201, .window = 0});
        lan.goes_up({.seq = 200});
        lan.goes_up({.flags = kFin | kAck, .seq = 201});
        lan.comes_down({.ack = 202});
        lan.finish();
        CHECK(lan.words(7) == "");
        CHECK(lan.row(6).acks == 4);
        CHECK(lan.words(5) == "not received");
        CHECK(lan.words(4) == "retransmission, tlp");
        CHECK(lan.words(3) == "zero window");
        CHECK(lan.row(3).acks == lan.entry(4).n);
        CHECK(lan.words(2) == "window probe");
        CHECK(lan.words(1) == "");
        CHECK(lan.row().acks == lan.entry(1).n);
    }
}

TEST_CASE("thousands of segments under way are all acknowledged one by one") {
    Lan lan;
    lan.handshake();
    constexpr Seq kSegments = 3000;
    for (Seq i = 0; i < kSegments; ++i)
        lan.goes_up({.seq = 1 + i * 100, .payload = 100, .window = 60000});
    for (Seq i = 0; i < kSegments; ++i)
        lan.comes_down({.ack = 101 + i * 100});
    lan.finish();
    for (Seq i = 0; i < kSegments; ++i)
        REQUIRE(lan.row(kSegments - 1 - i).acks == 4 + i);
}

TEST_CASE("rows do not depend on when the clock is looked at, also where a reason is awaited") {
    const auto run = [](bool often) {
        Lan lan;
        const auto look = [&] {
            if (often)
                lan.tracker.advance(lan.now + 5'000);
        };
        lan.handshake();
        look();
        lan.client_sends({.payload = 100});
        look();
        lan.passes_by(30 * kMs);
        lan.client_sends({.payload = 100});
        look();
        lan.client_retransmits({.payload = 100}, RetransmitTimer::kTlp);
        look();
        lan.server_gets({.payload = 100});
        look();
        lan.comes_down({.ack = 101});
        lan.finish();
        std::vector<std::string> words;
        for (const auto& entry : lan.rows.entries) {
            if (const auto* row = std::get_if<SegmentEntry>(&entry.body))
                words.push_back(Lan::words_of(row->notes));
        }
        return words;
    };
    CHECK(run(false) == run(true));
}

}  // namespace
}  // namespace tcpladder::test

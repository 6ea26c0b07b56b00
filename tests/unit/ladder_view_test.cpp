// SPDX-License-Identifier: MIT
#include "views/ladder/ladder_view.h"

#include "allocations.h"
#include "random_events.h"
#include "view_fixture.h"

#include <doctest/doctest.h>

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "model/tracker.h"
#include "views/utf8.h"

namespace {

using namespace tcpladder;
using namespace tcpladder::test;

Format drawn(std::size_t width = 80, bool utf8 = true) {
    Format format;
    format.utf8 = utf8;
    format.width = width;
    return format;
}

std::string picture(const std::vector<Entry>& entries, const Format& format) {
    std::string text;
    for (const auto& line : rows<LadderView>(entries, format))
        text += line + "\n";
    return text;
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::size_t position(const std::string& text, std::string_view part) {
    CAPTURE(part);
    REQUIRE(has(text, part));
    return text.find(part);
}

TEST_CASE("the daytime conversation is the picture of the book") {
    DaytimeEntries trace;
    trace.converse();
    const auto text = picture(trace.entries(), drawn());
    CAPTURE(text);
    std::size_t before = 0;
    for (const auto* part : {"client 127.0.0.1:46510",
                             "SYN_SENT ●",
                             "SYN J=3326910621",
                             "● SYN_RECV*",
                             "SYN K=3221488186, ACK J+1",
                             "ESTABLISHED ●",
                             "ACK K+1",
                             "● ESTABLISHED",
                             "ESTABLISHED ┆",
                             "200ms later",
                             "┆ ESTABLISHED",
                             "data K+1:K+27 (26)",
                             "ACK K+27",
                             "● FIN_WAIT1",
                             "FIN M=3221488213 (K+27)",
                             "CLOSE_WAIT ●",
                             "ACK M+1",
                             "LAST_ACK ●",
                             "FIN N=3326910622 (J+1)",
                             "● TIME_WAIT",
                             "ACK N+1",
                             "CLOSE ●",
                             "1m00s later",
                             "2MSL timer"}) {
        const auto at = text.find(part, before);
        CHECK_MESSAGE(at != std::string::npos, part);
        before = at;
    }
}

TEST_CASE("with -S every number is absolute") {
    DaytimeEntries trace;
    trace.converse();
    Format format = drawn(120);
    format.absolute = true;
    const auto text = picture(trace.entries(), format);
    CAPTURE(text);
    for (const auto* part : {"SYN J=3326910621", "SYN K=3221488186, ACK J+1=3326910622",
                             "ACK K+1=3221488187", "data K+1=3221488187:3221488213 (26)",
                             "ACK 3221488213", "FIN M=3221488213", "ACK M+1=3221488214"})
        CHECK_MESSAGE(has(text, part), part);
    CHECK_FALSE(has(text, "K+27"));
}

TEST_CASE("letters count on where sequence numbers begin again at zero") {
    Symbols symbols;
    SegmentEntry segment = data_segment();
    segment.tcp.flags = tcp_flag::kSyn;
    segment.tcp.seq = 0xfffffff0;
    segment.tcp.payload = 0;
    symbols.learn(Rail::kLeft, segment);
    const auto written = [&](Seq seq) {
        TextBuffer out;
        symbols.append(out, Rail::kLeft, seq);
        return std::string(out.view());
    };
    CHECK(written(0xfffffff0) == "J");
    CHECK(written(0xfffffff1) == "J+1");
    CHECK(written(0x10) == "J+32");
    CHECK(written(0xffffffef) == "J-1");
    CHECK(written(0xfffffff0U + (1U << 31) + 5) == "J+2147483653");
    CHECK(written(5) == "J+21");
}

TEST_CASE("M is the FIN of whoever closes first, also where it is sent again") {
    Symbols symbols;
    SegmentEntry segment = data_segment();
    segment.tcp.flags = tcp_flag::kFin | tcp_flag::kAck;
    symbols.learn(Rail::kRight, segment);
    symbols.learn(Rail::kLeft, segment);
    symbols.learn(Rail::kRight, segment);
    CHECK(symbols.fin_letter(Rail::kRight) == 'M');
    CHECK(symbols.fin_letter(Rail::kLeft) == 'N');
}

/// Two conversations, row by row in turn.
std::vector<Entry> two_at_once(DaytimeEntries& trace) {
    trace.converse(40001);
    trace.converse(40002);
    const auto& all = trace.entries();
    std::vector<Entry> mixed;
    for (std::size_t i = 0; i < all.size() / 2; ++i) {
        mixed.push_back(all[i]);
        mixed.push_back(all[i + all.size() / 2]);
        mixed.back().time = mixed[mixed.size() - 2].time;
    }
    return mixed;
}

TEST_CASE("of two conversations the second is drawn when the first is over") {
    DaytimeEntries trace;
    const auto text = picture(two_at_once(trace), drawn());
    CAPTURE(text);
    // TIME_WAIT ends a minute later: that is told at the end, under its own name.
    const auto first_end = position(text, "#19 ");
    const auto second = position(text, "── conversation 2 ──");
    CHECK(first_end < second);
    CHECK(second < position(text, "#21 "));
    CHECK(position(text, "#39 ") < position(text, "── conversation 1, continued ──"));
}

TEST_CASE("interleaved rows come in the order of time, each with its conversation") {
    DaytimeEntries trace;
    Format format = drawn();
    format.interleave = true;
    const auto text = picture(two_at_once(trace), format);
    CAPTURE(text);
    CHECK(position(text, "#2 c1 ") < position(text, "#22 c2 "));
    CHECK(position(text, "#22 c2 ") < position(text, "#3 c1 "));
    CHECK_FALSE(has(text, "continued"));
}

TEST_CASE("conversations can be picked by their numbers") {
    DaytimeEntries trace;
    Format format = drawn();
    format.conversations = {2};
    const auto text = picture(two_at_once(trace), format);
    CHECK(has(text, "127.0.0.1:40002"));
    CHECK_FALSE(has(text, "127.0.0.1:40001"));
}

TEST_CASE("a segment that was not received does not get there") {
    Side side = server_side();
    Side peer = client_side();
    side.peer = &peer;
    SegmentEntry segment = data_segment();
    segment.received.reset();
    segment.notes.add(Note::kNotReceived);
    for (const bool utf8 : {true, false}) {
        const auto text = picture({entry_of(&side, segment)}, drawn(80, utf8));
        CAPTURE(text);
        CHECK(has(text, utf8 ? "not received ✗─" : "not received X-"));
        CHECK_FALSE(has(text, utf8 ? "◀" : "<"));
    }
}

TEST_CASE("where recordings of several hosts were merged, each end says where it is") {
    Side side = client_side();
    Side peer = server_side();
    side.peer = &peer;
    peer.netns = netns_of(1, kLabNetns);
    TraceInfo info = trace_info();
    info.hosts = {"lab-a", "lab-b"};
    TextOutput output;
    LadderView view(output, drawn());
    view.begin(info);
    view.entry(entry_of(&side, StateEntry{TcpState::kClose, TcpState::kSynSent, true, {}, {}}));
    CAPTURE(output.text());
    CHECK(has(output.text(), "daytime-client[5463] on lab-a"));
    CHECK(has(output.text(), "daytime-server[5461] on lab-b"));
}

TEST_CASE("a socket that is connected to itself has one row of numbers") {
    Side side = client_side();
    side.remote = side.local;
    side.peer = &side;
    SegmentEntry syn = data_segment();
    syn.tcp.flags = tcp_flag::kSyn;
    syn.tcp.payload = 0;
    syn.tcp.seq = 7;
    SegmentEntry ack = syn;
    ack.tcp.flags = tcp_flag::kAck;
    ack.tcp.ack = 8;
    const auto text = picture({entry_of(&side, syn), entry_of(&side, ack)}, drawn());
    CAPTURE(text);
    CHECK(has(text, "the same socket"));
    CHECK(has(text, "SYN J=7"));
    CHECK(has(text, "ACK J+1=8"));
}

TEST_CASE("what is drawn with ASCII is ASCII") {
    DaytimeEntries trace;
    trace.converse();
    for (const char c : picture(trace.entries(), drawn(80, false)))
        CHECK((c == '\n' || (c >= ' ' && c <= '~')));
}

TEST_CASE("in the steady state a row allocates nothing") {
    DaytimeEntries trace;
    trace.converse();
    class Nowhere : public Output {
        void write(std::string_view /*text*/) override {}
    } nowhere;
    LadderView view(nowhere, drawn());
    view.begin(trace_info());
    const auto draw_all = [&] {
        for (const auto& entry : trace.entries())
            view.entry(entry);
    };
    draw_all();
    const auto before = allocations();
    for (int i = 0; i < 100; ++i)
        draw_all();
    // The list of conversations that are over takes one now and then.
    CHECK(allocations() - before < 10);
}

// --- Over random events

/// Keeps what the rows say, beside the picture of them.
class Witness : public EntrySink {
public:
    explicit Witness(View& view) : view_(view) {}
    void entry(const Entry& entry) override {
        view_.entry(entry);
        if (std::holds_alternative<SegmentEntry>(entry.body))
            segments.push_back(entry.n);
        const auto* state = std::get_if<StateEntry>(&entry.body);
        if (state != nullptr && entry.side->connection != 0)
            changes[entry.n] = std::string(name(state->to)) + (state->observed ? "" : "*");
    }
    std::vector<std::uint64_t> segments;
    std::map<std::uint64_t, std::string> changes;

private:
    View& view_;
};

/// The number that a line begins with; 0: none.
std::uint64_t number_of(std::string_view line) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    if (!line.starts_with('#'))
        return 0;
    std::uint64_t n = 0;
    for (line.remove_prefix(1); !line.empty() && line[0] >= '0' && line[0] <= '9';
         line.remove_prefix(1))
        n = n * 10 + static_cast<std::uint64_t>(line[0] - '0');
    return n;
}

bool obeyed_by_a_terminal(std::string_view text) {
    while (!text.empty()) {
        const auto c = decode_utf8(text);
        if (c.bytes == 0 || c.value < ' ' || (c.value >= 0x7f && c.value < 0xa0))
            return true;
        text.remove_prefix(c.bytes);
    }
    return false;
}

/// The state beside the node of a transition, on whichever side it is.
std::string state_beside_node(std::string_view line) {
    constexpr std::string_view kNode = "●";
    const auto node = line.find(kNode);
    if (node == std::string_view::npos)
        return "no node";
    const auto trim = [](std::string_view text) {
        const auto end = text.find(" (");  // RFC 9293's name
        const bool star = text.ends_with('*');
        if (end != std::string_view::npos)
            text = text.substr(0, end);
        return std::string(text) + (star && !text.ends_with('*') ? "*" : "");
    };
    auto after = line.substr(node + kNode.size());
    auto before = line.substr(0, node);
    constexpr std::array<std::string_view, 3> kRails{"│", "┃", "┊"};
    for (const auto rail : kRails) {
        if (before.find(rail) != std::string_view::npos) {  // the left rail: it is on the right
            after.remove_prefix(std::min(after.find_first_not_of(' '), after.size()));
            return trim(after);
        }
    }
    const auto number = before.find('#');
    before.remove_prefix(std::min(before.find(' ', number), before.size()));
    before.remove_prefix(std::min(before.find_first_not_of(' '), before.size()));
    if (before.starts_with('c'))  // the conversation
        before.remove_prefix(
            std::min(before.find_first_not_of(' ', before.find(' ')), before.size()));
    before.remove_suffix(before.size() - before.find_last_not_of(' ') - 1);
    return trim(before);
}

void check_random(unsigned seed, const Format& format) {
    CAPTURE(seed);
    CAPTURE(format.width);
    CAPTURE(format.interleave);
    TextOutput output;
    LadderView view(output, format);
    Witness witness(view);
    TraceInfo info = trace_info();
    view.begin(info);
    Tracker tracker(witness, info, {});
    RandomEvents events(seed);
    for (int i = 0; i < 400; ++i)
        tracker.add(events.next());
    tracker.finish();
    view.end();

    std::map<std::uint64_t, int> seen;
    for (const auto& line : lines_of(output.text())) {
        CAPTURE(line);
        CHECK(columns_of(line) <= format.width);
        CHECK_FALSE(obeyed_by_a_terminal(line));
        const auto n = number_of(line);
        ++seen[n];
        const auto change = witness.changes.find(n);
        if (format.utf8 && change != witness.changes.end())
            CHECK(state_beside_node(line) == change->second);
    }
    CHECK(witness.segments.size() > 50);
    CHECK(witness.changes.size() > 20);
    for (const auto n : witness.segments) {
        CAPTURE(n);
        CHECK(seen[n] == 1);
    }
    for (const auto& [n, state] : witness.changes)
        CHECK(seen[n] == 1);
}

TEST_CASE("whatever happens, each segment and transition is drawn once, and no line is too wide") {
    for (unsigned seed = 0; seed < 60; ++seed) {
        Format format = drawn(std::array{80U, 100U, 120U, 160U}[seed % 4], seed % 5 != 0);
        format.time = TimeStyle::kNone;
        format.interleave = seed % 3 == 0;
        format.absolute = seed % 7 == 0;
        check_random(seed, format);
    }
}

TEST_CASE("explained in Chinese, no line is too wide either") {
    for (unsigned seed = 100; seed < 120; ++seed) {
        Format format = drawn(seed % 2 == 0 ? 80 : 120);
        format.time = TimeStyle::kNone;
        format.explain = Language::kChinese;
        check_random(seed, format);
    }
}

TEST_CASE("times, numbers and labels of any length leave the picture its room") {
    for (const auto style : {TimeStyle::kDefault, TimeStyle::kEpoch, TimeStyle::kDate}) {
        DaytimeEntries trace;
        trace.converse();
        auto entries = trace.entries();
        for (auto& entry : entries) {
            entry.n += 10'000'000'000'000;
            entry.time += 4'000'000'000'000'000'000;
        }
        entries.insert(entries.begin(), trace.entries().front());
        Format format = drawn();
        format.time = style;
        format.interleave = true;
        for (const auto& line : rows<LadderView>(entries, format)) {
            CAPTURE(line);
            CHECK(columns_of(line) <= 80);
        }
    }
}

}  // namespace

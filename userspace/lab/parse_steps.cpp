// SPDX-License-Identifier: MIT
// What happens: the lines of the actors, of the wire, and the waits.
#include <array>
#include <charconv>

#include <sys/socket.h>

#include "lab/parse_parts.h"
#include "lab/socket_options.h"
#include "model/packet.h"

namespace tcpladder::lab {
namespace {

constexpr std::uint64_t kMostBytes = 100'000'000;
constexpr std::uint64_t kMostTimes = 100'000;

std::uint16_t parse_port(Words& words) {
    return static_cast<std::uint16_t>(words.number("a port", 1, 65535));
}

std::int64_t parse_bytes(Words& words) {
    const auto number = words.number("how many bytes", 1, kMostBytes);
    if (!words.take("bytes"))
        words.must("byte");
    return static_cast<std::int64_t>(number);
}

void parse_listen(Words& words, Call& call) {
    call.verb = Verb::kListen;
    call.number = 8;
    while (!words.empty() && words.peek() != "->") {
        if (words.take("port"))
            call.port = parse_port(words);
        else if (words.take("backlog"))
            call.number = static_cast<std::int64_t>(words.number("a backlog", 0, 65535));
        else
            words.fail_next("here must be 'port N' or 'backlog N'");
    }
}

void parse_connect(Words& words, Call& call, Verb verb) {
    call.verb = verb;
    while (!words.empty() && words.peek() != "->") {
        if (words.take({"from", "port"}))
            call.from_port = parse_port(words);
        else if (words.take({"to", "itself"}))
            call.text = "itself";
        else if (words.take("port") || words.take({"to", "port"}))
            call.port = parse_port(words);
        else
            words.fail_next("here must be 'port N', 'from port N' or 'to itself'");
    }
}

void parse_set(Words& words, Call& call) {
    call.verb = Verb::kSet;
    call.text = words.any("a socket option, as in TCP_NODELAY");
    if (find_socket_option(call.text) == nullptr)
        words.fail("this is no socket option that is known here: " + socket_option_names());
    const bool negative = words.take("-1");
    call.number =
        negative ? -1
                 : static_cast<std::int64_t>(words.number("the option's value", 0, 0x7fffffff));
}

void parse_shutdown(Words& words, Call& call) {
    call.verb = Verb::kShutdown;
    if (words.take("writing"))
        call.number = SHUT_WR;
    else if (words.take("reading"))
        call.number = SHUT_RD;
    else if (words.take("both"))
        call.number = SHUT_RDWR;
    else
        words.fail_next("here must be 'writing', 'reading' or 'both'");
}

void parse_starts(Words& words, Call& call) {
    words.must("to");
    if (words.take("connect"))
        return parse_connect(words, call, Verb::kStartConnect);
    if (!words.take("send"))
        words.fail_next("here must be 'connect' or 'send N bytes'");
    call.verb = Verb::kStartSend;
    call.number = parse_bytes(words);
}

void parse_receive(Words& words, Call& call) {
    if (words.take("end")) {
        call.verb = Verb::kReceiveEnd;
        return;
    }
    call.verb = Verb::kReceive;
    call.number = parse_bytes(words);
}

void parse_verb(Words& words, Call& call) {
    if (words.take("opens")) {
        call.verb = Verb::kOpen;
    } else if (words.take("binds")) {
        call.verb = Verb::kBind;
        words.must("port");
        call.port = parse_port(words);
    } else if (words.take("listens")) {
        parse_listen(words, call);
    } else if (words.take("sets")) {
        parse_set(words, call);
    } else if (words.take({"connects", "with"})) {
        call.verb = Verb::kFastOpen;
        call.number = parse_bytes(words);
    } else if (words.take("connects")) {
        parse_connect(words, call, Verb::kConnect);
    } else if (words.take("starts")) {
        parse_starts(words, call);
    } else if (words.take({"finishes", "connecting"})) {
        call.verb = Verb::kFinishConnect;
    } else if (words.take("accepts")) {
        call.verb = Verb::kAccept;
    } else if (words.take("sends")) {
        call.verb = Verb::kSend;
        call.number = parse_bytes(words);
    } else if (words.take("receives")) {
        parse_receive(words, call);
    } else if (words.take({"shuts", "down"})) {
        parse_shutdown(words, call);
    } else if (words.take("closes")) {
        call.verb = Verb::kClose;
    } else if (words.take("disconnects")) {
        call.verb = Verb::kDisconnect;
    } else if (words.take({"is", "destroyed"})) {
        call.verb = Verb::kDestroy;
    } else if (words.take({"is", "killed"})) {
        call.verb = Verb::kKill;
    } else {
        words.fail_next(
            "an actor opens, binds, listens, sets, connects, starts, finishes connecting, accepts, "
            "sends, receives, shuts down, closes, disconnects, is destroyed, is killed or sysctl");
    }
}

void name_socket(Words& words, std::string_view actor, Call& call) {
    const auto dot = actor.find('.');
    call.socket = call.verb == Verb::kListen ? "listener" : "conn";
    call.listener = "listener";
    if (dot == std::string_view::npos)
        return;
    constexpr std::size_t kLongest = 15;
    const auto given = actor.substr(dot + 1);
    if (given.empty() || given.size() > kLongest)
        words.fail_next("before this, the socket's name must have 1 to 15 letters");
    call.socket = given;
}

Sysctl parse_sysctl(Words& words, Host host) {
    Sysctl sysctl{host, std::string(words.any("a sysctl, as in tcp_fin_timeout")), ""};
    if (sysctl.name.find('/') != std::string::npos || sysctl.name.find("..") != std::string::npos)
        words.fail("a sysctl is written with single dots");
    if (sysctl.name.find('.') == std::string::npos)
        sysctl.name = "net.ipv4." + sysctl.name;
    sysctl.value = words.any("the sysctl's value");
    while (!words.empty())
        sysctl.value.append(" ").append(words.any("a value"));
    return sysctl;
}

std::uint32_t parse_percent(Words& words) {
    constexpr std::string_view kWhat = "a share: 1% to 99%";
    const auto word = words.any(kWhat);
    std::uint32_t percent = 0;
    const auto* end = word.data() + word.size() - 1;
    const auto parsed = std::from_chars(word.data(), end, percent);
    if (parsed.ec != std::errc() || parsed.ptr != end || percent < 1 || percent > 99)
        words.fail("this must be " + std::string(kWhat));
    return percent;
}

Which parse_which(Words& words) {
    Which which;
    if (words.take("every") || words.take("all")) {
        which.count = 0;
    } else if (words.take("first")) {
        which.count = static_cast<std::uint32_t>(words.number("how many", 1, kMostTimes));
    } else if (const auto place = words.ordinal()) {
        which.first = *place;
    } else if (words.peek().ends_with('%')) {
        which.percent = parse_percent(words);
        words.must("of");
    } else if (!words.take("next")) {
        words.fail_next("here must be which one: 1st, 2nd, …, next, first N, every, or N% of");
    }
    which.kind = parse_kind(words);
    words.must("from");
    which.from = parse_host_word(words);
    if (which.percent != 0 && words.take("seed"))
        which.seed = static_cast<std::uint32_t>(words.number("a seed", 1, 1'000'000));
    return which;
}

Place parse_place(Words& words) {
    constexpr std::string_view kWhat = "a place: next, next+N, next-N, start, start+N or a number";
    const Words before = words;
    auto word = words.any(kWhat);
    Place place;
    if (word.starts_with("next")) {
        word.remove_prefix(4);
    } else if (word.starts_with("start")) {
        place.base = Place::Base::kStart;
        word.remove_prefix(5);
    } else {
        words = before;
        place.base = Place::Base::kAbsolute;
        place.offset = static_cast<std::int64_t>(words.number(kWhat, 0, 0xffffffff));
        return place;
    }
    if (word.empty())
        return place;
    std::int64_t sign = 0;
    if (word[0] == '+')
        sign = 1;
    else if (word[0] == '-')
        sign = -1;
    std::int64_t value = 0;
    for (const char c : word.substr(1)) {
        if (c < '0' || c > '9' || value > 0xffffffffLL)
            sign = 0;
        value = sign == 0 ? 0 : value * 10 + (c - '0');
    }
    if (sign == 0 || word.size() < 2)
        words.fail("here must be " + std::string(kWhat));
    place.offset = sign * value;
    return place;
}

Forged parse_forged(Words& words) {
    Forged forged;
    if (words.take({"ICMP", "host-unreachable"}))
        forged.icmp = true;
    else
        forged.flags = parse_flags(words);
    words.must("from");
    forged.from = parse_host_word(words);
    while (!words.empty()) {
        if (words.take("seq"))
            forged.seq = parse_place(words);
        else if (words.take("ack"))
            forged.ack = parse_place(words);
        else if (words.take("len"))
            forged.length = static_cast<std::uint32_t>(words.number("a length", 0, 1400));
        else if (words.take("win"))
            forged.window = static_cast<std::uint16_t>(words.number("a window", 0, 65535));
        else if (words.take({"to", "port"}))
            forged.to_port = parse_port(words);
        else if (words.take("port"))
            forged.port = parse_port(words);
        else
            words.fail_next("here must be seq, ack, len, win, 'port N' or 'to port N'");
    }
    return forged;
}

constexpr std::array<std::pair<std::string_view, Deed>, 6> kDeeds{{
    {"drops", Deed::kDrop},
    {"holds", Deed::kHold},
    {"duplicates", Deed::kDuplicate},
    {"corrupts", Deed::kCorrupt},
    {"swaps", Deed::kSwap},
    {"answers", Deed::kAnswer},
}};

std::uint32_t parse_times(Words& words) {
    return words.ordinal().value_or(1);
}

void parse_until(Words& words, Step& step) {
    if (words.take("wire")) {
        WireWait wait;
        wait.held = words.take("holds");
        if (!wait.held && !words.take("dropped"))
            words.fail_next("here must be 'holds N' or 'dropped N'");
        wait.count = static_cast<std::uint32_t>(words.number("how many", 1, kMostTimes));
        step.what = wait;
        return;
    }
    StateWait wait;
    if (!words.take("listener"))
        wait.host = parse_host_word(words);
    if (words.take({"of", "connection"}))
        wait.connection =
            static_cast<std::uint32_t>(words.number("a connection's number", 1, kMostTimes));
    words.must("is");
    wait.state = parse_state(words);
    if (!words.empty()) {
        wait.times = parse_times(words);
        words.must("time");
    }
    step.what = wait;
}

}  // namespace

void parse_actor_step(Words& words, std::string_view actor, Step& step) {
    const auto plain = actor.substr(0, actor.find('.'));
    if (plain == "both") {
        words.must("sysctl");
        step.what = parse_sysctl(words, Host::kClient);
        return;
    }
    if (plain != "client" && plain != "server")
        words.fail("an actor is 'client' or 'server', perhaps with a socket: client.second");
    const auto host = plain == "client" ? Host::kClient : Host::kServer;
    if (words.take("sysctl")) {
        step.what = parse_sysctl(words, host);
        return;
    }
    Call call;
    call.host = host;
    parse_verb(words, call);
    name_socket(words, actor, call);
    if (call.verb == Verb::kAccept && words.take("from"))
        call.listener = words.any("a listener's name");
    if (words.take("->"))
        call.error = parse_error_name(words);
    step.what = std::move(call);
}

void parse_wire_step(Words& words, Step& step) {
    for (const auto& [word, deed] : kDeeds) {
        if (!words.take(word))
            continue;
        WireRule rule{deed, parse_which(words), {}};
        if (deed == Deed::kAnswer) {
            words.must("with");
            rule.answer = parse_forged(words);
        }
        step.what = rule;
        return;
    }
    if (words.take("delay")) {
        step.what = WireDelay{parse_time(words)};
    } else if (words.take({"passes", "everything"})) {
        step.what = WirePass{};
    } else if (words.take("injects")) {
        step.what = parse_forged(words);
    } else if (words.take("releases")) {
        const bool all = words.take("all") || words.take("everything");
        step.what = WireRelease{
            all ? 0 : static_cast<std::uint32_t>(words.number("how many", 1, kMostTimes))};
    } else {
        words.fail_next(
            "the wire drops, holds, duplicates, corrupts, swaps, answers, injects, releases, "
            "'passes everything', or has a 'delay'");
    }
}

void parse_wait_step(Words& words, Step& step) {
    if (words.take("until"))
        return parse_until(words, step);
    words.must("for");
    const auto times = parse_times(words);
    if (words.take("resend")) {
        words.must("by");
        ResendWait wait{parse_host_word(words), "", times};
        while (!words.empty())
            wait.why += (wait.why.empty() ? "" : " ") + std::string(words.any("why: TLP, RTO, …"));
        step.what = wait;
        return;
    }
    if (words.take("reset")) {
        const bool sent = words.take("by");
        if (!sent)
            words.must("at");
        step.what = ResetWait{parse_host_word(words), sent};
        return;
    }
    SegmentWait wait;
    wait.times = times;
    wait.kind = parse_kind(words);
    wait.arrival = words.take("at");
    if (!wait.arrival)
        words.must("from");
    wait.host = parse_host_word(words);
    if (words.take("win"))
        wait.window = static_cast<std::uint16_t>(words.number("a window", 0, 65535));
    step.what = wait;
}

}  // namespace tcpladder::lab

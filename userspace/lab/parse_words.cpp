// SPDX-License-Identifier: MIT
// The smallest parts: hosts, kinds and flags of segments, states, times, errors.
#include <array>
#include <cerrno>
#include <charconv>

#include "lab/parse_parts.h"
#include "model/packet.h"

namespace tcpladder::lab {
namespace {

constexpr std::array<std::pair<std::string_view, int>, 20> kErrors{{
    {"EPERM", EPERM},
    {"EAGAIN", EAGAIN},
    {"EACCES", EACCES},
    {"EINVAL", EINVAL},
    {"EPIPE", EPIPE},
    {"ENOTCONN", ENOTCONN},
    {"EISCONN", EISCONN},
    {"EALREADY", EALREADY},
    {"EINPROGRESS", EINPROGRESS},
    {"EADDRINUSE", EADDRINUSE},
    {"EADDRNOTAVAIL", EADDRNOTAVAIL},
    {"ENETUNREACH", ENETUNREACH},
    {"EHOSTUNREACH", EHOSTUNREACH},
    {"ECONNABORTED", ECONNABORTED},
    {"ECONNRESET", ECONNRESET},
    {"ECONNREFUSED", ECONNREFUSED},
    {"ETIMEDOUT", ETIMEDOUT},
    {"EOPNOTSUPP", EOPNOTSUPP},
    {"ENOPROTOOPT", ENOPROTOOPT},
    {"ENOBUFS", ENOBUFS},
}};

struct KindName {
    std::string_view word;
    Kind kind;
};
constexpr std::array<KindName, 7> kKinds{{{"SYN", Kind::kSyn},
                                          {"SYN+ACK", Kind::kSynAck},
                                          {"ACK", Kind::kAck},
                                          {"data", Kind::kData},
                                          {"FIN", Kind::kFin},
                                          {"RST", Kind::kRst},
                                          {"segment", Kind::kAny}}};

constexpr std::array<std::pair<std::string_view, std::uint16_t>, 6> kFlagNames{{
    {"SYN", tcp_flag::kSyn},
    {"ACK", tcp_flag::kAck},
    {"FIN", tcp_flag::kFin},
    {"RST", tcp_flag::kRst},
    {"PSH", tcp_flag::kPsh},
    {"URG", tcp_flag::kUrg},
}};

std::uint16_t flag_letter(char c) {
    switch (c) {
        case 'S':
            return tcp_flag::kSyn;
        case 'F':
            return tcp_flag::kFin;
        case 'R':
            return tcp_flag::kRst;
        case 'P':
            return tcp_flag::kPsh;
        case '.':
            return tcp_flag::kAck;
        default:
            return 0;
    }
}

std::uint16_t letters(std::string_view word) {
    std::uint16_t flags = 0;
    for (const char c : word) {
        const auto flag = flag_letter(c);
        if (flag == 0)
            return 0;
        flags |= flag;
    }
    return flags;
}

std::uint16_t named_flag(std::string_view word) {
    for (const auto& [name, flag] : kFlagNames) {
        if (word == name)
            return flag;
    }
    return 0;
}

std::uint16_t names(std::string_view word) {
    std::uint16_t flags = 0;
    while (!word.empty()) {
        const auto end = std::min(word.find('+'), word.size());
        const auto flag = named_flag(word.substr(0, end));
        if (flag == 0)
            return 0;
        flags |= flag;
        word.remove_prefix(std::min(end + 1, word.size()));
    }
    return flags;
}

}  // namespace

std::string_view name(Host host) {
    return host == Host::kClient ? "client" : "server";
}

Host parse_host_word(Words& words) {
    if (words.take("client"))
        return Host::kClient;
    if (words.take("server"))
        return Host::kServer;
    words.fail_next("here must be 'client' or 'server'");
}

Kind parse_kind(Words& words) {
    for (const auto& [word, kind] : kKinds) {
        if (words.take(word))
            return kind;
    }
    if (words.take("segments"))
        return Kind::kAny;
    words.fail_next("here must be SYN, SYN+ACK, ACK, data, FIN, RST or segment");
}

std::uint16_t parse_flags(Words& words) {
    const auto word = words.any("the flags of a segment");
    if (const auto flags = letters(word); flags != 0)
        return flags;
    if (const auto flags = names(word); flags != 0)
        return flags;
    words.fail("here must be flags, in letters (S S. . P. F. R R.) or names (SYN+ACK)");
}

TcpState parse_state(Words& words) {
    const auto word = words.any("a state");
    for (unsigned i = 1; i <= static_cast<unsigned>(TcpState::kClosing); ++i) {
        const auto state = static_cast<TcpState>(i);
        if (word == tcpladder::name(state))
            return state;
    }
    words.fail(
        "here must be a state: CLOSE, LISTEN, SYN_SENT, SYN_RECV, ESTABLISHED, FIN_WAIT1, "
        "FIN_WAIT2, CLOSING, TIME_WAIT, CLOSE_WAIT or LAST_ACK");
}

std::chrono::nanoseconds parse_time(Words& words) {
    constexpr std::uint64_t kMost = 100'000;
    const auto word = words.any("a time, as in 10ms");
    std::uint64_t number = 0;
    const auto* end = word.data() + word.size();
    const auto parsed = std::from_chars(word.data(), end, number);
    const std::string_view unit(parsed.ptr, static_cast<std::size_t>(end - parsed.ptr));
    if (parsed.ec == std::errc() && number <= kMost) {
        if (unit == "us")
            return std::chrono::microseconds(number);
        if (unit == "ms")
            return std::chrono::milliseconds(number);
        if (unit == "s")
            return std::chrono::seconds(number);
    }
    words.fail("here must be a time, a whole number up to 100000 with us, ms or s: 10ms");
}

int parse_error_name(Words& words) {
    const auto word = words.any("the name of an error, as in ECONNREFUSED");
    for (const auto& [name, number] : kErrors) {
        if (word == name)
            return number;
    }
    words.fail("this is no error that a socket call gives, or not one that is known here");
}

std::string error_name(int error) {
    for (const auto& [name, number] : kErrors) {
        if (error == number)
            return std::string(name);
    }
    return "error " + std::to_string(error);
}

}  // namespace tcpladder::lab

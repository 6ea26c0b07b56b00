// SPDX-License-Identifier: MIT
#include "capture/kernel_names.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace tcpladder {
namespace {

enum Meaning : std::uint32_t {
    kInReset = 1U << 0,
    kInSegment = 1U << 1,
    kInTimer = 1U << 2,
    kInIcmp = 1U << 3,
    kInDestroy = 1U << 4,
    kInListenerStop = 1U << 5,
    kInClose = 1U << 6,
    kInShutdown = 1U << 7,
    kInDisconnect = 1U << 8,
    kInConnect = 1U << 9,
    kInListen = 1U << 10,
};

struct KnownFunction {
    std::string_view name;
    std::uint32_t meaning;
};

// Compilers inline differently from kernel to kernel, so each origin has
// several functions that betray it (net/ipv4/tcp*.c, inet_connection_sock.c).
constexpr std::array kKnownFunctions = {
    KnownFunction{"tcp_reset", kInReset},
    KnownFunction{"tcp_rcv_state_process", kInSegment},
    KnownFunction{"tcp_rcv_synsent_state_process", kInSegment},
    KnownFunction{"tcp_rcv_established", kInSegment},
    KnownFunction{"tcp_data_queue", kInSegment},
    KnownFunction{"tcp_fin", kInSegment},
    KnownFunction{"tcp_ack", kInSegment},
    KnownFunction{"tcp_finish_connect", kInSegment},
    KnownFunction{"tcp_check_req", kInSegment},
    KnownFunction{"tcp_child_process", kInSegment},
    KnownFunction{"tcp_v4_do_rcv", kInSegment},
    KnownFunction{"tcp_v6_do_rcv", kInSegment},
    KnownFunction{"tcp_v4_rcv", kInSegment},
    KnownFunction{"tcp_v6_rcv", kInSegment},
    KnownFunction{"tcp_conn_request", kInSegment},
    KnownFunction{"tcp_create_openreq_child", kInSegment},
    KnownFunction{"tcp_write_timer", kInTimer},
    KnownFunction{"tcp_write_timer_handler", kInTimer},
    KnownFunction{"tcp_retransmit_timer", kInTimer},
    KnownFunction{"tcp_write_timeout", kInTimer},
    KnownFunction{"tcp_probe_timer", kInTimer},
    KnownFunction{"tcp_keepalive_timer", kInTimer},
    KnownFunction{"tcp_v4_err", kInIcmp},
    KnownFunction{"tcp_v6_err", kInIcmp},
    KnownFunction{"tcp_abort", kInDestroy},
    KnownFunction{"tcp_diag_destroy", kInDestroy},
    KnownFunction{"inet_csk_listen_stop", kInListenerStop},
    KnownFunction{"inet_child_forget", kInListenerStop},
    KnownFunction{"__tcp_close", kInClose},
    KnownFunction{"tcp_close", kInClose},
    KnownFunction{"inet_release", kInClose},
    KnownFunction{"tcp_shutdown", kInShutdown},
    KnownFunction{"inet_shutdown", kInShutdown},
    KnownFunction{"tcp_disconnect", kInDisconnect},
    KnownFunction{"tcp_v4_connect", kInConnect},
    KnownFunction{"tcp_v6_connect", kInConnect},
    KnownFunction{"inet_csk_listen_start", kInListen},
    KnownFunction{"__inet_listen_sk", kInListen},
    KnownFunction{"inet_listen", kInListen},
};

// Functions whose address the kernel side compares.
constexpr std::array<std::string_view, 2> kWanted = {"reqsk_timer_handler", "tw_timer_handler"};

std::uint32_t meaning_of_name(std::string_view name) {
    // Nearly all names are none of ours: their start tells.
    if (!name.starts_with("tcp") && !name.starts_with("inet") && !name.starts_with("__"))
        return 0;
    // gcc adds .isra.0, .constprop.0, .part.0, .cold to a function's pieces.
    const auto base = name.substr(0, name.find('.'));
    for (const auto& known : kKnownFunctions) {
        if (known.name == base)
            return known.meaning;
    }
    return 0;
}

}  // namespace

void CallChains::load() const {
    if (!kallsyms_)
        return;
    kallsyms_([this](std::string_view line) { parse(line); });
    kallsyms_ = nullptr;
    std::sort(symbols_.begin(), symbols_.end(), [](const Symbol& a, const Symbol& b) {
        return a.address != b.address ? a.address < b.address : a.meaning < b.meaning;
    });
}

bool CallChains::empty() const {
    load();
    return symbols_.empty();
}

void CallChains::parse(std::string_view line) const {
    std::uint64_t address = 0;
    const auto parsed = std::from_chars(line.data(), line.data() + line.size(), address, 16);
    const auto used = static_cast<std::size_t>(parsed.ptr - line.data());
    if (parsed.ec != std::errc() || address == 0 || line.size() < used + 4)
        return;
    const char type = line[used + 1];
    if (type != 't' && type != 'T' && type != 'w' && type != 'W')
        return;
    const auto rest = line.substr(used + 3);
    const auto name = rest.substr(0, rest.find('\t'));
    symbols_.push_back({address, meaning_of_name(name)});
    if (std::find(kWanted.begin(), kWanted.end(), name) != kWanted.end())
        wanted_.emplace_back(name, address);
}

std::uint64_t CallChains::address_of(std::string_view function) const {
    load();
    std::uint64_t address = 0;
    for (const auto& [name, at] : wanted_) {
        if (name != function)
            continue;
        if (address != 0)
            return 0;
        address = at;
    }
    return address;
}

std::uint32_t CallChains::meaning_of(std::uint64_t address) const {
    const auto after = std::upper_bound(
        symbols_.begin(), symbols_.end(), address,
        [](std::uint64_t at, const Symbol& symbol) { return at < symbol.address; });
    return after == symbols_.begin() ? 0 : std::prev(after)->meaning;
}

// A segment is often handled inside a call (the socket's backlog is worked off
// at the end of close()), and never the other way round: the order below is that
// of "happens inside".
Via CallChains::origin(std::span<const std::uint64_t> chain) const {
    static constexpr std::array<std::pair<std::uint32_t, Via>, 11> kInside = {{
        {kInReset, Via::kReset},
        {kInSegment, Via::kSegment},
        {kInTimer, Via::kTimer},
        {kInIcmp, Via::kIcmp},
        {kInDestroy, Via::kDestroy},
        {kInListenerStop, Via::kListenerClosed},
        {kInClose, Via::kClose},
        {kInShutdown, Via::kShutdown},
        {kInConnect, Via::kConnect},
        {kInDisconnect, Via::kDisconnect},
        {kInListen, Via::kListen},
    }};
    if (empty())
        return Via::kNotTaken;
    std::uint32_t seen = 0;
    for (const auto address : chain)
        seen |= meaning_of(address);
    for (const auto& [meaning, via] : kInside) {
        if ((seen & meaning) != 0)
            return via;
    }
    return Via::kUnknown;
}

// Seen on 6.1 to 6.18 (docs/architecture.md): a good segment in TIME_WAIT and one for
// a listener that defers are NOT_SPECIFIED, what a closed socket had not read is
// QUEUE_PURGE; the other three are of packets that somebody else listens in to.
bool is_drop_of_segment(std::string_view reason) {
    constexpr std::array<std::string_view, 9> kNoDrops = {"",
                                                          "SKB_NOT_DROPPED_YET",
                                                          "SKB_CONSUMED",
                                                          "NOT_SPECIFIED",
                                                          "QUEUE_PURGE",
                                                          "OTHERHOST",
                                                          "PACKET_SOCK_ERROR",
                                                          "SOCKET_RCVBUFF",
                                                          "MAX"};
    return std::find(kNoDrops.begin(), kNoDrops.end(), reason) == kNoDrops.end();
}

}  // namespace tcpladder

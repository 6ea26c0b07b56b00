// SPDX-License-Identifier: MIT
#include "capture/kernel_names.h"

#include <doctest/doctest.h>

#include <sstream>

#include "capture/hooks.h"

namespace tcpladder::test {
namespace {

constexpr auto kSymbols =
    "0000000000000000 T hidden\n"
    "ffffffff81000000 T inet_sk_state_store\n"
    "ffffffff81000100 T __tcp_close\n"
    "ffffffff81000200 T tcp_close\n"
    "ffffffff81000300 T tcp_shutdown\n"
    "ffffffff81000400 T tcp_rcv_state_process\n"
    "ffffffff81000500 t tcp_write_timer\n"
    "ffffffff81000600 T inet_csk_listen_stop\n"
    "ffffffff81000700 T tcp_disconnect\n"
    "ffffffff81000800 T tcp_done\n"
    "ffffffff81000900 t tw_timer_handler\n"
    "ffffffff81000a00 t reqsk_timer_handler\n"
    "ffffffff81000b00 t reqsk_timer_handler\n"
    "ffffffff81000c00 D some_data\n";

CallChains chains_of(std::string kallsyms) {
    return CallChains([kallsyms](const auto& take) {
        std::istringstream lines(kallsyms);
        for (std::string line; std::getline(lines, line);)
            take(line);
    });
}

Via origin(std::vector<std::uint64_t> chain) {
    return chains_of(kSymbols).origin(chain);
}

TEST_CASE("a call chain tells what made the transition") {
    CHECK(origin({0xffffffff81000010, 0xffffffff81000110, 0xffffffff81000210}) == Via::kClose);
    CHECK(origin({0xffffffff81000010, 0xffffffff81000310}) == Via::kShutdown);
    CHECK(origin({0xffffffff81000810, 0xffffffff81000510}) == Via::kTimer);
    CHECK(origin({0xffffffff81000710}) == Via::kDisconnect);
    CHECK(origin({0xffffffff81000010}) == Via::kUnknown);
    CHECK(origin({}) == Via::kUnknown);
}

TEST_CASE("a segment handled inside close() is the cause, not the close") {
    CHECK(origin({0xffffffff81000810, 0xffffffff81000410, 0xffffffff81000110}) == Via::kSegment);
}

TEST_CASE("close() of a listener is not close() of the connections in its queue") {
    CHECK(origin({0xffffffff81000710, 0xffffffff81000610, 0xffffffff81000110}) ==
          Via::kListenerClosed);
}

TEST_CASE("addresses outside of all functions mean nothing") {
    CHECK(origin({0x1000, 0xffffffff80ffffff}) == Via::kUnknown);
}

TEST_CASE("a static function's address is found, unless its name is not unique") {
    const auto chains = chains_of(kSymbols);
    CHECK(chains.address_of("tw_timer_handler") == 0xffffffff81000900);
    CHECK(chains.address_of("reqsk_timer_handler") == 0);
    CHECK(chains.address_of("absent") == 0);
}

TEST_CASE("with hidden, empty or broken symbols it is as if no chain had been taken") {
    for (const auto* table :
         {"", "0000000000000000 T tcp_close\n", "zz\nffff\nffffffff81000000 T"}) {
        const auto chains = chains_of(table);
        CHECK(chains.empty());
        CHECK(chains.origin(std::vector<std::uint64_t>{0xffffffff81000010}) == Via::kNotTaken);
    }
}

ArgumentCount with_all_but(std::string_view missing) {
    return [missing](std::string_view name) -> std::optional<unsigned> {
        if (name == missing)
            return std::nullopt;
        return name == "tcp_send_reset" || name == "kfree_skb" ? 3 : 2;
    };
}

TEST_CASE("a missing required tracepoint is named") {
    const auto plan = plan_hooks(with_all_but("net_dev_queue"), {});
    REQUIRE(plan.missing());
    CHECK(plan.missing()->tracepoint == "net_dev_queue");
    CHECK(plan.missing()->gives == "segments sent");
}

TEST_CASE("a missing optional tracepoint costs its own fact only") {
    const auto plan = plan_hooks(with_all_but("timer_cancel"), {});
    CHECK_FALSE(plan.missing());
    for (const auto& choice : plan.choices)
        CHECK(choice.attach == (choice.hook.tracepoint != "timer_cancel" && !choice.hook.follows));
    CHECK(plan.reset_has_reason);
    CHECK_FALSE(plan.retransmit_has_error);
}

TEST_CASE("kfree_skb is of use only where it has a reason") {
    for (const unsigned count : {2U, 3U, 4U}) {
        const auto plan = plan_hooks([count](auto) { return count; }, {});
        CHECK(plan.attaches("kfree_skb") == (count >= 3));
        CHECK(plan.drop_has_socket == (count >= 4));
    }
}

TEST_CASE("light attaches states, segments, retransmissions and resets only") {
    const auto plan = plan_hooks(with_all_but(""), {.light = true});
    std::vector<std::string_view> attached;
    for (const auto& choice : plan.choices) {
        if (choice.attach)
            attached.push_back(choice.hook.tracepoint);
    }
    CHECK(attached == std::vector<std::string_view>{"inet_sock_set_state", "net_dev_queue",
                                                    "netif_receive_skb", "tcp_retransmit_skb",
                                                    "tcp_retransmit_synack", "tcp_send_reset",
                                                    "tcp_receive_reset"});
}

TEST_CASE("what is freed is a drop only if it was on its way") {
    for (const auto* reason : {"NO_SOCKET", "TCP_CSUM", "NETFILTER_DROP", "QDISC_DROP",
                               "TCP_LISTEN_OVERFLOW", "TCP_OLD_SEQUENCE", "SOCKET_BACKLOG"})
        CHECK_MESSAGE(is_drop_of_segment(reason), reason);
    for (const auto* reason : {"", "SKB_CONSUMED", "SKB_NOT_DROPPED_YET", "NOT_SPECIFIED",
                               "QUEUE_PURGE", "OTHERHOST", "PACKET_SOCK_ERROR"})
        CHECK_MESSAGE(!is_drop_of_segment(reason), reason);
}

}  // namespace
}  // namespace tcpladder::test

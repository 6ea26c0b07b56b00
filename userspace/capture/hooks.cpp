// SPDX-License-Identifier: MIT
#include "capture/hooks.h"

namespace tcpladder {
namespace {

constexpr auto kUse = "who uses a socket that was accepted or handed over";
constexpr auto kNoUse =
    "an accepted socket belongs to its listener's owner until it is closed, and one that is handed "
    "to a chosen process is not shown";

}  // namespace

const std::vector<Hook>& all_hooks() {
    static const std::vector<Hook> hooks = {
        {"inet_sock_set_state", "tl_set_state", true, true, "state changes", "no states at all"},
        {"net_dev_queue", "tl_sent", true, true, "segments sent", "no segments sent"},
        {"netif_receive_skb", "tl_received", true, true, "segments received",
         "no segments received"},
        {"tcp_retransmit_skb", "tl_retransmit_skb", false, true, "retransmissions and their timer",
         "a retransmission shows as a segment only"},
        {"tcp_retransmit_synack", "tl_retransmit_synack", false, true, "SYN+ACK retransmissions",
         "a repeated SYN+ACK shows as a segment only"},
        {"tcp_send_reset", "tl_send_reset", false, true, "why a reset was sent",
         "a reset shows as a segment only, without its reason"},
        {"tcp_receive_reset", "tl_receive_reset", false, true, "that a reset was accepted",
         "a reset shows as a segment only"},
        {"kfree_skb", "tl_dropped", false, false, "segments that the kernel dropped, and why",
         "a dropped segment shows only by what follows from it", 3},
        {"timer_start", "tl_timer_start", false, false, "when SYN_RECV and TIME_WAIT begin",
         "SYN_RECV is known from its SYN+ACK, TIME_WAIT is inferred"},
        {"timer_expire_entry", "tl_timer_expire", false, false, "when TIME_WAIT ends",
         "the end of TIME_WAIT is not shown"},
        {"timer_cancel", "tl_timer_cancel", false, false, "when SYN_RECV or TIME_WAIT is cut short",
         "an early end of SYN_RECV or TIME_WAIT is not shown"},
        {"sock_send_length", "tl_send_length", false, false, kUse, kNoUse},
        {"sock_recv_length", "tl_recv_length", false, false, kUse, kNoUse},
        {"sched_process_fork", "tl_forked", false, true, "whom a chosen process has started",
         "connections of a chosen process's children are not shown", 2, true},
        {"sched_process_exit", "tl_exited", false, true, "when a chosen process has ended",
         "that a chosen process has ended is noticed a little later", 1, true},
    };
    return hooks;
}

bool HookPlan::attaches(std::string_view tracepoint) const {
    for (const auto& choice : choices) {
        if (choice.hook.tracepoint == tracepoint)
            return choice.attach;
    }
    return false;
}

std::optional<Hook> HookPlan::missing() const {
    for (const auto& choice : choices) {
        if (choice.hook.required && !choice.present())
            return choice.hook;
    }
    return std::nullopt;
}

std::vector<Ability> HookPlan::abilities() const {
    return {
        {"reset_reason", reset_has_reason, "why a reset was sent, and resets of no socket",
         "a reset has no reason, and one of no socket shows as a segment only"},
        {"retransmit_result", retransmit_has_error, "whether a retransmission could be sent",
         "a retransmission that could not be sent looks like any other"},
        {"drop_socket", drop_has_socket, "where a segment was dropped, from its receiver",
         "where a segment was dropped is read from its device, which may be gone by then"},
        {"irq_save", irq_save, "state changes that meet on one CPU, by holding interrupts back",
         "state changes that meet on one CPU are seen by a second program, which costs a little"},
        {"timers", timers, "the timers of SYN_RECV and TIME_WAIT, by their functions' addresses",
         "SYN_RECV is known from its SYN+ACK, TIME_WAIT is inferred"},
        {"processes", processes, "the choice by process: -- COMMAND, --pid, --comm",
         "connections cannot be chosen by process"},
        {"open_sockets", open_sockets, "the owners of sockets that are older than the trace",
         "a socket that is older than the trace has no owner until it is used"},
    };
}

HookPlan plan_hooks(const ArgumentCount& arguments, const Profile& profile) {
    HookPlan plan;
    for (const auto& hook : all_hooks()) {
        plan.choices.push_back({hook, arguments(hook.tracepoint)});
        auto& choice = plan.choices.back();
        choice.wanted = (hook.in_light || !profile.light) && (profile.follow || !hook.follows);
        choice.attach = choice.present() && choice.wanted;
    }
    plan.reset_has_reason = arguments("tcp_send_reset").value_or(0) >= 3;
    plan.retransmit_has_error = arguments("tcp_retransmit_skb").value_or(0) >= 3;
    plan.drop_has_socket = arguments("kfree_skb").value_or(0) >= 4;
    return plan;
}

}  // namespace tcpladder

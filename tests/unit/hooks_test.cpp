// SPDX-License-Identifier: MIT
#include <map>

#include <doctest/doctest.h>

#include "capture/hooks.h"

using namespace tcpladder;

namespace {

/// A kernel of which we know how many arguments each tracepoint has.
ArgumentCount kernel(const std::map<std::string_view, unsigned>& tracepoints) {
    return [&tracepoints](std::string_view name) -> std::optional<unsigned> {
        const auto found = tracepoints.find(name);
        return found == tracepoints.end() ? std::nullopt : std::optional(found->second);
    };
}

std::map<std::string_view, unsigned> everything() {
    std::map<std::string_view, unsigned> tracepoints;
    for (const auto& hook : all_hooks())
        tracepoints[hook.tracepoint] = 4;
    return tracepoints;
}

bool has(const HookPlan& plan, std::string_view ability) {
    for (const auto& each : plan.abilities()) {
        if (each.name == ability)
            return each.present;
    }
    FAIL("there is no ability ", ability);
    return false;
}

}  // namespace

TEST_CASE("an argument that the kernel's tracepoint lacks is not asked for") {
    auto tracepoints = everything();
    tracepoints["tcp_send_reset"] = 2;
    tracepoints["tcp_retransmit_skb"] = 2;
    const auto older = plan_hooks(kernel(tracepoints), {});
    CHECK_FALSE(has(older, "reset_reason"));
    CHECK_FALSE(has(older, "retransmit_result"));
    CHECK(older.attaches("tcp_send_reset"));
    tracepoints["tcp_send_reset"] = 3;
    tracepoints["tcp_retransmit_skb"] = 3;
    const auto newer = plan_hooks(kernel(tracepoints), {});
    CHECK(has(newer, "reset_reason"));
    CHECK(has(newer, "retransmit_result"));
}

TEST_CASE("a tracepoint that the kernel lacks is left out, and named if the main job needs it") {
    auto tracepoints = everything();
    tracepoints.erase("sock_send_length");
    const auto plan = plan_hooks(kernel(tracepoints), {});
    CHECK_FALSE(plan.attaches("sock_send_length"));
    CHECK_FALSE(plan.missing().has_value());
    tracepoints.erase("net_dev_queue");
    const auto missing = plan_hooks(kernel(tracepoints), {}).missing();
    REQUIRE(missing.has_value());
    CHECK(missing->tracepoint == "net_dev_queue");
}

TEST_CASE("the light profile attaches what the main job needs, and less than the full one") {
    const auto tracepoints = everything();
    const auto light = plan_hooks(kernel(tracepoints), {.light = true});
    std::size_t attached = 0;
    for (const auto& choice : light.choices) {
        CHECK((choice.attach || !choice.hook.required));
        attached += choice.attach ? 1 : 0;
    }
    CHECK(attached < light.choices.size());
}

TEST_CASE("forks and exits are looked at only where processes are followed, then in each profile") {
    const auto tracepoints = everything();
    for (const bool light : {false, true}) {
        const auto plan = plan_hooks(kernel(tracepoints), {.light = light});
        const auto following = plan_hooks(kernel(tracepoints), {.light = light, .follow = true});
        for (const auto* name : {"sched_process_fork", "sched_process_exit"}) {
            CHECK_FALSE(plan.attaches(name));
            CHECK(following.attaches(name));
        }
        CHECK(plan.attaches("inet_sock_set_state"));
        CHECK(following.attaches("timer_start") == !light);
    }
}

TEST_CASE("what is absent and not asked for is not missed") {
    auto tracepoints = everything();
    tracepoints.erase("sched_process_fork");
    const auto missed = [&](const Profile& profile) {
        std::size_t count = 0;
        for (const auto& choice : plan_hooks(kernel(tracepoints), profile).choices)
            count += choice.wanted && !choice.attach ? 1 : 0;
        return count;
    };
    CHECK(missed({}) == 0);
    CHECK(missed({.follow = true}) == 1);
}

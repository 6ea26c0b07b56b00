// SPDX-License-Identifier: MIT
#include <array>
#include <optional>
#include <string>

#include <fmt/core.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "capture/tracer.h"
#include "commands/commands.h"
#include "support/error.h"

namespace tcpladder {
namespace {

std::string kernel() {
    utsname names{};
    return ::uname(&names) == 0 ? fmt::format("{} {}", names.release, names.machine) : "unknown";
}

/// Loads and attaches everything for a moment: the only honest test.
std::optional<Error> why_not_attached() {
    try {
        const Tracer tracer{TracerOptions{}};
        return std::nullopt;
    } catch (const Error& error) {
        return error;
    }
}

void print_text(const HookPlan& plan, const std::optional<Error>& failure, bool root) {
    fmt::print("kernel      {}\n", kernel());
    fmt::print("BTF         yes\n");
    if (!root)
        fmt::print("attach      not tried: that needs root\n");
    else
        fmt::print("attach      {}\n", failure ? std::string("no: ") + failure->what() : "yes");
    if (failure && !failure->hint().empty())
        fmt::print("hint        {}\n", failure->hint());
    fmt::print("\n{:<24} {:<8} {}\n", "tracepoint", "",
               "what it gives, or what is lost without it");
    for (const auto& choice : plan.choices) {
        fmt::print("{:<24} {:<8} {}{}\n", choice.hook.tracepoint,
                   choice.present ? "yes" : "missing",
                   choice.present ? choice.hook.gives : choice.hook.without,
                   choice.hook.required ? " (required)" : "");
    }
    fmt::print("\nreset reasons: {}; result of a retransmission: {}\n",
               plan.reset_has_reason ? "yes" : "not on this kernel",
               plan.retransmit_has_error ? "yes" : "not on this kernel");
}

void print_json(const HookPlan& plan, const std::optional<Error>& failure, bool root) {
    fmt::print("{{\"kernel\":\"{}\",\"attach\":{},\"hooks\":[", kernel(),
               !root     ? "null"
               : failure ? "false"
                         : "true");
    const char* comma = "";
    for (const auto& choice : plan.choices) {
        fmt::print("{}{{\"tracepoint\":\"{}\",\"present\":{},\"required\":{},\"gives\":\"{}\"}}",
                   comma, choice.hook.tracepoint, choice.present, choice.hook.required,
                   choice.hook.gives);
        comma = ",";
    }
    fmt::print("],\"reset_reason\":{},\"retransmit_error\":{}}}\n", plan.reset_has_reason,
               plan.retransmit_has_error);
}

}  // namespace

int run_check(const CheckOptions& options) {
    const auto plan = plan_hooks(kernel_tracepoints(), false);
    const bool root = ::geteuid() == 0;
    std::optional<Error> failure;
    if (root)
        failure = why_not_attached();
    if (options.json)
        print_json(plan, failure, root);
    else
        print_text(plan, failure, root);
    return failure || plan.missing() ? kFailed : kDone;
}

}  // namespace tcpladder

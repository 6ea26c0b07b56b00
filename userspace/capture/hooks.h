// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace tcpladder {

/// One place in the kernel where we listen.
struct Hook {
    std::string_view tracepoint;   ///< without its subsystem, as in BTF's btf_trace_NAME
    std::string_view program;      ///< in bpf/tcpladder.bpf.c
    bool required = false;         ///< the main job cannot run without it
    bool in_light = false;         ///< also attached with --light
    std::string_view gives;        ///< what we learn from it
    std::string_view without;      ///< what is lost where it is missing
    unsigned least_arguments = 0;  ///< with fewer, the kernel's is of no use
};

/// All of them, in the order in which they are attached.
const std::vector<Hook>& all_hooks();

/// How many arguments the running kernel's tracepoint has; nothing: it has no
/// such tracepoint. Signatures differ by kernel (tcp_send_reset got its reason
/// in 6.10).
using ArgumentCount = std::function<std::optional<unsigned>(std::string_view tracepoint)>;

struct HookPlan {
    struct Choice {
        Hook hook;
        bool present = false;
        bool attach = false;  ///< present, and asked for
    };
    std::vector<Choice> choices;
    bool reset_has_reason = false;
    bool retransmit_has_error = false;
    bool drop_has_socket = false;
    bool irq_save = false;  ///< programs can hold back interrupts (bpf_local_irq_save, 6.14)

    bool attaches(std::string_view tracepoint) const;
    /// The first required tracepoint that the kernel lacks, if any.
    std::optional<Hook> missing() const;
};

HookPlan plan_hooks(const ArgumentCount& arguments, bool light);

}  // namespace tcpladder

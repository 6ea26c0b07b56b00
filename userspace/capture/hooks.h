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
    bool follows = false;          ///< only attached where processes are followed
};

/// All of them, in the order in which they are attached.
const std::vector<Hook>& all_hooks();

/// How many arguments the running kernel's tracepoint has; nothing: it has no
/// such tracepoint. Signatures differ by kernel (tcp_send_reset got its reason
/// in 6.10).
using ArgumentCount = std::function<std::optional<unsigned>(std::string_view tracepoint)>;

/// What some kernels offer beside the tracepoints, and others do not.
struct Ability {
    std::string_view name;
    bool present = false;
    std::string_view gives;
    std::string_view without;
};

struct HookPlan {
    struct Choice {
        Hook hook;
        std::optional<unsigned> arguments;  ///< nothing: the kernel has no such tracepoint
        bool wanted = false;                ///< asked for
        bool attach = false;                ///< present, and asked for
        bool refused = false;               ///< the kernel would not run the program

        /// With the arguments that we cannot do without.
        bool present() const { return arguments && *arguments >= hook.least_arguments; }
    };
    std::vector<Choice> choices;
    bool reset_has_reason = false;
    bool retransmit_has_error = false;
    bool drop_has_socket = false;
    bool irq_save = false;     ///< programs can hold back interrupts (bpf_local_irq_save, 6.14)
    bool timers = false;       ///< the functions of the mini-sockets' timers were found
    bool open_sockets = true;  ///< sockets older than the trace can be listed
    bool processes = true;     ///< connections can be chosen by process

    bool attaches(std::string_view tracepoint) const;
    /// The first required tracepoint that the kernel lacks, if any.
    std::optional<Hook> missing() const;
    /// `timers`, `open_sockets` and `processes` are known only when the programs are loaded.
    std::vector<Ability> abilities() const;
};

/// What decides which hooks are attached.
struct Profile {
    bool light = false;
    bool follow = false;  ///< chosen processes, and the children that they will have
};

HookPlan plan_hooks(const ArgumentCount& arguments, const Profile& profile);

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include "commands/privileges.h"

#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <vector>

#include <fmt/core.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "support/error.h"
#include "support/fence.h"

namespace tcpladder {
namespace {

// To attach. Beside these, CAP_SYSLOG shows the kernel's addresses in /proc/kallsyms: without it,
// TIME_WAIT is inferred, and causes that only a call chain tells are unknown.
constexpr Capability kBpf{CAP_BPF, "CAP_BPF"};                   // load programs, make maps
constexpr Capability kPerfmon{CAP_PERFMON, "CAP_PERFMON"};       // let them read kernel memory
constexpr Capability kSysAdmin{CAP_SYS_ADMIN, "CAP_SYS_ADMIN"};  // has stood for both since ever

// To go on. Reading the ring, the counters and the programs' statistics goes by descriptor.
constexpr Capability kDacOverride{CAP_DAC_OVERRIDE, "CAP_DAC_OVERRIDE"};  // the next file (-C, -G)
constexpr Capability kFowner{CAP_FOWNER, "CAP_FOWNER"};  // its mode, where it was there before
constexpr Capability kKill{CAP_KILL, "CAP_KILL"};        // end what runs as another --user

std::string own_path() {
    std::array<char, PATH_MAX> path{};
    const auto size = ::readlink("/proc/self/exe", path.data(), path.size() - 1);
    return size > 0 ? path.data() : "tcpladder";
}

// Until 5.19 every bpf() call needed it where unprivileged BPF is off, that for the counters, too.
bool bpf_calls_need_capability() {
    utsname names{};
    int major = 0;
    int minor = 0;
    if (::uname(&names) != 0 || std::sscanf(names.release, "%d.%d", &major, &minor) != 2)
        return true;
    return major < 5 || (major == 5 && minor < 19);
}

// The recording's name may have strftime()'s letters in its folders, too.
std::string folder_of(const std::string& file) {
    const auto fixed = file.substr(0, file.find('%'));
    const auto slash = fixed.rfind('/');
    return slash == std::string::npos ? "." : fixed.substr(0, slash + 1);
}

}  // namespace

std::string missing_to_trace() {
    std::string missing;
    const auto have = effective_capabilities();
    if ((have & bit(kSysAdmin)) != 0)
        return missing;
    for (const auto& needed : {kBpf, kPerfmon}) {
        if ((have & bit(needed)) == 0)
            missing += fmt::format("{}{}", missing.empty() ? "" : " and ", needed.name);
    }
    return missing;
}

void need_capabilities_to_trace() {
    const auto missing = missing_to_trace();
    if (missing.empty())
        return;
    throw Error(
        "tracing the kernel needs root, or the capabilities CAP_BPF and CAP_PERFMON; this "
        "process lacks " +
            missing,
        ::geteuid() == 0
            ? "run it outside the container, or give those to the container"
            : fmt::format("sudo tcpladder trace …; or, once for all users: sudo setcap "
                          "cap_bpf,cap_perfmon,cap_syslog+ep {}",
                          own_path()));
}

CapabilitySet still_needed(const StillToDo& todo) {
    CapabilitySet set = 0;
    if (!todo.more_files.empty())
        set |= bit(kDacOverride) | bit(kFowner);
    if (todo.signal_others)
        set |= bit(kKill);
    if (bpf_calls_need_capability())
        set |= bit(kBpf);
    return set & effective_capabilities();  // with file capabilities, there never were others
}

void drop_privileges(const StillToDo& todo, const RunAs& user) {
    const auto kept = still_needed(todo);
    ::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);  // over the change of user
    if (const auto* step = user.become(); step != nullptr)
        throw system_error(fmt::format("cannot {} of {}", step, user.name), errno);
    set_capabilities(kept);
    put_up_fence(todo.more_files.empty() ? "" : folder_of(todo.more_files));
}

}  // namespace tcpladder

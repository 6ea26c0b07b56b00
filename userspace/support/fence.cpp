// SPDX-License-Identifier: MIT
#include "support/fence.h"

#include <cerrno>
#include <cstdint>

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support/error.h"
#include "support/unique_fd.h"

namespace tcpladder {
namespace {

// Names and fields that linux/landlock.h of 6.1 does not have yet.
constexpr std::uint64_t kTruncate = 1U << 14;  // ABI 3
constexpr std::uint64_t kBindTcp = 1U << 0;    // ABI 4
constexpr std::uint64_t kConnectTcp = 1U << 1;
struct Ruleset {
    std::uint64_t files;
    std::uint64_t network;
};

/// All that changes something, and execution. REFER is left out: unhandled, it
/// is always refused.
constexpr std::uint64_t kChange =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
    LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;

void allow_files_in(const std::string& folder, const UniqueFd& ruleset, std::uint64_t handled) {
    const UniqueFd place(::open(folder.c_str(), O_PATH | O_CLOEXEC));
    const landlock_path_beneath_attr rule{
        .allowed_access =
            handled & (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | kTruncate),
        .parent_fd = place.get()};
    if (!place ||
        ::syscall(SYS_landlock_add_rule, ruleset.get(), LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
        throw system_error("cannot keep '" + folder + "' open for writing", errno);
}

}  // namespace

void put_up_fence(const std::string& folder) {
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    const auto abi =
        ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1)
        return;
    const Ruleset rules{.files = kChange | (abi >= 3 ? kTruncate : 0),
                        .network = abi >= 4 ? kBindTcp | kConnectTcp : 0};
    const auto size = abi >= 4 ? sizeof(rules) : sizeof(rules.files);
    const UniqueFd ruleset(
        static_cast<int>(::syscall(SYS_landlock_create_ruleset, &rules, size, 0)));
    if (!ruleset)
        return;
    if (!folder.empty())
        allow_files_in(folder, ruleset, rules.files);
    ::syscall(SYS_landlock_restrict_self, ruleset.get(), 0);
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include "support/child.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/error.h"

namespace tcpladder {
namespace {

struct Failure {
    int error;
    char step[32];
};

[[noreturn]] void fail(int report, const char* step) {
    Failure failure{errno, {}};
    std::strncpy(failure.step, step, sizeof(failure.step) - 1);
    const auto ignored = ::write(report, &failure, sizeof(failure));
    (void)ignored;
    ::_exit(127);
}

void drop_to(const RunAs& user, int report) {
    if (user.name.empty() || ::geteuid() != 0)
        return;
    if (::initgroups(user.name.c_str(), user.gid) != 0)
        fail(report, "set the groups");
    if (::setresgid(user.gid, user.gid, user.gid) != 0)
        fail(report, "set the group");
    if (::setresuid(user.uid, user.uid, user.uid) != 0)
        fail(report, "set the user");
}

void reset_signals() {
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
}

[[noreturn]] void become(const std::vector<std::string>& arguments, const RunAs& user, int report,
                         pid_t parent) {
    std::vector<char*> words;
    for (const auto& argument : arguments)
        words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0 || ::dup2(null, STDIN_FILENO) < 0 || ::dup2(null, STDOUT_FILENO) < 0)
        fail(report, "open /dev/null");
    ::setpgid(0, 0);
    drop_to(user, report);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // after the change of user, which clears it
    if (::getppid() != parent)
        ::_exit(127);
    reset_signals();
    ::execv(words[0], words.data());
    fail(report, "run it");
}

RunAs from_entry(const passwd* entry) {
    return {entry->pw_uid, entry->pw_gid, entry->pw_name};
}

}  // namespace

RunAs RunAs::invoking_user() {
    const char* uid = std::getenv("SUDO_UID");
    if (::geteuid() != 0 || uid == nullptr)
        return {};
    char* end = nullptr;
    const auto number = std::strtoul(uid, &end, 10);
    if (end == uid || *end != '\0' || number == 0)
        return {};
    const auto* entry = ::getpwuid(static_cast<uid_t>(number));
    if (entry == nullptr)
        throw Error("SUDO_UID is " + std::string(uid) + ", but there is no such user");
    return from_entry(entry);
}

RunAs RunAs::named(const std::string& user) {
    const auto* entry = ::getpwnam(user.c_str());
    if (entry == nullptr)
        throw Error("there is no user '" + user + "'");
    return from_entry(entry);
}

Child::Child(const std::vector<std::string>& arguments, const RunAs& user)
    : name_(arguments.at(0).substr(arguments.at(0).rfind('/') + 1)) {
    int pipe_ends[2];
    if (::pipe2(pipe_ends, O_CLOEXEC) != 0)
        throw system_error("cannot make a pipe", errno);
    const UniqueFd report(pipe_ends[0]);
    UniqueFd child_end(pipe_ends[1]);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0)
        throw system_error("cannot start '" + name_ + "'", errno);
    if (pid_ == 0)
        become(arguments, user, child_end.get(), parent);
    child_end.reset();
    pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    Failure failure{};
    if (::read(report.get(), &failure, sizeof(failure)) == sizeof(failure)) {
        ::waitpid(std::exchange(pid_, -1), nullptr, 0);
        throw Error("cannot start '" + arguments[0] + "': cannot " + failure.step + ": " +
                    std::strerror(failure.error));
    }
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::move(other.pidfd_)),
      name_(std::move(other.name_)),
      ending_(std::move(other.ending_)),
      terminated_(other.terminated_) {}

Child::~Child() {
    if (!running())
        return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

void Child::terminate() {
    if (!running())
        return;
    terminated_ = true;
    ::kill(pid_, SIGTERM);
}

bool Child::wait() {
    if (!running())
        return true;
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    if (WIFSIGNALED(status)) {
        ending_ = "signal " + std::to_string(WTERMSIG(status));
        return terminated_ && WTERMSIG(status) == SIGTERM;
    }
    ending_ = "exit status " + std::to_string(WEXITSTATUS(status));
    return WEXITSTATUS(status) == 0;
}

}  // namespace tcpladder

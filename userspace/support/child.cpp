// SPDX-License-Identifier: MIT
#include "support/child.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/error.h"

namespace tcpladder {

void reset_signals() {
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
}

namespace {

struct Failure {
    int error;
    char step[32];
    char program[256];
};

[[noreturn]] void fail(int report, const char* program, const char* step) {
    Failure failure{errno, {}, {}};
    std::strncpy(failure.step, step, sizeof(failure.step) - 1);
    std::strncpy(failure.program, program, sizeof(failure.program) - 1);
    const auto ignored = ::write(report, &failure, sizeof(failure));
    (void)ignored;
    ::_exit(127);
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
    std::vector<char*> result;
    for (const auto& word : words)
        result.push_back(const_cast<char*>(word.c_str()));
    result.push_back(nullptr);
    return result;
}

/// What runs between fork and exec.
struct Birth {
    const std::vector<char*>& arguments;
    const std::vector<char*>& environment;
    const RunAs& user;
    int gate;
    int report;
    pid_t parent;
    int netns;
};

// Other gates' ends, too: a gate's signal and its answer are the last closing of a pipe.
void close_all_but(int a, int b) {
    const auto low = static_cast<unsigned>(std::min(a, b));
    const auto high = static_cast<unsigned>(std::max(a, b));
    ::syscall(SYS_close_range, STDERR_FILENO + 1U, low - 1, 0);
    if (high - low > 1)
        ::syscall(SYS_close_range, low + 1, high - 1, 0);
    ::syscall(SYS_close_range, high + 1, ~0U, 0);
}

[[noreturn]] void run(const Birth& birth) {
    const auto* program = birth.arguments[0];
    if (birth.netns >= 0 && ::setns(birth.netns, CLONE_NEWNET) != 0)
        fail(birth.report, program, "enter its network namespace");
    close_all_but(birth.gate, birth.report);
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0 || ::dup2(null, STDIN_FILENO) < 0 || ::dup2(null, STDOUT_FILENO) < 0)
        fail(birth.report, program, "open /dev/null");
    ::setpgid(0, 0);
    if (const auto* step = birth.user.become(); step != nullptr)
        fail(birth.report, program, step);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // after the change of user, which clears it
    reset_signals();                     // it may be ended before its gate opens
    char byte = 0;
    if (::getppid() != birth.parent || ::read(birth.gate, &byte, 1) != 0)
        ::_exit(127);
    ::execve(program, birth.arguments.data(), birth.environment.data());
    fail(birth.report, program, "run it");
}

RunAs from_entry(const passwd* entry) {
    return {entry->pw_uid, entry->pw_gid, entry->pw_name, entry->pw_dir, entry->pw_shell};
}

void make_pipe(UniqueFd& read_end, UniqueFd& write_end) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        throw system_error("cannot make a pipe", errno);
    read_end.reset(ends[0]);
    write_end.reset(ends[1]);
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

const char* RunAs::become() const {
    if (name.empty() || ::geteuid() != 0)
        return nullptr;
    if (::initgroups(name.c_str(), gid) != 0)
        return "set the groups";
    if (::setresgid(gid, gid, gid) != 0)
        return "set the group";
    return ::setresuid(uid, uid, uid) != 0 ? "set the user" : nullptr;
}

std::vector<std::string> RunAs::environment() const {
    static constexpr std::array kOfUser = {
        "HOME=", "LOGNAME=", "MAIL=", "SHELL=", "SUDO_", "USER="};
    std::vector<std::string> result;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text = *variable;
        const bool replaced = std::any_of(kOfUser.begin(), kOfUser.end(), [&](const char* start) {
            return text.starts_with(start);
        });
        if (name.empty() || !replaced)
            result.emplace_back(text);
    }
    if (!name.empty())
        result.insert(result.end(),
                      {"HOME=" + home, "LOGNAME=" + name, "SHELL=" + shell, "USER=" + name});
    return result;
}

Gate::Gate() {
    make_pipe(wait_, hold_);
    make_pipe(reports_, tell_);
}

void Gate::open() {
    wait_.reset();
    tell_.reset();
    hold_.reset();
    Failure failure{};
    if (::read(reports_.get(), &failure, sizeof(failure)) == sizeof(failure))
        throw Error("cannot start '" + std::string(failure.program) + "': cannot " + failure.step +
                    ": " + std::strerror(failure.error));
}

Child::Child(const std::vector<std::string>& arguments, const RunAs& user, const Gate& gate,
             int netns)
    : name_(arguments.at(0).substr(arguments.at(0).rfind('/') + 1)) {
    const auto environment = user.environment();
    const auto words = pointers(arguments);
    const auto variables = pointers(environment);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0)
        throw system_error("cannot start '" + name_ + "'", errno);
    if (pid_ == 0)
        run({words, variables, user, gate.wait_.get(), gate.tell_.get(), parent, netns});
    pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
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

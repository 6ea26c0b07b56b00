// SPDX-License-Identifier: MIT
#include "commands/traced_command.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/error.h"

namespace tcpladder {
namespace {

constexpr int kNotFound = 127;
constexpr int kCannotRun = 126;

std::pair<UniqueFd, UniqueFd> make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        throw system_error("cannot make a pipe", errno);
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

[[noreturn]] void fail(int report) {
    const int error = errno;
    const auto ignored = ::write(report, &error, sizeof(error));
    (void)ignored;
    ::_exit(kNotFound);
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
    std::vector<char*> result;
    for (const auto& word : words)
        result.push_back(const_cast<char*>(word.c_str()));
    result.push_back(nullptr);
    return result;
}

}  // namespace

TracedCommand::TracedCommand(std::vector<std::string> words, const RunAs& user, bool own_stdout)
    : words_(std::move(words)) {
    auto [start_read, start_write] = make_pipe();
    auto [report_read, report_write] = make_pipe();
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0)
        throw system_error("cannot start '" + words_.at(0) + "'", errno);
    if (pid_ == 0) {
        start_write.reset();
        become(user, own_stdout, parent, start_read.get(), report_write.get());
    }
    running_ = true;
    start_ = std::move(start_write);
    report_ = std::move(report_read);
    pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    if (!pidfd_)
        throw system_error("cannot watch '" + words_.at(0) + "'", errno);
}

TracedCommand::~TracedCommand() {
    if (!running_)
        return;
    ::kill(pid_, SIGKILL);
    wait();
}

// Everything but the exec itself is done before it waits, so that what the tracer sees
// of this process is the command's.
void TracedCommand::become(const RunAs& user, bool own_stdout, pid_t parent, int start,
                           int report) const {
    const auto words = pointers(words_);
    const auto environment = user.environment();
    const auto variables = pointers(environment);
    if (!own_stdout && ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        fail(report);
    if (user.become() != nullptr)
        fail(report);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // after the change of user, which clears it
    if (::getppid() != parent)
        ::_exit(kNotFound);
    reset_signals();
    char nothing = 0;
    while (::read(start, &nothing, 1) < 0 && errno == EINTR) {
    }
    ::execvpe(words[0], words.data(), variables.data());
    fail(report);
}

std::string TracedCommand::start() {
    start_.reset();
    int error = 0;
    ssize_t count = 0;
    while ((count = ::read(report_.get(), &error, sizeof(error))) < 0 && errno == EINTR) {
    }
    report_.reset();
    if (count != sizeof(error))
        return "";
    wait();
    status_ = error == ENOENT ? kNotFound : kCannotRun;
    return "cannot start '" + words_[0] + "': " + std::strerror(error);
}

void TracedCommand::send_signal(int number) const {
    if (running_)
        ::kill(pid_, number);
}

void TracedCommand::wait() {
    if (!running_)
        return;
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    running_ = false;
    by_signal_ = WIFSIGNALED(status);
    status_ = by_signal_ ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "support/child.h"
#include "support/unique_fd.h"

namespace tcpladder {

/// The command of `tcpladder trace -- COMMAND`. It has our terminal, so that Ctrl-C
/// reaches it, runs as the invoking user, and gets a SIGTERM if we die.
class TracedCommand {
public:
    /// The process is there, with its user's ids and environment, but waits for start().
    /// `own_stdout`: it writes to our standard output, else to our standard error.
    /// Throws Error.
    TracedCommand(std::vector<std::string> words, const RunAs& user, bool own_stdout);
    /// Kills it if it still runs.
    ~TracedCommand();
    TracedCommand(const TracedCommand&) = delete;
    TracedCommand& operator=(const TracedCommand&) = delete;

    /// Empty: it runs. Else one sentence why not; then status() is 127 if there is no
    /// such command and 126 if it cannot be run, as a shell's.
    std::string start();

    pid_t pid() const { return pid_; }
    /// For epoll: readable when it has ended; then call wait().
    int fd() const { return pidfd_.get(); }
    void send_signal(int number) const;
    void wait();

    bool running() const { return running_; }
    /// After its end: its exit status, or 128 and the number of the signal.
    int status() const { return status_; }
    /// The signal that ended it; 0: none did.
    int ended_by() const { return status_ > 128 && by_signal_ ? status_ - 128 : 0; }

private:
    [[noreturn]] void become(const RunAs& user, bool own_stdout, pid_t parent, int start,
                             int report) const;

    std::vector<std::string> words_;
    pid_t pid_ = -1;
    UniqueFd pidfd_;
    UniqueFd start_;   ///< closed: the child may go
    UniqueFd report_;  ///< the child's errno, if it cannot
    bool running_ = false;
    bool by_signal_ = false;
    int status_ = 0;
};

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "support/unique_fd.h"

namespace tcpladder {

/// The user that a child runs as. Root that came through sudo has a user behind
/// it; any other root is itself.
struct RunAs {
    uid_t uid = 0;
    gid_t gid = 0;
    std::string name;  ///< for its groups; empty: no change of user
    std::string home;
    std::string shell;

    /// SUDO_UID, else nobody else.
    static RunAs invoking_user();
    /// Throws Error if there is no such user.
    static RunAs named(const std::string& user);

    /// Root becomes this user, with its groups and no capabilities (unless
    /// PR_SET_KEEPCAPS is set). The step that failed, and errno; nullptr: none.
    const char* become() const;
    /// Ours, but with the user's HOME, USER and so on, and without sudo's SUDO_….
    std::vector<std::string> environment() const;
};

/// Between fork and exec: no signal is blocked, and SIGPIPE does what it does by default.
void reset_signals();

/// Holds children back between their fork and their exec: they are made while
/// we may still make them so, and run when all is ready.
class Gate {
public:
    Gate();
    /// Lets them run. Throws Error if one of them cannot be started.
    void open();

private:
    friend class Child;
    UniqueFd wait_, hold_;     ///< a pipe: its end is the signal
    UniqueFd reports_, tell_;  ///< a pipe: what went wrong; its end comes with the last exec
};

/// A process that we started. It dies with us, however we die, and is waited
/// for in the end. It does not get the terminal's Ctrl-C: we decide.
class Child {
public:
    /// Runs `arguments` (the first is the path) when `gate` is opened, with
    /// standard input and output from and to /dev/null. `netns`: a descriptor of the
    /// network namespace to run in; -1: ours.
    Child(const std::vector<std::string>& arguments, const RunAs& user, const Gate& gate,
          int netns = -1);
    ~Child();
    Child(Child&& other) noexcept;
    Child& operator=(Child&&) = delete;

    pid_t pid() const { return pid_; }
    /// For epoll: readable when it has ended.
    int fd() const { return pidfd_.get(); }
    const std::string& name() const { return name_; }

    void terminate();
    /// Waits for its end. True: it exited with status 0, or by our terminate().
    bool wait();
    bool running() const { return pid_ > 0; }
    /// After wait(): `exit status 1`, `signal 9`.
    const std::string& ending() const { return ending_; }

private:
    pid_t pid_ = -1;
    UniqueFd pidfd_;
    std::string name_;
    std::string ending_;
    bool terminated_ = false;
};

}  // namespace tcpladder

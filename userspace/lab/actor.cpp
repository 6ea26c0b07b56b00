// SPDX-License-Identifier: MIT
#include "lab/actor.h"

#include <cerrno>
#include <csignal>
#include <cstring>

#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/error.h"

namespace tcpladder::lab {
namespace {

// In the child: nothing of ours is left but the channel.
void become(Host host, int channel, int netns_fd, const RunAs& user, pid_t parent) {
    if (::setns(netns_fd, CLONE_NEWNET) != 0)
        ::_exit(1);
    if (::dup2(channel, 3) < 0)
        ::_exit(1);
    ::close_range(4, ~0U, 0);
    if (user.become() != nullptr)
        ::_exit(1);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // after the change of user, which clears it
    if (::getppid() != parent)
        ::_exit(1);
    ::prctl(PR_SET_NAME, host == Host::kClient ? "lab-client" : "lab-server");
    ::setpgid(0, 0);  // the terminal's Ctrl-C is not for it
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
}

template <std::size_t kSize>
void copy(char (&out)[kSize], const std::string& text) {
    std::memset(out, 0, kSize);
    std::memcpy(out, text.data(), std::min(text.size(), kSize - 1));
}

}  // namespace

Actor::Actor(Host host, std::uint8_t version, int netns_fd, const RunAs& user) : host_(host) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        throw system_error("cannot make a socket pair", errno);
    channel_.reset(ends[0]);
    UniqueFd theirs(ends[1]);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0)
        throw system_error("cannot start the " + std::string(name(host)), errno);
    if (pid_ == 0) {
        become(host, theirs.get(), netns_fd, user, parent);
        run_actor(3, host, version);
    }
}

Actor::~Actor() {
    kill();
}

void Actor::kill() {
    if (pid_ < 0)
        return;
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
}

void Actor::begin(const Call& call) {
    CallMessage message{};
    message.verb = call.verb;
    copy(message.socket, call.socket);
    copy(message.listener, call.listener);
    copy(message.text, call.text);
    message.number = call.number;
    message.port = call.port;
    message.from_port = call.from_port;
    if (pid_ < 0)
        throw Error("the " + std::string(name(host_)) + " has been killed: it can do nothing more");
    if (::send(channel_.get(), &message, sizeof(message), MSG_NOSIGNAL) != sizeof(message))
        throw system_error("the " + std::string(name(host_)) + " does not take a call", errno);
}

std::optional<CallResult> Actor::result() {
    CallResult result;
    const auto size = ::recv(channel_.get(), &result, sizeof(result), MSG_DONTWAIT);
    if (size == sizeof(result))
        return result;
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return std::nullopt;
    throw Error("the " + std::string(name(host_)) + "'s process has died");
}

}  // namespace tcpladder::lab

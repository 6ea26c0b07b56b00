// SPDX-License-Identifier: MIT
#include "commands/spool.h"

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <string>

#include <fcntl.h>
#include <poll.h>

#include "support/error.h"
#include "support/write_all.h"

namespace tcpladder {
namespace {

volatile std::sig_atomic_t interrupted = 0;

/// Ctrl-C ends the reading, not the program. It comes during wait() only.
class CatchInterrupt {
public:
    CatchInterrupt() {
        struct sigaction action {};
        action.sa_handler = [](int) { interrupted = 1; };
        ::sigaction(SIGINT, &action, &old_);
        sigset_t mask;
        sigemptyset(&mask);
        sigaddset(&mask, SIGINT);
        ::sigprocmask(SIG_BLOCK, &mask, &old_mask_);
    }
    ~CatchInterrupt() {
        ::sigprocmask(SIG_SETMASK, &old_mask_, nullptr);
        ::sigaction(SIGINT, &old_, nullptr);
    }
    CatchInterrupt(const CatchInterrupt&) = delete;
    CatchInterrupt& operator=(const CatchInterrupt&) = delete;

    /// False: nothing has come for a second after Ctrl-C. Who writes may have got it, too,
    /// and writes its end.
    bool wait(std::vector<pollfd>& pipes) const {
        const timespec second{1, 0};
        const auto* longest = interrupted != 0 ? &second : nullptr;
        const bool before = interrupted != 0;
        const int ready = ::ppoll(pipes.data(), pipes.size(), longest, &old_mask_);
        return ready > 0 || (ready < 0 && !before);
    }

private:
    struct sigaction old_ {};
    sigset_t old_mask_{};
};

class Spool {
public:
    explicit Spool(InputFile& pipe) : pipe_(&pipe) {
        file_.reset(::open(folder_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
        if (!file_)
            throw system_error("cannot keep " + pipe.name() + " in " + folder_, errno);
    }
    /// All that is there at the moment.
    void copy() {
        std::size_t count = 0;
        auto result = ByteSource::Result::kBytes;
        while ((result = pipe_->read(room_, count)) == ByteSource::Result::kBytes) {
            std::size_t done = 0;
            if (!write_all(file_.get(), {reinterpret_cast<const char*>(room_.data()), count}, done))
                throw system_error("cannot keep " + pipe_->name() + " in " + folder_, errno);
        }
        at_end_ = result == ByteSource::Result::kEnd;
    }
    bool at_end() const { return at_end_; }
    pollfd waiting() const { return {pipe_->fd(), POLLIN, 0}; }
    UniqueFd take() { return std::move(file_); }

private:
    InputFile* pipe_;
    std::string folder_ = std::filesystem::temp_directory_path().string();
    UniqueFd file_;
    std::vector<std::uint8_t> room_ = std::vector<std::uint8_t>(256 * 1024);
    bool at_end_ = false;
};

}  // namespace

std::vector<UniqueFd> spool(const std::vector<std::unique_ptr<InputFile>>& pipes) {
    std::vector<Spool> spools;
    for (const auto& pipe : pipes)
        spools.emplace_back(*pipe);
    const CatchInterrupt catching;
    while (true) {
        std::vector<pollfd> waiting;
        for (auto& spool : spools) {
            if (!spool.at_end())
                spool.copy();
            if (!spool.at_end())
                waiting.push_back(spool.waiting());
        }
        if (waiting.empty() || !catching.wait(waiting))
            break;
    }
    std::vector<UniqueFd> files;
    for (auto& spool : spools)
        files.push_back(spool.take());
    return files;
}

}  // namespace tcpladder

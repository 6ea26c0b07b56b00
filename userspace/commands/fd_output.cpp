// SPDX-License-Identifier: MIT
#include "commands/fd_output.h"

#include <cerrno>
#include <utility>

#include <poll.h>
#include <unistd.h>

#include "support/error.h"

namespace tcpladder {
namespace {

constexpr std::size_t kPiece = 256 * 1024;

void wait_until_writable(int fd) {
    pollfd waiting{fd, POLLOUT, 0};
    ::poll(&waiting, 1, -1);
}

}  // namespace

FdOutput::FdOutput(int fd, std::string name) : fd_(fd), name_(std::move(name)) {
    buffer_.reserve(2 * kPiece);
}

void FdOutput::write(std::string_view text) {
    if (closed_)
        return;
    buffer_ += text;
    if (buffer_.size() >= kPiece)
        flush();
}

void FdOutput::flush() {
    std::string_view rest = buffer_;
    while (!rest.empty() && !closed_) {
        const auto written = ::write(fd_, rest.data(), rest.size());
        if (written >= 0) {
            rest.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) {
            wait_until_writable(fd_);
        } else if (errno == EPIPE) {
            closed_ = true;
        } else if (errno != EINTR) {
            const int error = errno;
            closed_ = true;
            buffer_.clear();
            throw system_error("cannot write to " + name_, error);
        }
    }
    buffer_.clear();
}

}  // namespace tcpladder

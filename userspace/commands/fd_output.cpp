// SPDX-License-Identifier: MIT
#include "commands/fd_output.h"

#include <cerrno>
#include <utility>

#include "support/error.h"
#include "support/write_all.h"

namespace tcpladder {
namespace {

constexpr std::size_t kPiece = 256 * 1024;

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
    std::size_t done = 0;
    const bool written = closed_ || write_all(fd_, buffer_, done);
    const int error = errno;
    buffer_.clear();
    if (written)
        return;
    closed_ = true;
    if (error != EPIPE)
        throw system_error("cannot write to " + name_, error);
}

}  // namespace tcpladder

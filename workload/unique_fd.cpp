// SPDX-License-Identifier: MIT
#include "workload/unique_fd.h"

#include "workload/error.h"

#include <unistd.h>
#include <cerrno>
#include <utility>

namespace daytime {

UniqueFd::~UniqueFd() {
    if (fd_ != -1) {
        ::close(fd_);
    }
}

UniqueFd::UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}

UniqueFd& UniqueFd::operator=(UniqueFd&& other) noexcept {
    UniqueFd taken(std::move(other));
    std::swap(fd_, taken.fd_);
    return *this;
}

void UniqueFd::close() {
    // Linux gives the descriptor back even when a signal interrupts: closing again would be wrong.
    if (fd_ != -1 && ::close(release()) == -1 && errno != EINTR) {
        throw SystemError("cannot close the socket", errno);
    }
}

int UniqueFd::release() {
    return std::exchange(fd_, -1);
}

}  // namespace daytime

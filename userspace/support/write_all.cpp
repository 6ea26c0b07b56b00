// SPDX-License-Identifier: MIT
#include "support/write_all.h"

#include <cerrno>

#include <poll.h>
#include <unistd.h>

namespace tcpladder {
namespace {

void wait_until_writable(int fd) {
    pollfd waiting{fd, POLLOUT, 0};
    ::poll(&waiting, 1, -1);
}

}  // namespace

bool write_all(int fd, std::string_view text, std::size_t& done) {
    done = 0;
    while (done < text.size()) {
        const auto written = ::write(fd, text.data() + done, text.size() - done);
        if (written >= 0)
            done += static_cast<std::size_t>(written);
        else if (errno == EAGAIN)
            wait_until_writable(fd);
        else if (errno != EINTR)
            return false;
    }
    return true;
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include "support/say.h"

#include <fcntl.h>
#include <unistd.h>

namespace tcpladder {

void say(const std::string& text) {
    const auto line = "tcpladder: " + text + "\n";
    const auto ignored = ::write(STDERR_FILENO, line.data(), line.size());
    (void)ignored;
}

void open_standard_descriptors() {
    int fd = 0;
    while (fd >= 0 && fd <= STDERR_FILENO) {
        fd = ::open("/dev/null", O_RDWR);
    }
    if (fd > STDERR_FILENO) {
        ::close(fd);
    }
}

}  // namespace tcpladder

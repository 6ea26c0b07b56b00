// SPDX-License-Identifier: MIT
#include "support/say.h"

#include <string_view>

#include <fcntl.h>
#include <unistd.h>

namespace tcpladder {

namespace {

bool is_control(unsigned char byte, unsigned char before) {
    const bool c1 = before == 0xc2 && byte >= 0x80 && byte < 0xa0;  // U+0080 to U+009F
    return byte < ' ' || byte == 0x7f || c1;
}

// Names of files and hosts are in it, and some terminals obey what is in them.
std::string without_controls(const std::string& text) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string result;
    unsigned char before = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_control(byte, before))
            result += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 0xf]};
        else
            result += c;
        before = byte;
    }
    return result;
}

}  // namespace

void say(const std::string& text) {
    const auto line = "tcpladder: " + without_controls(text) + "\n";
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

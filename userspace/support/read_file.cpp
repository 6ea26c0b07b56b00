// SPDX-License-Identifier: MIT
#include "support/read_file.h"

#include <fcntl.h>
#include <unistd.h>

#include "support/unique_fd.h"

namespace tcpladder {

// Files of /proc come in small pieces: the text grows in large steps, and only
// what was read is kept.
std::string read_file(const std::string& path) {
    constexpr std::size_t kRoom = 64 * 1024;
    std::string text;
    std::size_t used = 0;
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    while (file) {
        if (text.size() - used < kRoom) text.resize(2 * text.size() + kRoom);
        const auto got = ::read(file.get(), text.data() + used, text.size() - used);
        if (got <= 0) break;
        used += static_cast<std::size_t>(got);
    }
    text.resize(used);
    return text;
}

}  // namespace tcpladder

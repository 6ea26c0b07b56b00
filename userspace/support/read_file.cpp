// SPDX-License-Identifier: MIT
#include "support/read_file.h"

#include <fcntl.h>
#include <unistd.h>

#include "support/unique_fd.h"

namespace tcpladder {

std::string read_file(const std::string& path) {
    constexpr std::size_t kPiece = 1U << 20;
    std::string text;
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return text;
    while (true) {
        const auto old = text.size();
        text.resize(old + kPiece);
        const auto got = ::read(file.get(), text.data() + old, kPiece);
        text.resize(old + (got > 0 ? static_cast<std::size_t>(got) : 0));
        if (got <= 0) return text;
    }
}

}  // namespace tcpladder

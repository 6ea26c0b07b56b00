// SPDX-License-Identifier: MIT
#include "support/read_file.h"

#include <cstring>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "support/unique_fd.h"

namespace tcpladder {

// A line is taken when its end is there; what is left of it moves to the front.
void for_each_line(const std::string& path, const std::function<void(std::string_view)>& take) {
    constexpr std::size_t kRoom = 256 * 1024;
    const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::vector<char> room(kRoom);
    std::size_t used = 0;
    while (file) {
        if (used == room.size())
            room.resize(2 * room.size());
        const auto got = ::read(file.get(), room.data() + used, room.size() - used);
        if (got <= 0)
            break;
        used += static_cast<std::size_t>(got);
        std::string_view text(room.data(), used);
        for (auto end = text.find('\n'); end != text.npos; end = text.find('\n')) {
            take(text.substr(0, end));
            text.remove_prefix(end + 1);
        }
        used = text.size();
        std::memmove(room.data(), text.data(), used);
    }
    if (used > 0)
        take({room.data(), used});
}

}  // namespace tcpladder

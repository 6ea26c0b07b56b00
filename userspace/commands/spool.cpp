// SPDX-License-Identifier: MIT
#include "commands/spool.h"

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <vector>

#include <fcntl.h>
#include <poll.h>

#include "support/error.h"
#include "support/write_all.h"

namespace tcpladder {
namespace {

volatile std::sig_atomic_t interrupted = 0;

/// Ctrl-C ends the reading, not the program.
class CatchInterrupt {
public:
    CatchInterrupt() {
        struct sigaction action {};
        action.sa_handler = [](int) { interrupted = 1; };
        ::sigaction(SIGINT, &action, &old_);  // no SA_RESTART: poll() returns
    }
    ~CatchInterrupt() { ::sigaction(SIGINT, &old_, nullptr); }
    CatchInterrupt(const CatchInterrupt&) = delete;
    CatchInterrupt& operator=(const CatchInterrupt&) = delete;

private:
    struct sigaction old_ {};
};

}  // namespace

UniqueFd spool(InputFile& pipe) {
    const auto folder = std::filesystem::temp_directory_path().string();
    UniqueFd file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!file)
        throw system_error("cannot keep " + pipe.name() + " in " + folder, errno);
    const CatchInterrupt catching;
    std::vector<std::uint8_t> room(256 * 1024);
    while (interrupted == 0) {
        std::size_t count = 0;
        const auto result = pipe.read(room, count);
        if (result == ByteSource::Result::kEnd)
            break;
        if (result == ByteSource::Result::kNotYet) {
            pollfd waiting{pipe.fd(), POLLIN, 0};
            ::poll(&waiting, 1, -1);
            continue;
        }
        std::size_t done = 0;
        if (!write_all(file.get(), {reinterpret_cast<const char*>(room.data()), count}, done))
            throw system_error("cannot keep " + pipe.name() + " in " + folder, errno);
    }
    return file;
}

}  // namespace tcpladder

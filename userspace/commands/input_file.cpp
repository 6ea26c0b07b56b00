// SPDX-License-Identifier: MIT
#include "commands/input_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/error.h"

namespace tcpladder {

InputFile::InputFile(const std::string& path, bool follow)
    : name_(path == "-" ? "standard input" : path), fd_(STDIN_FILENO), follow_(follow) {
    if (path != "-") {
        own_.reset(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
        if (!own_)
            throw system_error("cannot read " + path, errno);
        fd_ = own_.get();
    }
    struct stat status {};
    if (::fstat(fd_, &status) != 0)
        throw system_error("cannot read " + name_, errno);
    if (path == "-" && S_ISREG(status.st_mode))
        open_standard_input_anew();
    if (S_ISDIR(status.st_mode))
        throw Error("cannot read " + name_ + ": it is a directory");
    if (::isatty(fd_) != 0)
        throw Error("cannot read " + name_ + ": it is a terminal",
                    "sudo tcpladder trace -w - | tcpladder show -");
    is_stream_ = !S_ISREG(status.st_mode);
}

// With a place in the file of its own: it may be read twice. Who may not open it again
// reads it once.
void InputFile::open_standard_input_anew() {
    const auto start = ::lseek(STDIN_FILENO, 0, SEEK_CUR);
    own_.reset(::open("/proc/self/fd/0", O_RDONLY | O_CLOEXEC));
    if (!own_)
        return;
    ::lseek(own_.get(), start, SEEK_SET);
    fd_ = own_.get();
}

ByteSource::Result InputFile::read_more(std::span<std::uint8_t> room, std::size_t& count,
                                        bool wait) {
    while (true) {
        pollfd readable{fd_, POLLIN, 0};
        if (is_stream_ && !wait && ::poll(&readable, 1, 0) == 0)
            return Result::kNotYet;
        const auto got = ::read(fd_, room.data(), room.size());
        if (got > 0) {
            count = static_cast<std::size_t>(got);
            return Result::kBytes;
        }
        if (got == 0)
            return follow_ && !is_stream_ ? Result::kNotYet : Result::kEnd;
        if (errno == EAGAIN && !wait)
            return Result::kNotYet;
        if (errno == EAGAIN)
            ::poll(&readable, 1, -1);
        else if (errno != EINTR)
            throw system_error("cannot read " + name_, errno);
    }
}

ByteSource::Result InputFile::read(std::span<std::uint8_t> room, std::size_t& count) {
    if (given_ == peeked_.size())
        return read_more(room, count, false);
    count = std::min(room.size(), peeked_.size() - given_);
    std::memcpy(room.data(), peeked_.data() + given_, count);
    given_ += count;
    return Result::kBytes;
}

std::string_view InputFile::peek(std::size_t bytes) {
    std::vector<std::uint8_t> room(bytes);
    while (peeked_.size() < bytes) {
        std::size_t count = 0;
        if (read_more(room, count, true) != Result::kBytes)
            break;
        peeked_.append(reinterpret_cast<const char*>(room.data()), count);
    }
    return peeked_;
}

std::string InputFile::tail(std::size_t bytes, std::uint64_t& offset) const {
    struct stat status {};
    if (::fstat(fd_, &status) != 0)
        return {};
    const auto size = static_cast<std::uint64_t>(status.st_size);
    offset = size - std::min<std::uint64_t>(size, bytes);
    std::string text(size - offset, '\0');
    const auto got = ::pread(fd_, text.data(), text.size(), static_cast<off_t>(offset));
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
}

}  // namespace tcpladder

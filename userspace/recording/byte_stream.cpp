// SPDX-License-Identifier: MIT
#include "recording/byte_stream.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/error.h"

namespace tcpladder {
namespace {

constexpr std::size_t kBufferBytes = 1U << 16;

ssize_t read_stream(void* stream, char* out, std::size_t size) {
    return static_cast<ByteStream*>(stream)->read(out, size);
}

}  // namespace

ByteStream::ByteStream(UniqueFd fd, std::string first)
    : fd_(std::move(fd)), buffer_(std::move(first)) {
    struct stat status {};
    is_file_ = ::fstat(fd_.get(), &status) == 0 && S_ISREG(status.st_mode);
}

// A pipe without a buffer of its own: what waits there would be neither read nor ready. A
// file is always ready, and byte by byte it takes ten times as long.
std::FILE* ByteStream::open() {
    auto* file = ::fopencookie(this, "rb", {read_stream, nullptr, nullptr, nullptr});
    if (file == nullptr)
        throw system_error("cannot read the capture", errno);
    std::setvbuf(file, nullptr, is_file_ ? _IOFBF : _IONBF, is_file_ ? kBufferBytes : 0);
    return file;
}

bool ByteStream::ready() const {
    if (is_file_ || at_ < buffer_.size())
        return true;
    pollfd wait{fd_.get(), POLLIN, 0};
    return ::poll(&wait, 1, 0) != 0;
}

long ByteStream::read(char* out, std::size_t size) {
    if (at_ == buffer_.size()) {
        buffer_.resize(kBufferBytes);
        ssize_t count = 0;
        do {
            count = ::read(fd_.get(), buffer_.data(), buffer_.size());
        } while (count < 0 && errno == EINTR);
        buffer_.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        at_ = 0;
        if (count <= 0)
            return count;
    }
    const auto count = std::min(size, buffer_.size() - at_);
    std::memcpy(out, buffer_.data() + at_, count);
    at_ += count;
    return static_cast<long>(count);
}

}  // namespace tcpladder

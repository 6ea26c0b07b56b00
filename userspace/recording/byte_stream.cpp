// SPDX-License-Identifier: MIT
#include "recording/byte_stream.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

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
    : fd_(std::move(fd)), buffer_(std::move(first)), end_(buffer_.size()) {
    struct stat status {};
    is_file_ = ::fstat(fd_.get(), &status) == 0 && S_ISREG(status.st_mode);
}

// A pipe without a buffer of its own: libpcap reads a packet and no more. A file is always
// ready, and byte by byte it takes ten times as long.
std::FILE* ByteStream::open() {
    auto* file = ::fopencookie(this, "rb", {read_stream, nullptr, nullptr, nullptr});
    if (file == nullptr)
        throw system_error("cannot read the capture", errno);
    std::setvbuf(file, nullptr, is_file_ ? _IOFBF : _IONBF, is_file_ ? kBufferBytes : 0);
    while (!is_file_ && end_ < CaptureFraming::kStart && read_more()) {
    }
    framing_.begin({buffer_.data(), end_});
    return file;
}

// Waits if nothing is there. What has been given is dropped.
bool ByteStream::read_more() {
    end_ -= at_;
    std::memmove(buffer_.data(), buffer_.data() + at_, end_);
    at_ = whole_until_ = 0;
    buffer_.resize(std::max(buffer_.size(), end_ + kBufferBytes));
    ssize_t count = 0;
    do {
        count = ::read(fd_.get(), buffer_.data() + end_, kBufferBytes);
    } while (count < 0 && errno == EINTR);
    ended_ = count <= 0;
    if (!ended_)
        end_ += static_cast<std::size_t>(count);
    return !ended_;
}

bool ByteStream::ready() {
    while (!is_file_ && !ended_ && at_ >= whole_until_) {
        if (const auto size = framing_.next_packet({buffer_.data() + at_, end_ - at_})) {
            whole_until_ = at_ + *size;
            return true;
        }
        pollfd wait{fd_.get(), POLLIN, 0};
        if (::poll(&wait, 1, 0) == 0)
            return false;
        read_more();
    }
    return true;
}

long ByteStream::read(char* out, std::size_t size) {
    if (at_ == end_ && !read_more())
        return 0;
    const auto count = std::min(size, end_ - at_);
    std::memcpy(out, buffer_.data() + at_, count);
    at_ += count;
    return static_cast<long>(count);
}

}  // namespace tcpladder

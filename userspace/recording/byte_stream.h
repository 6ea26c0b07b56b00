// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>

#include "support/unique_fd.h"

namespace tcpladder {

/// A file descriptor as a FILE for libpcap, which tells whether reading would
/// wait. What was read of it before may be given back.
class ByteStream {
public:
    /// `first` are bytes that were read already and shall come first.
    explicit ByteStream(UniqueFd fd, std::string first = {});
    ByteStream(const ByteStream&) = delete;
    ByteStream& operator=(const ByteStream&) = delete;

    /// A FILE that reads this stream; closing it leaves the stream. Use it no
    /// longer than this. Throws Error.
    std::FILE* open();
    /// Reading a byte now would not wait: there is one, or the end.
    bool ready() const;

    /// As read(2) does.
    long read(char* out, std::size_t size);

private:
    UniqueFd fd_;
    bool is_file_ = false;  ///< always ready
    std::string buffer_;
    std::size_t at_ = 0;
};

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>

#include "recording/capture_framing.h"
#include "support/unique_fd.h"

namespace tcpladder {

/// A capture's file descriptor as a FILE for libpcap, which tells whether reading a packet
/// would wait. What was read of it before may be given back.
class ByteStream {
public:
    /// `first` are bytes that were read already and shall come first.
    explicit ByteStream(UniqueFd fd, std::string first = {});
    ByteStream(const ByteStream&) = delete;
    ByteStream& operator=(const ByteStream&) = delete;

    /// A FILE that reads this stream; closing it leaves the stream. Use it no
    /// longer than this. Throws Error.
    std::FILE* open();
    /// Reading the next packet would not wait: all of it is there, or the end. To be asked
    /// between packets.
    bool ready();

    /// As read(2) does.
    long read(char* out, std::size_t size);

private:
    bool read_more();

    UniqueFd fd_;
    bool is_file_ = false;  ///< always ready
    std::string buffer_;    ///< what is to be given stands from at_ to end_
    std::size_t at_ = 0;
    std::size_t end_ = 0;
    CaptureFraming framing_;
    std::size_t whole_until_ = 0;  ///< in buffer_: packets that are there whole
    bool ended_ = false;
};

}  // namespace tcpladder

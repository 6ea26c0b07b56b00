// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "recording/byte_source.h"
#include "support/unique_fd.h"

namespace tcpladder {

/// A file, a pipe or standard input (`-`), read once from its start to its end.
class InputFile : public ByteSource {
public:
    /// `follow`: more may be written to it: its end is kNotYet. Throws Error.
    InputFile(const std::string& path, bool follow);

    /// Never waits: kNotYet where a pipe has nothing.
    Result read(std::span<std::uint8_t> room, std::size_t& count) override;

    /// What it starts with, at least `bytes` of it if it has so many. read() gives
    /// it again.
    std::string_view peek(std::size_t bytes);

    /// What a file that is no stream ends with at the moment, at most `bytes` of it, and
    /// where in the file that starts.
    std::string tail(std::size_t bytes, std::uint64_t& offset) const;

    /// As the user should read it.
    const std::string& name() const { return name_; }
    void rename(const std::string& name) { name_ = name == "-" ? "standard input" : name; }
    /// Not a file that can be read twice.
    bool is_stream() const { return is_stream_; }
    /// Nobody will write any more.
    void stop_following() { follow_ = false; }
    int fd() const { return fd_; }

private:
    void open_standard_input_anew();
    Result read_more(std::span<std::uint8_t> room, std::size_t& count, bool wait);

    std::string name_;
    UniqueFd own_;
    int fd_ = -1;
    bool is_stream_ = false;
    bool follow_ = false;
    std::string peeked_;
    std::size_t given_ = 0;  ///< of what was peeked
};

}  // namespace tcpladder

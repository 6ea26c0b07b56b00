// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tcpladder {

/// Bytes of a file or pipe, in order.
class ByteSource {
public:
    virtual ~ByteSource() = default;

    enum class Result {
        kBytes,
        kNotYet,  ///< nothing at the moment; more may come
        kEnd,
    };
    /// Reads up to `room.size()` bytes, and says how many. Throws Error if the
    /// system refuses.
    virtual Result read(std::span<std::uint8_t> room, std::size_t& count) = 0;
};

}  // namespace tcpladder

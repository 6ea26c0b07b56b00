// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "recording/byte_source.h"

namespace tcpladder::test {

/// A file in memory. With `piece`, it comes so many bytes at a time, as a slow pipe does.
class MemorySource : public ByteSource {
public:
    explicit MemorySource(std::string_view bytes, std::size_t piece = 0)
        : rest_(bytes), piece_(piece) {}

    Result read(std::span<std::uint8_t> room, std::size_t& count) override {
        if (rest_.empty())
            return growing ? Result::kNotYet : Result::kEnd;
        if (piece_ != 0 && !std::exchange(paused_, !paused_))
            return Result::kNotYet;
        count = std::min({rest_.size(), room.size(), piece_ != 0 ? piece_ : rest_.size()});
        std::copy_n(rest_.begin(), count, room.begin());
        rest_.remove_prefix(count);
        return Result::kBytes;
    }

    /// More may follow the end.
    bool growing = false;

private:
    std::string_view rest_;
    std::size_t piece_;
    bool paused_ = false;
};

}  // namespace tcpladder::test

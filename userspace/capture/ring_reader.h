// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace tcpladder {

/// Reads a BPF ring buffer (kernel/bpf/ringbuf.c).
///
/// libbpf's reader moves the consumer position after every record, and that
/// position is what every reserve in the kernel reads: the cache line then goes
/// back and forth between two processors for each record. This one moves it once
/// per piece. It also tells "empty" from "the next record is not finished yet".
class RingReader {
public:
    /// `map_fd` stays the caller's; poll it to learn of forced wake-ups. Throws
    /// Error if it cannot be mapped.
    RingReader(int map_fd, std::size_t ring_bytes);
    ~RingReader();
    RingReader(const RingReader&) = delete;
    RingReader& operator=(const RingReader&) = delete;

    /// Why read() stopped.
    enum class Stop { kEmpty, kUnfinished, kEnough };

    /// Calls `take(std::span<const std::byte>)` for every finished record, in the
    /// order of their places, until about `most` bytes were read. The bytes are
    /// valid during the call.
    template <typename Take>
    Stop read(std::size_t most, Take&& take) {
        most = std::min<std::size_t>(most, (mask_ + 1) / 4);  // room for the kernel meanwhile
        const auto start = consumer_position();
        auto position = start;
        auto stop = Stop::kEmpty;
        while (position < producer_position()) {
            const auto* header = data_ + (position & mask_);
            const auto length = load_length(header);
            stop = (length & kBusy) != 0 ? Stop::kUnfinished : Stop::kEnough;
            if ((length & kBusy) != 0 || position - start >= most)
                break;
            if ((length & kDiscard) == 0)
                take(std::span(header + kHeader, length));
            position += (kHeader + (length & ~kDiscard) + 7) & ~std::uint64_t{7};
            stop = Stop::kEmpty;
        }
        release(position);
        return stop;
    }

private:
    static constexpr std::uint32_t kBusy = 1U << 31;     // BPF_RINGBUF_BUSY_BIT
    static constexpr std::uint32_t kDiscard = 1U << 30;  // BPF_RINGBUF_DISCARD_BIT
    static constexpr std::uint64_t kHeader = 8;          // BPF_RINGBUF_HDR_SZ

    static std::uint32_t load_length(const std::byte* header);
    std::uint64_t consumer_position() const;
    std::uint64_t producer_position() const;
    void release(std::uint64_t position);

    std::size_t page_;
    std::uint64_t mask_;
    void* consumer_;       ///< the page with our position
    std::byte* producer_;  ///< the page with the kernel's, then the data, twice
    const std::byte* data_;
    std::size_t mapped_;
};

}  // namespace tcpladder

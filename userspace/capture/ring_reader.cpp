// SPDX-License-Identifier: MIT
#include "capture/ring_reader.h"

#include <atomic>
#include <cerrno>

#include <sys/mman.h>
#include <unistd.h>

#include "support/error.h"

namespace tcpladder {

RingReader::RingReader(int map_fd, std::size_t ring_bytes)
    : page_(static_cast<std::size_t>(::sysconf(_SC_PAGESIZE))),
      mask_(ring_bytes - 1),
      mapped_(page_ + 2 * ring_bytes) {
    consumer_ = ::mmap(nullptr, page_, PROT_READ | PROT_WRITE, MAP_SHARED, map_fd, 0);
    void* rest = ::mmap(nullptr, mapped_, PROT_READ, MAP_SHARED, map_fd, static_cast<off_t>(page_));
    if (consumer_ == MAP_FAILED || rest == MAP_FAILED)
        throw system_error("cannot map the ring buffer", errno);
    producer_ = static_cast<std::byte*>(rest);
    data_ = producer_ + page_;
}

RingReader::~RingReader() {
    ::munmap(consumer_, page_);
    ::munmap(producer_, mapped_);
}

std::uint32_t RingReader::load_length(const std::byte* header) {
    return std::atomic_ref(*reinterpret_cast<std::uint32_t*>(const_cast<std::byte*>(header)))
        .load(std::memory_order_acquire);
}

std::uint64_t RingReader::consumer_position() const {
    return std::atomic_ref(*static_cast<std::uint64_t*>(consumer_)).load(std::memory_order_relaxed);
}

std::uint64_t RingReader::producer_position() const {
    return std::atomic_ref(*reinterpret_cast<std::uint64_t*>(producer_))
        .load(std::memory_order_acquire);
}

void RingReader::release(std::uint64_t position) {
    if (position == consumer_position())
        return;
    std::atomic_ref(*static_cast<std::uint64_t*>(consumer_))
        .store(position, std::memory_order_release);
}

}  // namespace tcpladder

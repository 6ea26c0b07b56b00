// SPDX-License-Identifier: MIT
#include "allocations.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> count{0};

}  // namespace

void* operator new(std::size_t bytes) {
    ++count;
    if (void* memory = std::malloc(bytes != 0 ? bytes : 1))
        return memory;
    throw std::bad_alloc();
}
// The sanitizers have one of their own otherwise, whose memory our delete may not free.
void* operator new(std::size_t bytes, const std::nothrow_t& /*how*/) noexcept {
    ++count;
    return std::malloc(bytes);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t /*bytes*/) noexcept {
    std::free(memory);
}

namespace tcpladder::test {

std::size_t allocations() {
    return count;
}

}  // namespace tcpladder::test

// SPDX-License-Identifier: MIT
#include "support/huge_pages.h"

#include <cstdlib>

#include <sys/mman.h>

namespace tcpladder {

void* allocate_huge(std::size_t bytes) {
    constexpr std::size_t kHuge = 2 * 1024 * 1024;
    const auto rounded = (bytes + kHuge - 1) / kHuge * kHuge;
    void* memory = std::aligned_alloc(kHuge, rounded);
    if (memory == nullptr)
        throw std::bad_alloc();
    ::madvise(memory, rounded, MADV_HUGEPAGE);  // a hint: small pages do as well
    return memory;
}

void free_huge(void* memory) {
    std::free(memory);
}

}  // namespace tcpladder

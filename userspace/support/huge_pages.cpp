// SPDX-License-Identifier: MIT
#include "support/huge_pages.h"

#include <cstdlib>

#include <sys/mman.h>

namespace tcpladder {

void* allocate_huge(std::size_t bytes) {
    const auto rounded = (bytes + kHugePage - 1) / kHugePage * kHugePage;
    void* memory = std::aligned_alloc(kHugePage, rounded);
    if (memory == nullptr)
        throw std::bad_alloc();
    ::madvise(memory, rounded, MADV_HUGEPAGE);  // a hint: small pages do as well
    return memory;
}

void free_huge(void* memory) {
    std::free(memory);
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace tcpladder {

inline constexpr std::size_t kHugePage = 2 * 1024 * 1024;  // bytes

/// Memory in pieces of kHugePage that the kernel is asked to back by huge pages: the
/// first touch of a small page costs up to 15 us in a virtual machine, which is
/// more than all that we do for a connection. Throws std::bad_alloc.
void* allocate_huge(std::size_t bytes);
void free_huge(void* memory);

/// For containers that grow large: small ones stay in the ordinary heap.
template <typename T>
struct HugeAllocator {
    using value_type = T;
    static constexpr std::size_t kLarge = 256 * 1024;

    HugeAllocator() = default;
    template <typename U>
    explicit HugeAllocator(const HugeAllocator<U>& /*other*/) {}

    T* allocate(std::size_t count) {
        const auto bytes = count * sizeof(T);
        return static_cast<T*>(bytes < kLarge ? ::operator new(bytes) : allocate_huge(bytes));
    }
    void deallocate(T* memory, std::size_t count) {
        if (count * sizeof(T) < kLarge)
            ::operator delete(memory);
        else
            free_huge(memory);
    }
    bool operator==(const HugeAllocator&) const = default;
};

/// Objects that stay where they are until the slab goes; they are used again by
/// whoever keeps a list of the free ones.
template <typename T>
class Slab {
public:
    template <typename... Arguments>
    T& add(Arguments&&... arguments) {
        if (pieces_.empty() || pieces_.back().size() == pieces_.back().capacity())
            pieces_.emplace_back().reserve(size_ < kFew ? kFew : kPerPiece);
        ++size_;
        return pieces_.back().emplace_back(std::forward<Arguments>(arguments)...);
    }
    std::size_t size() const { return size_; }
    template <typename Visit>
    void for_each(Visit&& visit) {
        for (auto& piece : pieces_) {
            for (auto& object : piece) {
                visit(object);
            }
        }
    }

private:
    /// To clear a huge page takes a millisecond: few objects do without.
    static constexpr std::size_t kFew = 64;
    static constexpr std::size_t kPerPiece = kHugePage / sizeof(T);
    std::deque<std::vector<T, HugeAllocator<T>>> pieces_;
    std::size_t size_ = 0;
};

/// Objects that come and go: those that were given back are used again, as good as new.
template <typename T>
class Pool {
public:
    T& take() {
        if (free_.empty())
            return storage_.add();
        T& object = *free_.back();
        free_.pop_back();
        return object;
    }
    void give_back(T& object) {
        std::destroy_at(&object);
        std::construct_at(&object);
        free_.push_back(&object);
    }

private:
    Slab<T> storage_;
    std::vector<T*> free_;
};

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <vector>

#include "model/event.h"
#include "model/seq.h"

namespace tcpladder {

// Numbers in as few bytes as they need, most of them as the difference to one like
// them. PackedWriter and PackedReader have the same members, so that one function
// names the fields for both: what is written first is read first.

class PackedWriter {
public:
    void u64(std::uint64_t number) {
        if (bytes_.size() - used_ < kLongest)
            bytes_.resize(bytes_.size() * 2);
        auto* at = &bytes_[used_];
        for (; number >= 0x80; number >>= 7)
            *at++ = static_cast<char8_t>(number | 0x80);
        *at++ = static_cast<char8_t>(number);
        used_ = static_cast<std::size_t>(at - bytes_.data());
    }
    template <typename Number>
    void number(const Number& number) {
        u64(static_cast<std::uint64_t>(number));
    }
    void flags(std::initializer_list<const bool*> flags) {
        std::uint64_t all = 0;
        for (const bool* flag : flags)
            all = all << 1 | (*flag ? 1U : 0U);
        u64(all);
    }
    /// Of a row; 0: none.
    void id(std::uint64_t id) {
        u64(id != 0 ? folded(id - last_id_) + 1 : 0);
        last_id_ = id != 0 ? id : last_id_;
    }
    /// 0, for never, takes a byte as well.
    void time(MonoNs time) {
        const auto unsigned_time = static_cast<std::uint64_t>(time);
        u64(time != 0 ? 1 : 0);
        if (time == 0)
            return;
        u64(folded(unsigned_time - last_time_));
        last_time_ = unsigned_time;
    }
    void seq(Seq seq, Seq base) { u64(seq - base); }
    template <typename Value, typename Put>
    void optional(const std::optional<Value>& value, Put&& put) {
        u64(value ? 1 : 0);
        if (value)
            put(*value);
    }

    /// What was written. It is as new then, but has its memory.
    std::unique_ptr<char8_t[]> take() {                                  // NOLINT(*-c-arrays)
        auto result = std::make_unique_for_overwrite<char8_t[]>(used_);  // NOLINT(*-c-arrays)
        std::copy_n(bytes_.begin(), used_, result.get());
        used_ = 0;
        last_id_ = last_time_ = 0;
        return result;
    }

private:
    /// Small numbers of either sign become small ones.
    static std::uint64_t folded(std::uint64_t difference) {
        return difference << 1 ^ (difference >> 63 != 0 ? UINT64_MAX : 0);
    }

    static constexpr std::size_t kUsual = 512;
    static constexpr std::size_t kLongest = 10;  // 64 bits, seven to a byte

    // A store of char8_t, unlike one of char, cannot be one to the numbers below.
    std::vector<char8_t> bytes_ = std::vector<char8_t>(kUsual);
    std::size_t used_ = 0;
    std::uint64_t last_id_ = 0;
    std::uint64_t last_time_ = 0;
};

class PackedReader {
public:
    /// What a PackedWriter has written.
    explicit PackedReader(const char8_t* at) : at_(at) {}

    std::uint64_t u64() {
        std::uint64_t result = *at_ & 0x7fU;
        for (unsigned shift = 7; (*at_++ & 0x80U) != 0; shift += 7)
            result |= std::uint64_t{*at_ & 0x7fU} << shift;
        return result;
    }
    template <typename Number>
    void number(Number& number) {
        number = static_cast<Number>(u64());
    }
    void flags(std::initializer_list<bool*> flags) {
        const auto all = u64();
        auto bit = flags.size();
        for (bool* flag : flags)
            *flag = (all >> --bit & 1) != 0;
    }
    void id(std::uint64_t& id) {
        const auto number = u64();
        id = number != 0 ? last_id_ + unfolded(number - 1) : 0;
        last_id_ = id != 0 ? id : last_id_;
    }
    void time(MonoNs& time) {
        time = 0;
        if (u64() == 0)
            return;
        last_time_ += unfolded(u64());
        time = static_cast<MonoNs>(last_time_);
    }
    void seq(Seq& seq, Seq base) { seq = base + static_cast<Seq>(u64()); }
    template <typename Value, typename Put>
    void optional(std::optional<Value>& value, Put&& put) {
        value.reset();
        if (u64() != 0)
            put(value.emplace());
    }

private:
    static std::uint64_t unfolded(std::uint64_t number) {
        return number >> 1 ^ ((number & 1) != 0 ? UINT64_MAX : 0);
    }

    const char8_t* at_;
    std::uint64_t last_id_ = 0;
    std::uint64_t last_time_ = 0;
};

}  // namespace tcpladder

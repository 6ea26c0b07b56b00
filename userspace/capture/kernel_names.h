// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/event.h"

namespace tcpladder {

/// Turns addresses of the running kernel into what they mean to us. Only the
/// recording machine can: an Event carries the meaning, never an address.
class CallChains {
public:
    /// Calls its argument with every line `address type name` of /proc/kallsyms.
    using Lines = std::function<void(const std::function<void(std::string_view)>&)>;

    /// The lines are asked for when the first address is: there are many.
    explicit CallChains(Lines kallsyms) : kallsyms_(std::move(kallsyms)) {}
    /// Asks for them now, while they are still shown to us.
    void load() const;

    /// No symbols, or their addresses are hidden (kptr_restrict): every chain is
    /// as if not taken.
    bool empty() const;
    /// Address of a function by exact name, also a static one; 0: not there, or
    /// more than one of that name.
    std::uint64_t address_of(std::string_view function) const;
    /// What the chain, innermost frame first, says of a state change's origin.
    Via origin(std::span<const std::uint64_t> chain) const;

private:
    struct Symbol {
        std::uint64_t address;
        std::uint32_t meaning;  ///< bits, see kernel_names.cpp
    };
    std::uint32_t meaning_of(std::uint64_t address) const;
    void parse(std::string_view line) const;

    mutable Lines kallsyms_;               ///< empty once it was asked
    mutable std::vector<Symbol> symbols_;  ///< sorted by address
    mutable std::vector<std::pair<std::string, std::uint64_t>> wanted_;
};

/// The running kernel's names of enum values, by number. Numbers move between
/// kernels, so there is no table of our own.
using EnumNames = std::vector<std::string>;

/// Whether kfree_skb for this reason (its name without SKB_DROP_REASON_) throws away
/// a segment that was on its way. Otherwise what was freed had been delivered, was
/// nobody's here, or was a copy for somebody who only listened in.
bool is_drop_of_segment(std::string_view reason);

}  // namespace tcpladder

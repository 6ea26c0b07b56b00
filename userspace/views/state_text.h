// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>

#include "model/entry.h"
#include "views/line.h"
#include "views/printable.h"

namespace tcpladder {

/// A state change in three columns: `LISTEN -> SYN_RECV *`, `rcv SYN #2`,
/// `daytime-server[5461]`.
class StateText {
public:
    explicit StateText(bool utf8) : utf8_(utf8) {}

    void set(const StateEntry& state, const Task& owner);

    /// Makes it fit into `room` columns as far as it can. First it gives up the
    /// blanks before the owner, part of the name, and the blanks before the cause;
    /// then `spare` columns more can be had, and only then what is left of the
    /// name goes, and the owner.
    void fit(std::ptrdiff_t room, std::ptrdiff_t spare);
    /// After fit().
    void append_to(Line& line) const;
    std::size_t columns() const;

private:
    void set_cause(const Cause& cause);
    void set_owner(const Task& owner);
    void append_owner(Line& line) const;

    bool utf8_;
    Line transition_;
    TextBuffer cause_;
    PrintableName name_;
    TextBuffer pid_;  ///< `[5461]`; empty: no owner to show
    std::size_t transition_width_ = 0;
    std::size_t cause_width_ = 0;
};

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string_view>

#include "views/ladder/conversation.h"
#include "views/view.h"

namespace tcpladder {

/// The conversations, and whose turn it is to be drawn: one at a time, in the order of
/// their numbers. Rows of the others wait, as text, until the one that is drawn is over
/// (both ends closed or in TIME_WAIT), or the trace is, or more than kMostWaiting bytes
/// wait. What is remembered of those that are over is limited, too.
class Turns {
public:
    static constexpr std::size_t kMostWaiting = 64U << 20;
    static constexpr std::size_t kRemembered = 4096;
    static constexpr std::size_t kMost = 65536;  ///< conversations, those included

    /// With `all_at_once` nothing waits.
    Turns(Output& output, bool all_at_once) : output_(output), all_at_once_(all_at_once) {}

    /// The conversation of that number, a new one if need be. Valid until the next call.
    Conversation& find(std::uint32_t number);
    /// Text of this conversation's: writes it, now or later.
    void write(Conversation& conversation, std::string_view text);
    /// It is over: it may be forgotten one day.
    void is_over(const Conversation& conversation);
    /// Writes whatever waits.
    void finish();

    template <typename Visit>
    void for_each(Visit&& visit) {
        for (auto& [number, conversation] : conversations_)
            visit(conversation);
    }

private:
    void forget(std::map<std::uint32_t, Conversation>::iterator conversation);
    void pass_on();
    void write_out(Conversation& conversation);

    Output& output_;
    bool all_at_once_;
    std::map<std::uint32_t, Conversation> conversations_;  ///< by number
    Conversation* latest_ = nullptr;                       ///< the one found last
    Conversation* drawn_ = nullptr;
    std::set<std::uint32_t> waiting_;  ///< who has something to say
    std::size_t waiting_bytes_ = 0;
    std::deque<std::uint32_t> over_;  ///< in the order of their ends
};

}  // namespace tcpladder

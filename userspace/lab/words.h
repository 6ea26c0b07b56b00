// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tcpladder::lab {

/// The words of one line of a scenario, taken from left to right. `the` is never
/// needed and never wrong. A "quoted text" is one word.
class Words {
public:
    /// `where` is `FILE:LINE`, for messages. Throws Error: a quote is not closed.
    Words(std::string_view line, std::string where);

    bool empty() const { return next_ == words_.size(); }
    /// The next word, which stays; empty if there is none.
    std::string_view peek() const;
    /// Takes the next word if it is this one.
    bool take(std::string_view word);
    /// Takes the next words if they are these.
    bool take(std::initializer_list<std::string_view> words);
    /// Takes any word; `what` is what it should be, for the message.
    std::string_view any(std::string_view what);
    /// Takes this word or fails.
    void must(std::string_view word);
    std::string quoted(std::string_view what);
    std::uint64_t number(std::string_view what, std::uint64_t least, std::uint64_t most);
    /// `1st`, `2nd`, … ; nothing if the next word is none of them.
    std::optional<std::uint32_t> ordinal();
    /// Everything must have been taken.
    void end() const;

    /// Throws Error: `FILE:LINE: 'the word': what is wrong`, about the word taken last.
    [[noreturn]] void fail(const std::string& problem) const;
    /// The same about the next word.
    [[noreturn]] void fail_next(const std::string& problem) const;

private:
    [[noreturn]] void fail_at(std::size_t word, const std::string& problem) const;

    std::string where_;
    std::vector<std::string> words_;
    std::vector<bool> quoted_;
    std::size_t next_ = 0;
};

}  // namespace tcpladder::lab

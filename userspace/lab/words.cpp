// SPDX-License-Identifier: MIT
#include "lab/words.h"

#include <charconv>

#include "support/error.h"

namespace tcpladder::lab {
namespace {

constexpr std::size_t kShown = 60;  // of a word, in a message

std::string shown(const std::string& word) {
    std::string text;
    for (const char c : word.substr(0, kShown))
        text += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    return text + (word.size() > kShown ? "…" : "");
}

std::optional<std::uint64_t> parse(std::string_view text) {
    std::uint64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    if (parsed.ec != std::errc() || parsed.ptr != end)
        return std::nullopt;
    return number;
}

}  // namespace

Words::Words(std::string_view line, std::string where) : where_(std::move(where)) {
    std::size_t at = 0;
    while (at < line.size()) {
        const char c = line[at];
        if (c == ' ' || c == '\t') {
            ++at;
            continue;
        }
        const bool quote = c == '"';
        const auto begin = at + (quote ? 1 : 0);
        auto end = quote ? line.find('"', begin) : line.find_first_of(" \t", begin);
        if (quote && end == std::string_view::npos)
            throw Error(where_ + ": " + shown(std::string(line.substr(at))) +
                        ": the closing \" is missing");
        end = std::min(end, line.size());
        const auto word = line.substr(begin, end - begin);
        at = end + (quote ? 1 : 0);
        if (!quote && word == "the")
            continue;
        words_.emplace_back(word);
        quoted_.push_back(quote);
    }
}

std::string_view Words::peek() const {
    return empty() || quoted_[next_] ? std::string_view() : words_[next_];
}

bool Words::take(std::string_view word) {
    if (empty() || quoted_[next_] || words_[next_] != word)
        return false;
    ++next_;
    return true;
}

bool Words::take(std::initializer_list<std::string_view> words) {
    const auto before = next_;
    for (const auto word : words) {
        if (!take(word)) {
            next_ = before;
            return false;
        }
    }
    return true;
}

std::string_view Words::any(std::string_view what) {
    if (empty() || quoted_[next_])
        fail_next("here must be " + std::string(what));
    return words_[next_++];
}

void Words::must(std::string_view word) {
    if (!take(word))
        fail_next("here must be '" + std::string(word) + "'");
}

std::string Words::quoted(std::string_view what) {
    if (empty() || !quoted_[next_])
        fail_next("here must be " + std::string(what) + " in \"quotes\"");
    return words_[next_++];
}

std::uint64_t Words::number(std::string_view what, std::uint64_t least, std::uint64_t most) {
    const auto value = parse(any(what));
    if (!value || *value < least || *value > most)
        fail("here must be " + std::string(what) + ", a number from " + std::to_string(least) +
             " to " + std::to_string(most));
    return *value;
}

std::optional<std::uint32_t> Words::ordinal() {
    constexpr std::uint64_t kMost = 1'000'000;
    auto word = peek();
    if (word.size() < 3)
        return std::nullopt;
    const auto suffix = word.substr(word.size() - 2);
    if (suffix != "st" && suffix != "nd" && suffix != "rd" && suffix != "th")
        return std::nullopt;
    const auto value = parse(word.substr(0, word.size() - 2));
    if (!value || *value < 1 || *value > kMost)
        return std::nullopt;
    ++next_;
    return static_cast<std::uint32_t>(*value);
}

void Words::end() const {
    if (!empty())
        fail_next("the line should end before this");
}

void Words::fail(const std::string& problem) const {
    fail_at(next_ > 0 ? next_ - 1 : 0, problem);
}

void Words::fail_next(const std::string& problem) const {
    fail_at(next_, problem);
}

void Words::fail_at(std::size_t word, const std::string& problem) const {
    if (word < words_.size())
        throw Error(where_ + ": '" + shown(words_[word]) + "': " + problem);
    const auto last = words_.empty() ? "the line" : "after '" + shown(words_.back()) + "'";
    throw Error(where_ + ": " + last + ": " + problem);
}

}  // namespace tcpladder::lab

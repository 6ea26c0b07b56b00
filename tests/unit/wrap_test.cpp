// SPDX-License-Identifier: MIT
#include "views/wrap.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "views/utf8.h"

namespace {

using namespace tcpladder;

std::vector<std::string> wrapped(std::string_view text, std::size_t columns) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        lines.emplace_back(take_line(text, columns));
    }
    return lines;
}

using Lines = std::vector<std::string>;

std::string without_blanks(std::string text) {
    std::erase(text, ' ');
    return text;
}

TEST_CASE("Chinese characters and their punctuation take two columns") {
    CHECK(columns_of("SYN") == 3);
    CHECK(columns_of("三次握手") == 8);
    CHECK(columns_of("确认号 1：半关闭。") == 18);
    CHECK(columns_of("→ ─ …") == 5);
    CHECK(columns_of("\xff") == 1);
    CHECK(columns_of("") == 0);
}

TEST_CASE("text is broken at blanks, which are left out") {
    CHECK(wrapped("one two three", 7) == Lines{"one two", "three"});
    CHECK(wrapped("one two three", 8) == Lines{"one two", "three"});
    CHECK(wrapped("one two three", 13) == Lines{"one two three"});
    CHECK(wrapped("  one   two  ", 4) == Lines{"one", "two"});
    CHECK(wrapped("   ", 4) == Lines{""});
    CHECK(wrapped("", 4).empty());
}

TEST_CASE("a word that is longer than a line is broken where the line ends") {
    CHECK(wrapped("a 1234567", 3) == Lines{"a", "123", "456", "7"});
}

TEST_CASE("Chinese is broken anywhere but before a closing and after an opening mark") {
    CHECK(wrapped("三次握手", 4) == Lines{"三次", "握手"});
    CHECK(wrapped("三次握手", 5) == Lines{"三次", "握手"});
    CHECK(wrapped("三次，握手", 4) == Lines{"三", "次，", "握手"});
    CHECK(wrapped("三（次）", 4) == Lines{"三", "（次", "）"});
    CHECK(wrapped("确认SYN到", 6) == Lines{"确认", "SYN到"});
}

TEST_CASE("a line takes a character even where there is no room for it") {
    CHECK(wrapped("三次", 1) == Lines{"三", "次"});
    CHECK(wrapped("ab", 0) == Lines{"a", "b"});
}

TEST_CASE("no line is wider than allowed, and no character is lost") {
    const std::vector<std::string> pieces = {"a",  "SYN", "1234567890", " ",      "，",  "。",
                                             "（", "）",  "三",         "确认号", "#12", "K+1"};
    std::mt19937 random(7);
    for (int round = 0; round < 2000; ++round) {
        std::string text;
        for (int i = 0; i < 20; ++i) {
            text += pieces[random() % pieces.size()];
        }
        const std::size_t columns = 2 + random() % 30;
        std::string joined;
        for (const auto& line : wrapped(text, columns)) {
            CAPTURE(text);
            CAPTURE(line);
            REQUIRE(columns_of(line) <= columns);
            joined += line;
        }
        REQUIRE(without_blanks(joined) == without_blanks(text));
    }
}

}  // namespace

// SPDX-License-Identifier: MIT
#include "views/explain/explainer.h"

#include "explain_stories.h"
#include "golden.h"
#include "view_fixture.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "views/ladder/ladder_view.h"
#include "views/utf8.h"

namespace {

using namespace tcpladder;
using namespace tcpladder::test;

Message message_at(std::size_t index) {
    return static_cast<Message>(index);
}

std::set<std::string> fields_of(std::string_view text) {
    std::set<std::string> names;
    while (!text.empty()) {
        const MessagePiece piece = take_piece(text);
        if (piece.kind == MessagePiece::Kind::kField) {
            std::string name(piece.text);
            std::ranges::transform(name, name.begin(), [](unsigned char c) {
                return static_cast<char>(std::tolower(c));
            });
            names.insert(name);
        }
    }
    return names;
}

/// The sentences of one conversation, by a new explainer.
std::string told(void (*tell)(Story&), Language language) {
    Story story;
    tell(story);
    Explainer explainer(language);
    explainer.begin(trace_info());
    std::string text;
    for (const Entry& row : story.rows) {
        text += "#" + std::to_string(row.n) + " ";
        text += explainer.explain(row);
        text += '\n';
    }
    return text;
}

std::string all_told(Language language) {
    std::string text;
    for (const auto& story : explain_stories()) {
        text += "== " + std::string(story.name) + "\n" + told(story.tell, language) + "\n";
    }
    return text;
}

TEST_CASE("every message exists in both languages, with the same fields") {
    for (std::size_t i = 0; i < kMessageCount; ++i) {
        const auto english = text_of(message_at(i), Language::kEnglish);
        const auto chinese = text_of(message_at(i), Language::kChinese);
        CAPTURE(english);
        CHECK_FALSE(english.empty());
        CHECK_FALSE(chinese.empty());
        CHECK(fields_of(english) == fields_of(chinese));
    }
}

TEST_CASE("every template has names of fields between its braces, and pairs of brackets") {
    for (std::size_t i = 0; i < kMessageCount; ++i) {
        for (const auto language : {Language::kEnglish, Language::kChinese}) {
            std::string_view rest = text_of(message_at(i), language);
            CAPTURE(rest);
            bool open = false;
            while (!rest.empty()) {
                const MessagePiece piece = take_piece(rest);
                CHECK(piece.text.find_first_of("{}") == std::string_view::npos);
                if (piece.kind == MessagePiece::Kind::kOpen) {
                    CHECK_FALSE(open);
                    open = true;
                } else if (piece.kind == MessagePiece::Kind::kClose) {
                    CHECK(open);
                    open = false;
                }
            }
            CHECK_FALSE(open);
        }
    }
}

TEST_CASE("English is ASCII, Chinese has no character of ambiguous width") {
    for (std::size_t i = 0; i < kMessageCount; ++i) {
        for (const char c : text_of(message_at(i), Language::kEnglish)) {
            CHECK(c >= ' ');
            CHECK(c <= '~');
        }
        std::string_view rest = text_of(message_at(i), Language::kChinese);
        CAPTURE(rest);
        while (!rest.empty()) {
            const CodePoint c = decode_utf8(rest);
            REQUIRE(c.bytes > 0);
            CHECK((columns_of(c.value) == 2 || (c.value >= ' ' && c.value <= '~')));
            rest.remove_prefix(c.bytes);
        }
    }
}

TEST_CASE("every message is said in one of the stories") {
    std::set<std::size_t> said;
    for (const auto& named : explain_stories()) {
        Story story;
        named.tell(story);
        Explainer explainer(Language::kEnglish);
        for (const Entry& row : story.rows) {
            explainer.explain(row);
        }
        for (std::size_t i = 0; i < kMessageCount; ++i) {
            if (explainer.has_said(message_at(i))) {
                said.insert(i);
            }
        }
    }
    for (std::size_t i = 0; i < kMessageCount; ++i) {
        const std::string text(text_of(message_at(i), Language::kEnglish));
        CAPTURE(text);
        CHECK(said.contains(i));
    }
}

TEST_CASE("the stories are told in English and in Chinese") {
    check_golden("explain/stories.en.txt", all_told(Language::kEnglish));
    check_golden("explain/stories.zh.txt", all_told(Language::kChinese));
}

TEST_CASE("what was explained once needs fewer words the second time") {
    Story story;
    story.opens();
    for (std::uint32_t i = 0; i < 3; ++i) {
        const auto n = story.segment(story.server, Story::kData, {1 + 10 * i, 1, 10});
        story.segment(story.client, Story::kAck, {1, 11 + 10 * i, 0}, acks(n));
    }
    Explainer explainer(Language::kEnglish);
    std::vector<std::string> texts;
    for (const Entry& row : story.rows) {
        texts.emplace_back(explainer.explain(row));
    }
    CHECK(texts[4] ==
          "ack K+11 (#4): the client has everything before that number (RFC 9293 3.4).");
    CHECK(texts[6] == "ack K+21 (#6): the client has everything before that number.");
    CHECK(texts[7] == "10 bytes of data from the server, K+21 to K+30.");
}

TEST_CASE("each conversation is told in full if it is shown first, whichever spoke first") {
    Story first(1);
    first.opens();
    Story second(2);
    second.opens();
    Story third(3);
    third.opens();
    Explainer explainer(Language::kEnglish);
    for (const auto* const story : {&first, &second, &third}) {
        for (const Entry& row : story->rows) {
            explainer.explain(row);
        }
    }
    const auto data = [&](Story& story) {
        story.segment(story.server, Story::kData, {1, 1, 10});
        return std::string(explainer.explain(story.rows.back()));
    };
    const std::string brief = "10 bytes of data from the server, K+1 to K+10.";
    CHECK(data(second) != brief);
    CHECK(data(first) != brief);
    CHECK(data(third) == brief);
}

TEST_CASE("in the ladder a sentence stands between the rails, or across where there is no room") {
    for (const auto language : {Language::kEnglish, Language::kChinese}) {
        for (const std::size_t width : {80U, 100U, 120U, 160U}) {
            Format format;
            format.utf8 = true;
            format.explain = language;
            format.width = width;
            for (const auto& named : explain_stories()) {
                Story story;
                named.tell(story);
                for (const auto& text : rows<LadderView>(story.rows, format)) {
                    CAPTURE(text);
                    CHECK(columns_of(text) <= width);
                    if (text.find("RFC") != std::string::npos) {
                        CHECK(text.starts_with(std::string(20, ' ')) == (width >= 100));
                    }
                }
            }
        }
    }
}

/// Of a text `… (#7) …` the highest number.
std::uint64_t highest_row(std::string_view text) {
    std::uint64_t highest = 0;
    for (std::size_t at = text.find('#'); at != std::string_view::npos; at = text.find('#')) {
        text.remove_prefix(at + 1);
        std::uint64_t n = 0;
        std::from_chars(text.data(), text.data() + text.size(), n);
        highest = std::max(highest, n);
    }
    return highest;
}

bool is_harmless(std::string_view text) {
    while (!text.empty()) {
        const CodePoint c = decode_utf8(text);
        if (c.bytes == 0 || c.value < ' ' || c.value == 0x7f || c.value == '{') {
            return false;
        }
        text.remove_prefix(c.bytes);
    }
    return true;
}

TEST_CASE("whatever rows are missing or mixed up, a sentence is harmless and looks back only") {
    std::mt19937 random(11);
    for (int round = 0; round < 300; ++round) {
        Explainer explainer(round % 2 == 0 ? Language::kEnglish : Language::kChinese);
        Story story(1 + static_cast<std::uint32_t>(random() % 2));
        for (int parts = 0; parts < 3; ++parts) {
            explain_stories()[random() % explain_stories().size()].tell(story);
        }
        for (const Entry& row : story.rows) {
            if (random() % 4 == 0) {
                continue;
            }
            const std::string text(explainer.explain(row));
            CAPTURE(text);
            REQUIRE(is_harmless(text));
            REQUIRE(highest_row(text) <= row.n);
        }
    }
}

TEST_CASE("of connections that were forgotten it says less, but nothing that is not so") {
    Explainer explainer(Language::kEnglish);
    Story first(1);
    first.opens();
    for (const Entry& row : first.rows) {
        explainer.explain(row);
    }
    Story other(1 + Explainer::kConversations);
    other.opens();
    explainer.explain(other.rows[0]);
    first.segment(first.server, Story::kData, {1, 1, 10});
    const std::string text(explainer.explain(first.rows.back()));
    CHECK(text.find("start of this connection was not seen") == std::string::npos);
    CHECK(text.find("10 bytes of data from the server") == 0);
}

TEST_CASE("remarks and summaries need no explanation") {
    Explainer explainer(Language::kEnglish);
    CHECK(explainer.explain({1, 0, nullptr, NoteEntry{"a note"}}).empty());
    CHECK(explainer.explain({2, 0, nullptr, SummaryEntry{}}).empty());
}

}  // namespace

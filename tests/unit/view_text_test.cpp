// SPDX-License-Identifier: MIT
//
// The small pieces that the views are made of.

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "support/decimal.h"
#include "support/text_buffer.h"
#include "view_fixture.h"
#include "views/line.h"
#include "views/option_text.h"
#include "views/printable.h"
#include "views/utf8.h"
#include "views/wall_time.h"

namespace {

using namespace tcpladder;
using namespace tcpladder::test;

std::string decimal(std::uint64_t value) {
    std::array<char, kMaxDecimal> text{};
    return {text.data(), put_decimal(text.data(), value)};
}

std::string digits(std::uint32_t value, unsigned count) {
    std::array<char, kMaxDecimal> text{};
    return {text.data(), put_digits(text.data(), value, count)};
}

std::string options_of(std::initializer_list<std::uint8_t> options) {
    SegmentEntry segment = data_segment();
    DaytimeEntries::put_options(segment, options);
    OptionText text;
    return std::string(text.of(segment));
}

std::string cut(std::string_view text, std::size_t columns) {
    PrintableName shown(text, true);
    shown.cut(columns);
    std::string result;
    for (const Glyph& glyph : shown.head()) {
        result += glyph.view();
    }
    result += shown.is_cut() ? "~" : "";
    for (const Glyph& glyph : shown.tail()) {
        result += glyph.view();
    }
    return result;
}

std::string rfc3339(MonoNs time, std::int64_t wall_offset) {
    WallTime clock(WallTime::Zone::kUtc, wall_offset);
    TextBuffer text;
    clock.append_rfc3339(text, time);
    return std::string(text.view());
}

TEST_CASE("numbers are written as std::to_string writes them, around each power of ten") {
    CHECK(decimal(0) == "0");
    std::uint64_t power = 1;
    for (int i = 0; i < 20; ++i, power *= 10) {
        for (const std::uint64_t value : {power - 1, power, power + 1, power * 3 + power / 7}) {
            CHECK(decimal(value) == std::to_string(value));
        }
    }
    CHECK(decimal(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
}

TEST_CASE("digits have leading zeros and no more than asked for") {
    CHECK(digits(7, 3) == "007");
    CHECK(digits(123456789, 9) == "123456789");
    CHECK(digits(2003, 4) == "2003");
    CHECK(digits(12345, 2) == "45");
    CHECK(digits(9, 1) == "9");
}

TEST_CASE("a text buffer grows with its text") {
    TextBuffer text;
    std::string expected;
    for (int i = 0; i < 2000; ++i) {
        text.append_signed(i - 1000);
        text.append(',');
        expected += std::to_string(i - 1000) + ',';
    }
    CHECK(text.view() == expected);
    text.truncate(3);
    CHECK(text.view() == expected.substr(0, 3));
    text.clear();
    text.append(3, '-');
    text.append(std::string_view());
    CHECK(text.view() == "---");
    text.append_signed(std::numeric_limits<std::int64_t>::min());
    CHECK(text.view() == "----9223372036854775808");
}

TEST_CASE("only valid UTF-8 is decoded") {
    CHECK(decode_utf8("a").value == U'a');
    CHECK(decode_utf8("\u00fcx").value == U'\u00fc');
    CHECK(decode_utf8("\u6642").value == U'\u6642');
    CHECK(decode_utf8("\U0001f550").value == U'\U0001f550');
    CHECK(decode_utf8("\U0001f550").bytes == 4);
    for (const std::string_view text :
         {"\x80", "\xc3", "\xc3(", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf0\x9f\x95",
          "\xf4\x90\x80\x80", "\xf8\x88\x80\x80", "\xff"}) {
        CHECK(decode_utf8(text).bytes == 0);
    }
}

TEST_CASE("wall times are in UTC, to the nanosecond, before 1970 as well") {
    CHECK(rfc3339(0, 0) == "1970-01-01T00:00:00.000000000Z");
    CHECK(rfc3339(-1, 0) == "1969-12-31T23:59:59.999999999Z");
    CHECK(rfc3339(1, 1'078'012'800'000'000'000) == "2004-02-29T00:00:00.000000001Z");
    CHECK(rfc3339(std::numeric_limits<MonoNs>::max(), 0) == "2262-04-11T23:47:16.854775807Z");
    CHECK(rfc3339(std::numeric_limits<MonoNs>::min(), 0) == "1677-09-21T00:12:43.145224192Z");
}

TEST_CASE("a clock follows times that go back and forth") {
    WallTime clock(WallTime::Zone::kUtc, 0);
    TextBuffer text;
    for (const MonoNs second : {5, 5, 6, 5}) {
        clock.append_rfc3339(text, second * 1'000'000'000);
    }
    CHECK(text.view() ==
          "1970-01-01T00:00:05.000000000Z1970-01-01T00:00:05.000000000Z"
          "1970-01-01T00:00:06.000000000Z1970-01-01T00:00:05.000000000Z");
}

TEST_CASE("options are written as tcpdump writes them") {
    CHECK(options_of({2, 4, 0xff, 0xd7, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7}) ==
          "mss 65495,sackOK,TS val 1 ecr 0,nop,wscale 7");
    CHECK(options_of({1, 1, 5, 10, 0, 0, 0, 1, 0, 0, 0, 2}) == "nop,nop,sack 1 {1:2}");
    CHECK(options_of({0, 0, 0, 0}) == "eol");
    CHECK(options_of({}).empty());
}

TEST_CASE("options that do not fit end the text") {
    CHECK(options_of({1, 3, 9, 7}) == "nop,[bad opt]");
    CHECK(options_of({3, 1, 0, 0}) == "[bad opt]");
    CHECK(options_of({1, 1, 1, 8}) == "nop,nop,nop,[bad opt]");
}

TEST_CASE("a name is cut in the middle, and never to more columns than asked for") {
    CHECK(cut("daytime-client", 14) == "daytime-client");
    CHECK(cut("daytime-client", 13) == "daytim~client");
    CHECK(cut("daytime-client", 8) == "dayt~ent");
    CHECK(cut("daytime-client", 2) == "d~");
    CHECK(cut("daytime-client", 1) == "~");
    CHECK(cut("\u6642\u523b\u6642\u523b", 8) == "\u6642\u523b\u6642\u523b");
    CHECK(cut("\u6642\u523b\u6642\u523b", 7) == "\u6642\u523b~\u523b");
    CHECK(cut("\u6642\u523b\u6642\u523b", 4) == "\u6642~");
    CHECK(cut("\u6642\u523b\u6642\u523b", 2) == "~");
    CHECK(cut("\x1b\x1b\x1b", 11) == R"(\x1b~\x1b)");
}

TEST_CASE("nothing in a hostile text is obeyed by a terminal, however long it is") {
    CHECK(printable("\x1b]0;evil\x07", true) == "\\x1b]0;evil\\x07");
    CHECK(printable(std::string(40, 'a') + "\n", false) == std::string(40, 'a') + "\\x0a");
    CHECK(printable("gr\xc3\xbc\xc3\x9f", true) == "gr\xc3\xbc\xc3\x9f");
    CHECK(printable("", true).empty());
}

TEST_CASE("a line counts columns, not bytes") {
    Line line;
    line.append("a");
    line.append_utf8("\u2192");
    line.append(glyph_of("\u6642", true));
    CHECK(line.columns() == 4);
    line.pad_to(6);
    Line all;
    all.append("x");
    all.append(line);
    CHECK(all.columns() == 7);
    TextBuffer text;
    all.append_to(text, true);
    CHECK(text.view() == "xa\u2192\u6642  ");
}

TEST_CASE("a line is cut between characters") {
    Line line;
    line.append("ab");
    line.append_utf8("\u2192\u2192cd");
    line.cut(6, "~");
    CHECK(line.columns() == 6);
    line.cut(4, "\u2026");
    CHECK(line.columns() == 4);
    TextBuffer text;
    line.append_to(text, false);
    CHECK(text.view() == "ab\u2192\u2026");
}

}  // namespace

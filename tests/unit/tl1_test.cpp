// SPDX-License-Identifier: MIT
#include "recording/tl1.h"

#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <string>

#include "recording/event_text.h"
#include "unit/event_fields.h"
#include "unit/fixtures.h"

namespace tcpladder::test {
namespace {

/// `key=value` of each field, as it stands; `!` at the end of a malformed line.
std::string walk(std::string_view line) {
    tl1::Fields fields(line);
    std::string text;
    while (auto packed = fields.next()) {
        std::string name;
        for (; packed != 0; packed >>= 8)
            name.insert(name.begin(), static_cast<char>(packed & 0xff));
        const std::string value(fields.text());
        if (!fields.malformed())
            text += (text.empty() ? "" : ";") + name + "=" + value;
    }
    return text + (fields.malformed() ? "!" : "");
}

std::string quoted(std::string_view value) {
    TextBuffer text;
    tl1::put_text(text, " k=", value);
    return std::string(text.view());
}

Event event_of(std::string_view kind, std::string_view line) {
    Event event;
    tl1::Fields fields(line);
    const auto problem = read_fields(tl1::key(kind), fields, event);
    CHECK(problem == "");
    return event;
}

std::string problem_of(std::string_view kind, std::string_view line) {
    Event event;
    tl1::Fields fields(line);
    return std::string(read_fields(tl1::key(kind), fields, event));
}

tl1::Fields at_value(const std::string& line) {
    tl1::Fields fields(line);
    fields.next();
    return fields;
}

template <typename Number>
std::optional<Number> decimal(const std::string& value) {
    const auto line = "tl1 v=" + value + " w=1";
    Number number = 0;
    return at_value(line).decimal(number) ? std::optional(number) : std::nullopt;
}

std::optional<std::int64_t> signed_decimal(const std::string& value) {
    const auto line = "tl1 v=" + value;
    std::int64_t number = 0;
    return at_value(line).signed_decimal(number) ? std::optional(number) : std::nullopt;
}

std::optional<std::uint64_t> hex(const std::string& value) {
    const auto line = "tl1 v=" + value;
    std::uint64_t number = 0;
    return at_value(line).hex(number) ? std::optional(number) : std::nullopt;
}

TEST_CASE("a line is a prefix and fields with single spaces between") {
    CHECK(walk("tl1 k=state r=0 n=1") == "k=state;r=0;n=1");
    CHECK(walk("tl1 a_1=[::1]:80 b=1.2.3.4:5,x@y+z/-") == "a_1=[::1]:80;b=1.2.3.4:5,x@y+z/-");
    CHECK(walk("tl1 a=\"\" b=\" = \" c=d") == "a=;b= = ;c=d");
    CHECK(walk("tl1 ") == "!");
    CHECK(walk("") == "");
}

TEST_CASE("what is no line has no fields, and what is malformed ends it") {
    CHECK(walk("tl2 a=1") == "");
    CHECK(walk("tl1") == "");
    CHECK(walk(" tl1 a=1") == "");
    CHECK(walk("tl1 a=1  b=2") == "a=1!");
    CHECK(walk("tl1 a=1 ") == "a=1!");
    CHECK(walk("tl1 a=1\tb=2") == "a=1!");
    CHECK(walk("tl1 a=") == "!");
    CHECK(walk("tl1 a") == "!");
    CHECK(walk("tl1 =1") == "!");
    CHECK(walk("tl1 A=1") == "!");
    CHECK(walk("tl1 a=1 b=\"open") == "a=1!");
    CHECK(walk("tl1 a=\"x\"b=1") == "a=x!");
    CHECK(walk("tl1 a=?") == "!");
    CHECK(walk("tl1 a=1\x1b") == "a=1!");
    CHECK(walk("tl1 a=\xff") == "!");
}

TEST_CASE("a key that is too long is nobody's, and the walk goes on") {
    CHECK(walk("tl1 eightkey=1 ninechars=2 c=3") == "eightkey=1;c=3");
    CHECK(tl1::key("eightkey") != 0);
    CHECK(tl1::key("ninechars") == 0);
    CHECK(tl1::key("a") != tl1::key("b"));
}

TEST_CASE("a value is bare, or stands in quotes with hostile bytes escaped") {
    CHECK(quoted("curl") == " k=curl");
    CHECK(quoted("a b") == " k=\"a b\"");
    CHECK(quoted("") == " k=\"\"");
    CHECK(quoted("\x1b[2J\n\"\\\xff\x7f?") == " k=\"\\x1b[2J\\x0a\\x22\\x5c\\xff\\x7f?\"");
}

TEST_CASE("every byte comes back, alone and among others") {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) {
        const std::string one(1, static_cast<char>(byte));
        all += one + "x" + one;
        TextBuffer text;
        text.append("tl1");
        tl1::put_text(text, " v=", one);
        tl1::Fields fields(text.view());
        REQUIRE(fields.next() == tl1::key("v"));
        CHECK(tl1::unescape(fields.text()) == one);
    }
    const auto line = "tl1" + quoted(all);
    tl1::Fields fields(line);
    REQUIRE(fields.next() == tl1::key("k"));
    CHECK(tl1::unescape(fields.text()) == all);
    CHECK(fields.next() == 0);
    CHECK_FALSE(fields.malformed());
    for (const char c : line)
        CHECK((c >= 0x20 && c < 0x7f));
}

TEST_CASE("what is no escape stays, and what is longer than the room is cut") {
    CHECK(tl1::unescape("\\x4") == "\\x4");
    CHECK(tl1::unescape("\\x4G\\X41\\") == "\\x4G\\X41\\");
    CHECK(tl1::unescape("\\x41\\x4a") == "AJ");
    CHECK(tl1::unescape("\\x4A") == "\\x4A");  // we write lower case
    char room[2] = {};
    CHECK(tl1::unescape("\\x41BC", room, sizeof(room)) == 2);
    CHECK(std::string(room, 2) == "AB");
}

TEST_CASE("numbers hold all their values, and nothing else") {
    CHECK(decimal<std::uint64_t>("18446744073709551615") == UINT64_MAX);
    CHECK_FALSE(decimal<std::uint64_t>("18446744073709551616"));
    CHECK_FALSE(decimal<std::uint64_t>("99999999999999999999"));
    CHECK_FALSE(decimal<std::uint64_t>("100000000000000000000"));
    CHECK(decimal<std::uint16_t>("65535") == 65535);
    CHECK_FALSE(decimal<std::uint16_t>("65536"));
    for (const auto* text : {"", "-1", "+1", " 1", "0x1", "1.0", "a"})
        CHECK_FALSE(decimal<std::uint64_t>(text));
    CHECK(signed_decimal("9223372036854775807") == INT64_MAX);
    CHECK(signed_decimal("-9223372036854775807") == -INT64_MAX);
    CHECK_FALSE(signed_decimal("9223372036854775808"));
    CHECK_FALSE(signed_decimal("-9223372036854775808"));
    CHECK_FALSE(signed_decimal("--1"));
    CHECK_FALSE(signed_decimal("-"));
    CHECK(hex("ffffffffffffffff") == UINT64_MAX);
    CHECK(hex("0") == 0U);
    for (const auto* text : {"", "10000000000000000", "F", "g", "-1", "0x1"})
        CHECK_FALSE(hex(text));
    for (const std::uint64_t number :
         {0ULL, 1ULL, 0xfULL, 0x10ULL, 0x123456789abcdef0ULL, 0xffffffffffffffffULL}) {
        TextBuffer text;
        tl1::put_hex(text, "", number);
        CHECK(hex(std::string(text.view())) == number);
    }
}

TEST_CASE("a hexadecimal number ends where its digits end, wherever that is") {
    const std::string digits = "0f1e2d3c4b5a6978";
    for (std::size_t size = 1; size <= digits.size(); ++size) {
        const auto number = digits.substr(0, size);
        CHECK(hex(number) == std::stoull(number, nullptr, 16));
        for (int byte = 0; byte < 256; ++byte) {
            const char other = static_cast<char>(byte);
            if (std::string_view("0123456789abcdef ").find(other) != std::string_view::npos)
                continue;
            CAPTURE(byte);
            CHECK_FALSE(hex(number + other));
            CHECK_FALSE(hex(other + number));
        }
    }
}

TEST_CASE("a word ends at the next space") {
    for (std::size_t size = 0; size < 20; ++size) {
        const std::string word(size, 'w');
        for (const auto* after : {"", " b=1", " b=12345678"}) {
            const auto line = "tl1 a=" + word + after;
            auto fields = at_value(line);
            CHECK(fields.word() == word);
            CHECK((fields.next() != 0) == (after[0] != '\0'));
        }
    }
    const std::string quoted_word = "tl1 a=\"CLOSE\" b=1";
    auto fields = at_value(quoted_word);
    CHECK(fields.word() == "CLOSE");
    CHECK(fields.next() == tl1::key("b"));
}

TEST_CASE("eight letters are taken if they are the value, and else left to be read") {
    const auto letters = tl1::eight_hex_digits(0x00ab12cd);
    for (const auto* line : {"tl1 r=00ab12cd", "tl1 r=00ab12cd n=1"}) {
        tl1::Fields fields(line);
        fields.next();
        CHECK(fields.take_word(letters));
        CHECK_FALSE(fields.malformed());
    }
    for (const auto* line :
         {"tl1 r=00ab12ce n=1", "tl1 r=00ab12cd1 n=1", "tl1 r=ab12cd", "tl1 r="}) {
        tl1::Fields fields(line);
        fields.next();
        CHECK_FALSE(fields.take_word(letters));
        CHECK_FALSE(fields.take_word(0));
    }
    tl1::Fields fields("tl1 r=00ab12ce n=1");
    fields.next();
    std::uint64_t number = 0;
    CHECK_FALSE(fields.take_word(letters));
    CHECK(fields.hex(number));
    CHECK(number == 0x00ab12ce);
}

TEST_CASE("a recording's number always has eight digits") {
    TextBuffer text;
    tl1::put_start(text, "state", 0xab, 7);
    CHECK(text.view() == "tl1 k=state r=000000ab n=7");
}

TEST_CASE("an endpoint is an address with a port, a listener's peer, or nothing") {
    Endpoint end;
    CHECK(parse_endpoint("1.2.3.4:80", end));
    CHECK(end == at("1.2.3.4", 80));
    CHECK(parse_endpoint("0.0.0.0:0", end));
    CHECK(end == at("0.0.0.0", 0));
    CHECK(parse_endpoint("[2001:db8::1]:65535", end));
    CHECK(end == at("2001:db8::1", 65535));
    CHECK(parse_endpoint("-", end));
    CHECK(end == Endpoint{});
    for (const auto* text :
         {"",         ":80",         "1.2.3.4",      "1.2.3.4:",  "1.2.3.4:65536", "1.2.3.4:-1",
          "1.2.3:80", "1.2.3.256:1", "1.2.3.4.5:80", "1..3.4:80", "1.2.3.4 :80",   "::1:80",
          "[::1]",    "[::1:80",     "::1]:80",      "[]:80",     "[1.2.3.4]:80",  "[::1]x:80",
          "host:80",  "0001.2.3.4:1"})
        CHECK_MESSAGE(!parse_endpoint(text, end), text);
}

TEST_CASE("another version's keys are ignored, another version's kinds are refused") {
    const auto event = event_of("lost", "tl1 k=lost r=0 n=1 t=5 cnt=3 from=4 news=\"x y\" cpu=2");
    CHECK(std::get<Lost>(event.body).count == 3);
    CHECK(event.cpu == 2);
    CHECK(problem_of("news", "tl1 k=news") == "a record of an unknown kind");
    CHECK(problem_of("", "") == "a record of an unknown kind");
}

TEST_CASE("a value that cannot be is refused, not guessed at") {
    for (const auto* line :
         {"tl1 old=NEWSTATE", "tl1 new=", "tl1 cause=magic", "tl1 sk=-1", "tl1 l=1.2.3.4",
          "tl1 pid=4294967296", "tl1 una=4294967296", "tl1 exit=2", "tl1 cpu=65536", "tl1 ns=x",
          "tl1 old=CLOSE  new=LISTEN"})
        CHECK_MESSAGE(!problem_of("state", line).empty(), line);
    CHECK_FALSE(problem_of("reset", "tl1 dir=sideways").empty());
    CHECK_FALSE(problem_of("mini", "tl1 mini=-").empty());
    CHECK_FALSE(problem_of("mini", "tl1 step=-").empty());
    CHECK_FALSE(problem_of("mini", "tl1 to=256").empty());
    CHECK_FALSE(problem_of("sock", "tl1 how=-").empty());
    CHECK_FALSE(problem_of("retx", "tl1 err=2147483648").empty());
    CHECK_FALSE(problem_of("retx", "tl1 count=256").empty());
    CHECK_FALSE(problem_of("lost", "tl1 from=x").empty());
}

TEST_CASE("a name that is too long for a task or a reason is cut, and still ends") {
    const auto owner = event_of("sock", "tl1 how=use pid=1 comm=" + std::string(99, 'a'));
    CHECK(std::get<Owner>(owner.body).task.name() == std::string(16, 'a'));
    const auto reset = event_of("reset", "tl1 dir=in reason=" + std::string(99, 'B'));
    CHECK(std::string(std::get<Reset>(reset.body).reason.data()) == std::string(39, 'B'));
}

TEST_CASE("every state and every origin has a word of its own") {
    std::map<std::string, int> words;
    for (int state = 0; state <= 12; ++state) {
        for (int via = 0; via <= static_cast<int>(Via::kListenerClosed); ++via) {
            StateChange change;
            change.from = static_cast<TcpState>(state);
            change.to = static_cast<TcpState>(12 - state);
            change.via = static_cast<Via>(via);
            const Event event{0, 0, 0, change};
            TextBuffer text;
            text.append("tl1");
            write_fields(text, event, Disguise(1));
            ++words[std::string(text.view())];
            CHECK(fields_of(event_of("state", text.view())) == fields_of(event));
        }
    }
    CHECK(words.size() == 13 * 13);
}

TEST_CASE("a disguise is one to one, keeps 0, and depends on its key") {
    std::map<std::uint64_t, std::uint64_t> seen;
    const Disguise disguise(42);
    CHECK(disguise(0) == 0);
    for (std::uint64_t i = 0; i < 10'000; ++i) {
        const auto address = 0xffff888000000000 + i * 64;
        CHECK(disguise(address) == disguise(address));
        CHECK(disguise(address) != address);
        ++seen[disguise(address)];
    }
    CHECK(seen.size() == 10'000);
    CHECK(disguise(0xffff888000000000) != Disguise(43)(0xffff888000000000));
}

TEST_CASE("the text for people has no control characters, whatever the names") {
    StateChange change;
    change.task = task(1, "a\x1b[2J\n\xff\x7f");
    TextBuffer text;
    write_message(text, Event{0, 0, 0, change});
    for (const char c : text.view())
        CHECK((c >= 0x20 && c < 0x7f));
    CHECK(text.view().find("a?[2J???[1]") != std::string_view::npos);
}

}  // namespace
}  // namespace tcpladder::test

// SPDX-License-Identifier: MIT
#include "workload/daytime.h"

#include "workload/duration.h"
#include "workload/error.h"
#include "workload/socket_address.h"
#include "workload/whole_number.h"

#include <doctest/doctest.h>

#include <sys/socket.h>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <optional>
#include <string>

namespace {

using daytime::parse_count;
using daytime::parse_duration;
using daytime::parse_port;
using daytime::SocketAddress;
using daytime::UsageError;
using std::chrono::nanoseconds;

/// Makes a time zone local, and the old one again at the end of the test.
class TimeZone {
public:
    explicit TimeZone(const char* name) {
        if (const char* old = std::getenv("TZ")) {
            old_ = old;
        }
        set(name);
    }
    ~TimeZone() { set(old_ ? old_->c_str() : nullptr); }

    TimeZone(const TimeZone&) = delete;
    TimeZone& operator=(const TimeZone&) = delete;

private:
    static void set(const char* name) {
        if (name != nullptr) {
            ::setenv("TZ", name, 1);
        } else {
            ::unsetenv("TZ");
        }
        ::tzset();
    }

    std::optional<std::string> old_;
};

}  // namespace

TEST_CASE("a duration is a number with a unit, seconds if there is none") {
    using namespace std::chrono_literals;
    CHECK(parse_duration("0") == 0ns);
    CHECK(parse_duration("0s") == 0ns);
    CHECK(parse_duration("20") == 20s);
    CHECK(parse_duration("20s") == 20s);
    CHECK(parse_duration("200ms") == 200ms);
    CHECK(parse_duration("100us") == 100us);
    CHECK(parse_duration("007s") == 7s);
}

TEST_CASE("a duration may have a fraction, down to one nanosecond") {
    using namespace std::chrono_literals;
    CHECK(parse_duration("1.5s") == 1500ms);
    CHECK(parse_duration("0.25") == 250ms);
    CHECK(parse_duration("1.5us") == 1500ns);
    CHECK(parse_duration("0.000000001s") == 1ns);
    CHECK(parse_duration("1.50000000000000000000000s") == 1500ms);
    CHECK_THROWS_AS(parse_duration("0.0000000001s"), UsageError);
    CHECK_THROWS_AS(parse_duration("0.0001us"), UsageError);
}

TEST_CASE("a duration is one day at most, and no number of digits overflows") {
    CHECK(parse_duration("86400") == daytime::kMaxDuration);
    CHECK(parse_duration("86400000ms") == daytime::kMaxDuration);
    CHECK(parse_duration("86400.0s") == daytime::kMaxDuration);
    for (const char* text : {"86400.000000001s", "86401", "86400001ms", "18446744073709551616us",
                             "9223372036854775807", "99999999999999999999999999999.9s"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(parse_duration(text), UsageError);
    }
}

TEST_CASE("what is not a duration is refused") {
    for (const char* text :
         {"",    " ",   "s",    ".",  ".5s", "1.",  "1.s",   "1..5s", "1.5.5s", "-1s",  "+1s",
          " 1s", "1s ", "1 s",  "1m", "1h",  "1ns", "1S",    "1mss",  "1e3",    "0x10", "1,5s",
          "nan", "inf", "1s1s", "ms", "1\n", "--5", "1.-5s", "1.5e1", "200 ms", "١s"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(parse_duration(text), UsageError);
    }
}

TEST_CASE("the message about a duration names the offending text") {
    CHECK_THROWS_WITH(parse_duration("soon"),
                      "invalid duration 'soon': expected a number and s, ms or us, such as 200ms");
    CHECK_THROWS_WITH(parse_duration("2000000s"), "invalid duration '2000000s': more than one day");
}

TEST_CASE("a port is a whole number from 1 to 65535") {
    CHECK(parse_port("1") == 1);
    CHECK(parse_port("10000") == 10000);
    CHECK(parse_port("65535") == 65535);
}

TEST_CASE("what is not a port is refused") {
    for (const char* text : {"", "0", "65536", "+1", "-1", " 1", "1 ", "1x", "x1", "1.0", "0x10",
                             "1e3", "http", "18446744073709551617"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(parse_port(text), UsageError);
    }
    CHECK_THROWS_WITH(parse_port("1x"),
                      "invalid port '1x': expected a whole number from 1 to 65535");
}

TEST_CASE("a count is a whole number, at least one") {
    CHECK(parse_count("1") == 1);
    CHECK(parse_count("1000000000") == daytime::kMaxCount);
    for (const char* text : {"", "0", "-1", "+1", "1.5", "1000000001", "many"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(parse_count(text), UsageError);
    }
}

TEST_CASE("an address prints with its port, IPv6 in brackets") {
    CHECK(SocketAddress::parse("127.0.0.1", 10000).text() == "127.0.0.1:10000");
    CHECK(SocketAddress::parse("0.0.0.0", 1).text() == "0.0.0.0:1");
    CHECK(SocketAddress::parse("::1", 10000).text() == "[::1]:10000");
    CHECK(SocketAddress::parse("::", 65535).text() == "[::]:65535");
    CHECK(SocketAddress::parse("2001:db8:0:0:0:0:0:1", 80).text() == "[2001:db8::1]:80");
}

TEST_CASE("an address knows its family") {
    CHECK(SocketAddress::parse("127.0.0.1", 10000).family() == AF_INET);
    CHECK(SocketAddress::parse("::1", 10000).family() == AF_INET6);
}

TEST_CASE("what is not a literal address is refused") {
    for (const char* text : {"", "localhost", "127.1", "0x7f000001", "127.0.0.1:80", "[::1]",
                             "127.0.0.256", "1.2.3.4.5", ":::", " ::1", "::1%nowhere"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(SocketAddress::parse(text, 10000), UsageError);
    }
    CHECK_THROWS_WITH(SocketAddress::parse("localhost", 10000),
                      "invalid address 'localhost': expected an IPv4 or IPv6 address");
}

TEST_CASE("only addresses of IPv4 and IPv6 are taken from the kernel") {
    sockaddr_storage storage{};
    storage.ss_family = AF_UNIX;
    CHECK_THROWS_AS(SocketAddress(storage, sizeof storage), daytime::Error);
}

TEST_CASE("the reply is the date as ctime writes it, and CR LF") {
    const TimeZone zone("UTC0");
    CHECK(daytime::reply_text(0) == "Thu Jan  1 00:00:00 1970\r\n");
    CHECK(daytime::reply_text(1'000'000'000) == "Sun Sep  9 01:46:40 2001\r\n");
    CHECK(daytime::reply_text(0).size() == daytime::kReplySize);
}

TEST_CASE("the reply is in local time") {
    const TimeZone zone("CST-8");
    CHECK(daytime::reply_text(0) == "Thu Jan  1 08:00:00 1970\r\n");
}

TEST_CASE("a year of more than four digits is an error, not a longer reply") {
    CHECK_THROWS_AS(daytime::reply_text(std::numeric_limits<std::time_t>::max()), daytime::Error);
    CHECK_THROWS_AS(daytime::reply_text(253'402'300'800 + 86'400), daytime::Error);
}

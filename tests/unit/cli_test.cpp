// SPDX-License-Identifier: MIT
#include "commands/cli.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "commands/terminal.h"
#include "support/error.h"

namespace tcpladder::test {
namespace {

Options parse(std::vector<const char*> words) {
    words.insert(words.begin(), "tcpladder");
    return parse_command_line(static_cast<int>(words.size()), words.data());
}
TraceOptions trace(std::vector<const char*> words) {
    words.insert(words.begin(), "trace");
    return std::get<TraceOptions>(parse(std::move(words)));
}
std::string refusal(std::vector<const char*> words) {
    try {
        parse(std::move(words));
    } catch (const UsageError& error) {
        return error.what();
    }
    return "";
}

TEST_CASE("the lab takes names and files, and how often") {
    const auto options = std::get<LabOptions>(
        parse({"lab", "refused", "mine.lab", "--repeat", "3", "--ipv6", "-f", "json"}));
    CHECK(options.what == std::vector<std::string>{"refused", "mine.lab"});
    CHECK(options.repeat == 3);
    CHECK(options.ipv6);
    CHECK_FALSE(options.slow);
    CHECK(options.view == ViewKind::kJson);
    CHECK(refusal({"lab"}).find("WHAT") != std::string::npos);
    CHECK(refusal({"lab", "all", "--repeat", "0"}).find("--repeat: '0'") == 0);
}

TEST_CASE("without options trace is the daytime workload of the book") {
    const auto options = trace({});
    CHECK_FALSE(options.all);
    CHECK(options.daytime_port == 10000);
    CHECK(options.pause == "200ms");
    CHECK(options.address == "127.0.0.1");
    CHECK(options.clients == 1);
    CHECK(options.view == ViewKind::kLines);
    CHECK(options.call_chain);
}

TEST_CASE("tcpdump's letters mean what they mean in tcpdump") {
    const auto options = trace({"-nSqv", "-tttt", "-#", "-c", "7", "--all", "-6", "-i", "lo"});
    CHECK(options.format.absolute);
    CHECK(options.format.quiet);
    CHECK(options.format.verbose == 1);
    CHECK(options.format.time == TimeStyle::kDate);
    CHECK(options.format.number);
    CHECK(options.count == 7);
    CHECK(options.version == 6);
    CHECK(options.interface == "lo");
    CHECK(trace({"-t", "-t"}).format.time == TimeStyle::kEpoch);
}

TEST_CASE("rows are explained in the language that is asked for, else in that of the locale") {
    CHECK_FALSE(trace({}).format.explain);
    CHECK(trace({"--explain=en"}).format.explain == Language::kEnglish);
    CHECK(trace({"--explain=zh"}).format.explain == Language::kChinese);
    CHECK(refusal({"trace", "--explain=fr"}) == "--explain: 'fr' is not en or zh");
    const char* const old = std::getenv("LC_ALL");
    const std::string before = old != nullptr ? old : "";
    ::setenv("LC_ALL", "zh_CN.UTF-8", 1);
    CHECK(trace({"--explain"}).format.explain == Language::kChinese);
    ::setenv("LC_ALL", "C.UTF-8", 1);
    CHECK(trace({"--explain"}).format.explain == Language::kEnglish);
    old != nullptr ? ::setenv("LC_ALL", before.c_str(), 1) : ::unsetenv("LC_ALL");
    const auto options = std::get<ShowOptions>(parse({"show", "--explain", "file"}));
    CHECK(options.files == std::vector<std::string>{"file"});
}

TEST_CASE("what only the ladder can do chooses it, and refuses others") {
    const auto picked = std::get<ShowOptions>(parse({"show", "x", "--conn", "2,7"}));
    CHECK(picked.view == ViewKind::kLadder);
    CHECK(picked.view_chosen);
    CHECK(picked.format.conversations == std::vector<std::uint32_t>{2, 7});
    CHECK(trace({"--interleave"}).view == ViewKind::kLadder);
    CHECK(refusal({"trace", "--interleave", "-f", "json"}).find("-f ladder") != std::string::npos);
    CHECK(refusal({"show", "x", "--conn", "0"}).find("--conn") != std::string::npos);
    CHECK(refusal({"trace", "--width", "79"}).find("80") != std::string::npos);
}

TEST_CASE("the terminal decides what the command line leaves open") {
    const Terminal terminal{.is_one = true, .columns = 132, .utf8 = true, .no_color = false};
    const auto adapted = [&](std::vector<const char*> words, const Terminal& to, bool one) {
        DisplayOptions options = trace(std::move(words));
        adapt(options, to, one);
        return options;
    };
    const auto drawn = adapted({}, terminal, true);
    CHECK(drawn.view == ViewKind::kLadder);
    CHECK(drawn.format.color);
    CHECK(drawn.format.utf8);
    CHECK(drawn.format.width == 132);
    CHECK(adapted({}, terminal, false).view == ViewKind::kLines);
    CHECK(adapted({"-f", "json"}, terminal, true).view == ViewKind::kJson);
    const Terminal pipe{.is_one = false, .columns = 0, .utf8 = true, .no_color = false};
    CHECK(adapted({}, pipe, true).view == ViewKind::kLines);
    CHECK_FALSE(adapted({}, pipe, true).format.color);
    CHECK_FALSE(adapted({}, pipe, true).format.utf8);  // lines for grep are ASCII
    CHECK(adapted({"-f", "ladder"}, pipe, true).format.utf8);
    CHECK(adapted({"-f", "ladder"}, pipe, true).format.width == 100);
    CHECK(adapted({"--color", "always"}, pipe, true).format.color);
    CHECK_FALSE(adapted({"--color", "never"}, terminal, true).format.color);
    CHECK_FALSE(adapted({"--ascii"}, terminal, true).format.utf8);
    CHECK(adapted({"--width", "90"}, terminal, true).format.width == 90);
    const Terminal plain{.is_one = true, .columns = 80, .utf8 = false, .no_color = true};
    CHECK_FALSE(adapted({}, plain, true).format.color);
    CHECK_FALSE(adapted({}, plain, true).format.utf8);
}

TEST_CASE("summaries come beside the timeline, or instead of it") {
    CHECK(trace({}).summary == SummaryChoice::kNo);
    CHECK(trace({"--summary"}).summary == SummaryChoice::kAlso);
    CHECK(trace({"--summary=only"}).summary == SummaryChoice::kOnly);
    CHECK(refusal({"trace", "--summary=all"}) == "--summary: 'all' is not 'only'");
    const auto options = std::get<ShowOptions>(parse({"show", "--summary", "file"}));
    CHECK(options.files == std::vector<std::string>{"file"});
}

TEST_CASE("sizes and durations are understood") {
    CHECK(trace({"--buffer", "64KiB"}).buffer == 65536);
    CHECK(trace({"--buffer", "16M"}).buffer == 16U << 20);
    CHECK(trace({"--all", "--duration", "1.5s"}).duration == std::chrono::milliseconds(1500));
    CHECK(trace({"--cause", "infer"}).call_chain == false);
}

TEST_CASE("what cannot be is refused with the offending words") {
    CHECK(refusal({"trace", "--all", "--port", "0"}).find("'0'") != std::string::npos);
    CHECK(refusal({"trace", "--all", "--port", "65536"}).find("'65536'") != std::string::npos);
    CHECK(refusal({"trace", "--all", "--host", "nowhere"}).find("'nowhere'") != std::string::npos);
    CHECK(refusal({"trace", "--address", "localhost"}).find("'localhost'") != std::string::npos);
    CHECK(refusal({"trace", "--pause", "soon"}).find("'soon'") != std::string::npos);
    CHECK(refusal({"trace", "--duration", "-1s"}) != "");
    CHECK(refusal({"trace", "--buffer", "1"}).find("'1'") != std::string::npos);
    CHECK(refusal({"trace", "--buffer", "9999999999999999999G"}) != "");
    CHECK(refusal({"trace", "--clients", "0"}).find("'0'") != std::string::npos);
    CHECK(refusal({"trace", "-c", "0"}) != "");
    CHECK(refusal({"trace", "-f", "xml"}) != "");
    CHECK(refusal({"trace", "--all", "-4", "-6"}) != "");
    CHECK(refusal({"trace", "-tttttt"}) != "");
    CHECK(refusal({"trace", "--frobnicate"}) != "");
    CHECK(refusal({"frobnicate"}) != "");
}

TEST_CASE("options that do not belong together are told apart") {
    CHECK(refusal({"trace", "--port", "80"}).find("--all") != std::string::npos);
    CHECK(refusal({"trace", "--all", "--pause", "1s"}).find("workload") != std::string::npos);
}

TEST_CASE("help is text with examples, and no failure") {
    CHECK(std::get<HelpText>(parse({"--help"})).text.find("Examples:") != std::string::npos);
    CHECK(std::get<HelpText>(parse({"trace", "--help"})).text.find("--pause") != std::string::npos);
    CHECK(std::get<HelpText>(parse({})).text.find("trace") != std::string::npos);
    CHECK(std::get<HelpText>(parse({"--version"})).text.starts_with("tcpladder "));
}

TEST_CASE("a recording has a file, and splits as tcpdump's do") {
    const auto record = trace({"-w", "x.pcapng", "-C", "5", "-W", "3"}).record;
    CHECK(record.file == "x.pcapng");
    CHECK(record.size == 5'000'000);
    CHECK(record.files == 3);
    CHECK(trace({"-w", "%H.pcapng", "-G", "60"}).record.seconds == 60);
    CHECK(trace({"-w", "x", "-f", "none"}).view == ViewKind::kNone);
    CHECK(refusal({"trace", "-w", ""}) == "-w: '' is no file");
    CHECK(refusal({"trace", "-C", "5"}) == "-C, -G and -W go with a file: -w FILE");
    CHECK(refusal({"trace", "-w", "-", "-G", "5"}) == "-C, -G and -W go with a file: -w FILE");
    CHECK(refusal({"trace", "-w", "x", "-W", "5"}) == "-W goes with -C or -G");
    CHECK_FALSE(refusal({"trace", "-w", "x", "-C", "0"}).empty());
}

TEST_CASE("show takes files, and the options of the live command") {
    const auto options = std::get<ShowOptions>(
        parse({"show", "a.pcapng", "b.pcapng", "--port", "443", "-6", "-f", "tcpdump", "-nS", "-c",
               "7", "--nat", "1.2.3.4=10.0.0.1", "--tail"}));
    CHECK(options.files == std::vector<std::string>{"a.pcapng", "b.pcapng"});
    CHECK(options.port == 443);
    CHECK(options.version == 6);
    CHECK(options.view == ViewKind::kTcpdump);
    CHECK(options.format.absolute);
    CHECK(options.count == 7);
    CHECK(options.tail);
    CHECK(options.nat == std::vector<std::string>{"1.2.3.4=10.0.0.1"});
    CHECK(refusal({"show"}) == "FILE is required");
    CHECK_FALSE(refusal({"show", "x", "--port", "0"}).empty());
}

TEST_CASE("export writes pcap unless told otherwise") {
    const auto options = std::get<ExportOptions>(parse({"export", "a.pcapng", "-o", "b.pcap"}));
    CHECK(options.kind == ExportOptions::Kind::kPcap);
    CHECK(options.show.files == std::vector<std::string>{"a.pcapng"});
    CHECK(options.output == "b.pcap");
    const auto states = std::get<ExportOptions>(parse({"export", "--to", "states", "a", "-4"}));
    CHECK(states.kind == ExportOptions::Kind::kStates);
    CHECK(states.output == "-");
    CHECK(states.show.version == 4);
    CHECK_FALSE(refusal({"export", "a", "--to", "xml"}).empty());
}

TEST_CASE("what stands behind -- is a command, whatever it looks like") {
    const auto options = trace({"-c", "5", "--", "curl", "--port", "-c", "--", "x"});
    CHECK(options.command == std::vector<std::string>{"curl", "--port", "-c", "--", "x"});
    CHECK(options.count == 5);
    CHECK(options.all);
    CHECK(options.selects());
    CHECK(trace({"--port", "80", "--user", "bin", "--", "true"}).port == 80);
    CHECK(refusal({"trace", "--"}) == "behind -- there is no command");
    CHECK(refusal({"trace", "-w", "-", "--", "true"}).starts_with("-w -: "));
    CHECK_FALSE(refusal({"trace", "--clients", "2", "--", "true"}).empty());
}

TEST_CASE("whose connections is said in one way") {
    CHECK(trace({"--pid", "12"}).pid == 12);
    CHECK(trace({"--pid", "12"}).all);
    CHECK(trace({"--all", "--comm", "nginx"}).comm == "nginx");
    CHECK_FALSE(trace({"--all"}).selects());
    for (const auto& words :
         std::vector<std::vector<const char*>>{{"trace", "--pid", "12", "--comm", "x"},
                                               {"trace", "--pid", "12", "--", "true"},
                                               {"trace", "--pid", "0"},
                                               {"trace", "--pid", "x"},
                                               {"trace", "--comm", ""},
                                               {"trace", "--comm", "a-name-of-16-byte"},
                                               {"trace", "--all", "--user", "bin"}})
        CHECK_FALSE(refusal(words).empty());
}

TEST_CASE("the words behind the options are a filter") {
    CHECK(trace({"--all", "port", "443"}).expression == "port 443");
    CHECK(trace({"--all", "-n", "tcp[tcpflags] & tcp-syn != 0"}).expression ==
          "tcp[tcpflags] & tcp-syn != 0");
    CHECK(trace({"port", "10000"}).expression == "port 10000");
    const auto options = trace({"host", "10.0.0.1", "--", "curl", "x"});
    CHECK(options.expression == "host 10.0.0.1");
    CHECK(options.command == std::vector<std::string>{"curl", "x"});
}

TEST_CASE("show takes files first, and a filter from the first word on that is no file") {
    const auto show = [](std::vector<const char*> words) {
        words.insert(words.begin(), "show");
        return std::get<ShowOptions>(parse(std::move(words)));
    };
    auto options = show({"/dev/null", "-", "port", "80"});
    CHECK(options.files == std::vector<std::string>{"/dev/null", "-"});
    CHECK(options.expression == "port 80");
    options = show({"no such file", "/dev/null"});
    CHECK(options.files == std::vector<std::string>{"no such file", "/dev/null"});
    CHECK(options.expression.empty());
}

TEST_CASE("states and namespaces are known, or refused") {
    CHECK(trace({"--state", "SYN-RECEIVED,time_wait"}).states ==
          std::vector{TcpState::kSynRecv, TcpState::kTimeWait});
    CHECK(refusal({"trace", "--state", "SYN-RECEIVED,"}) == "--state: '' is no state of TCP");
    CHECK(trace({"--all", "--netns", "4026531833"}).netns == 4026531833);
    CHECK(trace({"--all", "--netns", "/proc/self/ns/net"}).netns != 0);
    CHECK(refusal({"trace", "--all", "--netns", "no-such-name"}) ==
          "--netns: there is no network namespace 'no-such-name'");
    CHECK_FALSE(refusal({"trace", "--netns", "4026531833"}).empty());
    CHECK_FALSE(refusal({"trace", "--all", "--netns", "4026531833", "-i", "lo"}).empty());
}

}  // namespace
}  // namespace tcpladder::test

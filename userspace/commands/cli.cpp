// SPDX-License-Identifier: MIT
#include "commands/cli.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <vector>

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include "commands/cli_examples.h"
#include "commands/cli_values.h"
#include "commands/cli_words.h"
#include "commands/command_doc.h"
#include "commands/completion.h"
#include "commands/help_text.h"
#include "commands/man_page.h"
#include "support/error.h"
#include "support/net_namespace.h"

namespace tcpladder {
namespace {

/// What CLI11 fills in, before it is understood.
struct Words {
    std::optional<std::string> port, host, duration, buffer, daytime_port, clients, count, user,
        interface, record, pid, comm, netns, states, record_size, record_seconds, record_files,
        view, width, repeat;
    std::string cause = "stack", color = "auto", explain, summary;
    std::vector<std::string> conversations, filter;
    bool v4 = false, v6 = false, numeric = false;
    int time = 0, verbose = 0;
};

void add_view_options(CLI::App& trace, DisplayOptions& options, Words& words) {
    trace.option_defaults()->group("View");
    trace
        .add_option("-f,--format", words.view,
                    "ladder (default on a terminal, for one conversation), lines (else), json, "
                    "tcpdump, or none (with -w)")
        ->check(CLI::IsMember({"ladder", "lines", "json", "tcpdump", "none"}));
    trace
        .add_option("--conn", words.conversations,
                    "ladder: only the conversations with these numbers: 1,4")
        ->allow_extra_args(false)
        ->type_name("NUMBERS")
        ->delimiter(',');
    trace.add_flag("--interleave", options.format.interleave,
                   "ladder: several conversations in the order of time, not one after the other");
    trace
        .add_option("--color", words.color,
                    "auto (default: on a terminal, unless NO_COLOR is set), always or never")
        ->check(CLI::IsMember({"auto", "always", "never"}));
    trace.add_flag("--ascii", options.ascii, "draw with ASCII, also where UTF-8 would do");
    trace
        .add_option("--width", words.width,
                    "columns of the ladder, 80 or more (default: the terminal's, else 100)")
        ->type_name("COLUMNS");
    trace
        .add_flag("--explain{auto}", words.explain,
                  "say under each row what it is, and where the RFC has it: --explain=en, "
                  "--explain=zh, or in the language of the locale")
        ->type_name("en|zh");
    trace.add_flag("--summary{also}", words.summary,
                   "a table for each connection, when the timeline is over; --summary=only: "
                   "without the timeline");
    trace.add_option("-c", words.count, "stop after so many segments")->type_name("SEGMENTS");
    trace.add_flag("-S,--absolute-tcp-sequence-numbers", options.format.absolute,
                   "absolute sequence numbers");
    trace.add_flag("-t", words.time,
                   "time: -t none, -tt Unix, -ttt since the row before, -tttt date, -ttttt since "
                   "the first");
    trace.add_flag("-n", words.numeric, "as in tcpdump; names are never looked up anyway");
    trace.add_flag("-q", options.format.quiet, "say less");
    trace.add_flag("-v", words.verbose,
                   "say more: with -f tcpdump the IP header; libbpf's messages");
    trace.add_flag("-#,--number", options.format.number, "number the rows");
    trace.add_flag("--strict", options.strict, "exit status 3 if an event was lost");
    trace
        .add_option("--state", words.states,
                    "only while one end of a connection is in this state, from the transition into "
                    "it to the one out of it; several with commas: SYN-RECEIVED,time_wait")
        ->type_name("STATE");
}

void add_filter_options(CLI::App& trace, Words& words) {
    trace.option_defaults()->group("Filter");
    trace.add_option("--port", words.port, "connections with this port at either end");
    trace.add_option("--host", words.host, "connections with this address at either end");
    auto* v4 = trace.add_flag("-4", words.v4, "IPv4 only");
    trace.add_flag("-6", words.v6, "IPv6 only")->excludes(v4);
    trace.add_option("-i,--interface", words.interface, "segments of this device only")
        ->type_name("DEVICE");
    trace
        .add_option("--netns", words.netns,
                    "this network namespace only: its number (lsns -t net), its name (ip netns), "
                    "or a file as /proc/PID/ns/net")
        ->type_name("NETNS");
}

void add_record_options(CLI::App& trace, Words& words) {
    trace.option_defaults()->group("Recording");
    trace
        .add_option("-w", words.record,
                    "record to this file (pcapng, which other programs read, too); - is standard "
                    "output")
        ->type_name("FILE");
    trace
        .add_option("-C", words.record_size,
                    "start another file when this one has so many millions of bytes; its name "
                    "gets a number")
        ->type_name("MILLIONS");
    trace
        .add_option("-G", words.record_seconds,
                    "start another file every so many seconds; the name may have the letters of "
                    "strftime")
        ->type_name("SECONDS");
    trace
        .add_option("-W", words.record_files,
                    "with -C: a ring of so many files; with -G: stop after")
        ->type_name("FILES");
}

void add_tracing_options(CLI::App& trace, TraceOptions& options, Words& words) {
    trace.option_defaults()->group("Tracing");
    trace.add_flag("--all", options.all, "the whole host, until Ctrl-C");
    trace.add_option("--pid", words.pid, "connections of this process and its children")
        ->type_name("PID");
    trace.add_option("--comm", words.comm, "connections of the processes with this name")
        ->type_name("NAME");
    trace.add_option("--duration", words.duration, "stop after this time: 500ms, 10s");
    trace.add_option("--buffer", words.buffer, "of the kernel side: 4KiB to 1GiB (default 64MiB)")
        ->type_name("SIZE");
    trace
        .add_option("--cause", words.cause,
                    "how to tell the cause of a transition: stack (the kernel's call chain) or "
                    "infer (cheaper)")
        ->check(CLI::IsMember({"stack", "infer"}));
    trace.add_flag("--light", options.light,
                   "states, segments, retransmissions and resets only; the rest is inferred");
}

void add_workload_options(CLI::App& trace, TraceOptions& options, Words& words) {
    trace.option_defaults()->group("Daytime server and clients");
    trace.add_flag(
        "--hosts", options.hosts,
        "server and client on two hosts (network namespaces) and a wire of 10 ms between "
        "them, not over loopback; -6: over IPv6");
    trace.add_option("--daytime-port", words.daytime_port, "port of the server (default 10000)")
        ->type_name("PORT");
    trace.add_option("--address", options.address, "address of the server (default 127.0.0.1)");
    trace
        .add_option("--pause", options.pause,
                    "of the server, before it replies and before it closes (default 200ms)")
        ->type_name("DURATION");
    trace.add_option("--clients", words.clients, "how many at once (default 1)")->type_name("N");
    trace.add_option("--user", words.user, "run server and clients, or the command, as this user");
}

/// As setlocale() would take it for messages, but without a locale installed.
bool locale_is_chinese() {
    for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
        const char* value = std::getenv(name);
        if (value != nullptr && *value != '\0')
            return std::string_view(value).starts_with("zh");
    }
    return false;
}

std::optional<Language> understand_explain(const std::string& word) {
    if (word.empty())
        return std::nullopt;
    if (word == "auto")
        return locale_is_chinese() ? Language::kChinese : Language::kEnglish;
    if (word != "en" && word != "zh")
        throw UsageError(fmt::format("--explain: '{}' is not en or zh", word));
    return word == "zh" ? Language::kChinese : Language::kEnglish;
}

void add_lab_options(CLI::App& lab, LabOptions& options, Words& words) {
    lab.footer(kLabHelp);
    lab.add_option("WHAT", options.what, "list, all, clean, or scenarios: their names, or FILE.lab")
        ->required();
    add_view_options(lab, options, words);
    add_record_options(lab, words);
    lab.option_defaults()->group("Lab");
    lab.add_option("--repeat", words.repeat, "run each so many times")->type_name("TIMES");
    lab.add_flag("--ipv6", options.ipv6, "the hosts speak IPv6");
    lab.add_flag("--slow", options.slow, "also those that take a minute");
    lab.add_flag("--coverage", options.coverage,
                 "all: then print which arrows of TCP were shown, as docs/coverage.md");
}

SummaryChoice understand_summary(const std::string& word) {
    if (word.empty())
        return SummaryChoice::kNo;
    if (word != "also" && word != "only")
        throw UsageError(fmt::format("--summary: '{}' is not 'only'", word),
                         "--summary, or --summary=only");
    return word == "only" ? SummaryChoice::kOnly : SummaryChoice::kAlso;
}

void understand_display(DisplayOptions& options, const Words& words) {
    static const std::map<std::string, ViewKind> kViews = {{"ladder", ViewKind::kLadder},
                                                           {"lines", ViewKind::kLines},
                                                           {"json", ViewKind::kJson},
                                                           {"tcpdump", ViewKind::kTcpdump},
                                                           {"none", ViewKind::kNone}};
    static constexpr std::array kTimes = {TimeStyle::kDefault, TimeStyle::kNone,
                                          TimeStyle::kEpoch,   TimeStyle::kDelta,
                                          TimeStyle::kDate,    TimeStyle::kSinceFirst};
    static const std::map<std::string, ColorChoice> kColors = {{"auto", ColorChoice::kAuto},
                                                               {"always", ColorChoice::kAlways},
                                                               {"never", ColorChoice::kNever}};
    const bool for_ladder = options.format.interleave || !words.conversations.empty();
    if (for_ladder && words.view.value_or("ladder") != "ladder")
        throw UsageError("--conn and --interleave go with -f ladder");
    options.view_chosen = words.view.has_value() || for_ladder;
    options.view = kViews.at(words.view.value_or(for_ladder ? "ladder" : "lines"));
    options.color = kColors.at(words.color);
    if (words.width)
        options.width = parse_number("--width", *words.width, 80, 1000);
    for (const auto& number : words.conversations)
        options.format.conversations.push_back(
            static_cast<std::uint32_t>(parse_number("--conn", number, 1, UINT32_MAX)));
    if (words.time >= static_cast<int>(kTimes.size()))
        throw UsageError("-t can be given five times at most");
    options.format.time = kTimes[static_cast<std::size_t>(words.time)];
    options.format.verbose = static_cast<unsigned>(words.verbose);
    options.format.explain = understand_explain(words.explain);
    if (words.states)
        options.states = parse_states(*words.states);
    options.summary = understand_summary(words.summary);
    if (words.count)
        options.count = parse_number("-c", *words.count, 1, 1'000'000'000'000);
}

void understand_filter(FilterOptions& options, const Words& words) {
    options.version = words.v4 ? 4 : words.v6 ? 6 : 0;
    if (words.port)
        options.port = parse_port("--port", *words.port);
    if (words.host)
        options.host = parse_host(*words.host);
    if (words.interface && words.interface->empty())
        throw UsageError("-i: '' is no device");
    options.interface = words.interface.value_or("");
    if (words.netns) {
        options.netns = netns_named(*words.netns);
        if (options.netns == 0)
            throw UsageError(
                fmt::format("--netns: there is no network namespace '{}'", *words.netns));
    }
    options.expression = fmt::format("{}", fmt::join(words.filter, " "));
}

void understand_record(RecordOptions& options, const Words& words) {
    constexpr std::uint64_t kMillion = 1'000'000;
    if (words.record && words.record->empty())
        throw UsageError("-w: '' is no file");
    options.file = words.record.value_or("");
    if (words.record_size)
        options.size = parse_number("-C", *words.record_size, 1, kMillion) * kMillion;
    if (words.record_seconds)
        options.seconds =
            static_cast<std::uint32_t>(parse_number("-G", *words.record_seconds, 1, 1'000'000'000));
    if (words.record_files)
        options.files =
            static_cast<std::uint32_t>(parse_number("-W", *words.record_files, 1, 1'000'000));
    const bool splits = options.size != 0 || options.seconds != 0;
    if ((splits || options.files != 0) && (options.file.empty() || options.file == "-"))
        throw UsageError("-C, -G and -W go with a file: -w FILE");
    if (options.files != 0 && !splits)
        throw UsageError("-W goes with -C or -G");
}

void understand(TraceOptions& options, const Words& words) {
    understand_display(options, words);
    understand_filter(options, words);
    if (words.duration)
        options.duration = parse_duration(*words.duration);
    if (words.buffer)
        options.buffer = parse_size(*words.buffer);
    if (words.daytime_port)
        options.daytime_port = parse_port("--daytime-port", *words.daytime_port);
    if (words.clients)
        options.clients =
            static_cast<std::uint32_t>(parse_number("--clients", *words.clients, 1, 1000));
    if (words.user && words.user->empty())
        throw UsageError("--user: '' is no user");
    options.user = words.user.value_or("");
    options.call_chain = words.cause == "stack";
    check_pause(options.pause);
    if (!options.all && parse_address(options.address).version == 0)
        throw UsageError(
            fmt::format("--address: '{}' is no IPv4 or IPv6 address", options.address));
    const bool shows = options.summary != SummaryChoice::kNo ||
                       (options.view_chosen && options.view != ViewKind::kNone);
    if (options.record.file == "-" && shows)
        throw UsageError(
            "-w -: the recording takes standard output; rows and tables cannot go "
            "there, too",
            "-w FILE, or -w - | tcpladder show -");
}

// The workload brings its own port; a filter beside it would hide it.
void check_together(const CLI::App& trace, const TraceOptions& options) {
    static const std::vector<std::string> kWorkloadOnly = {"--hosts", "--daytime-port", "--address",
                                                           "--pause", "--clients"};
    if (!options.all && options.hosts && trace.count("--address") > 0)
        throw UsageError("--hosts and --address: the two hosts have addresses of their own");
    static const std::vector<std::string> kAllOnly = {"--port", "--host", "-4",
                                                      "-6",     "-i",     "--netns"};
    for (const auto& name : options.all ? kWorkloadOnly : kAllOnly) {
        if (trace.count(name) == 0)
            continue;
        const bool of_hosts = options.hosts && (name == "-4" || name == "-6");
        if (!options.all && of_hosts)
            continue;
        throw UsageError(options.all ? fmt::format("{} is for the bundled workload only", name)
                                     : fmt::format("{} goes with --all: tcpladder trace --all {} …",
                                                   name, name));
    }
    if (trace.count("--netns") != 0 && trace.count("-i") != 0)
        throw UsageError("-i is a device of this namespace: it does not go with --netns");
    if (options.all && options.command.empty() && trace.count("--user") != 0)
        throw UsageError("--user is for a program that we start: the workload or a command");
}

// At most one of them.
void understand_selection(TraceOptions& options, const Words& words) {
    constexpr std::size_t kLongestName = 15;  // the kernel's
    if (words.pid)
        options.pid = static_cast<std::uint32_t>(parse_number("--pid", *words.pid, 1, INT32_MAX));
    if (words.comm && (words.comm->empty() || words.comm->size() > kLongestName))
        throw UsageError(
            fmt::format("--comm: '{}' is no process name: the kernel's have 1 to {} "
                        "bytes (/proc/PID/comm)",
                        *words.comm, kLongestName));
    options.comm = words.comm.value_or("");
    const int ways = (options.command.empty() ? 0 : 1) + (words.pid ? 1 : 0) + (words.comm ? 1 : 0);
    if (ways > 1)
        throw UsageError("a command, --pid and --comm each say whose connections: give one");
    options.all = options.all || ways > 0;
    if (!options.command.empty() && options.record.file == "-")
        throw UsageError("-w -: the command writes to standard output, too", "-w FILE");
}

}  // namespace

Options parse_command_line(int argc, const char* const* argv) {
    auto line = split_command(argc, argv);
    CLI::App app{"tcpladder: what did TCP just do, and why?", "tcpladder"};
    app.require_subcommand(0, 1);
    app.set_version_flag("--version", "tcpladder " TCPLADDER_VERSION, "the version");
    app.set_help_flag("-h,--help", "this text");
    app.footer(kMainHelp);
    TraceOptions trace_options;
    CheckOptions check_options;
    Words words;
    auto* trace = app.add_subcommand(
        "trace", "Trace TCP live: by default the bundled daytime server and client");
    trace->footer(kTraceHelp);
    add_filter_options(*trace, words);
    add_view_options(*trace, trace_options, words);
    add_record_options(*trace, words);
    add_tracing_options(*trace, trace_options, words);
    add_workload_options(*trace, trace_options, words);
    trace->add_option("FILTER", words.filter,
                      "as in tcpdump (man pcap-filter): port 443, host "
                      "10.0.0.1 and tcp port 80, 'tcp[tcpflags] & tcp-syn != 0'");
    ShowOptions show_options;
    auto* show = app.add_subcommand("show", "Show recordings, and captures of other programs");
    show->footer(kShowHelp);
    show->add_option("FILE", show_options.files,
                     "recordings; - is standard input; behind them a filter as tcpdump's")
        ->required();
    add_filter_options(*show, words);
    add_view_options(*show, show_options, words);
    show->option_defaults()->group("Recordings");
    show->add_option("--nat", show_options.nat,
                     "an address or end (addr:port) that was translated on the way")
        ->allow_extra_args(false)
        ->type_name("SEEN=REAL");
    show->add_flag("--tail", show_options.tail, "wait for more at the end, until Ctrl-C");
    ExportOptions export_options;
    std::string export_to = "pcap";
    auto* exporting = app.add_subcommand("export", "Turn recordings into what others read");
    exporting->footer(kExportHelp);
    exporting->add_option("FILE", export_options.show.files, "recordings; - is standard input")
        ->required();
    exporting->add_option("--to", export_to, "pcap (default), json, states or connections (CSV)")
        ->check(CLI::IsMember({"pcap", "json", "states", "connections"}));
    exporting->add_option("-o,--output", export_options.output, "default: standard output")
        ->type_name("FILE");
    add_filter_options(*exporting, words);
    LabOptions lab_options;
    auto* lab =
        app.add_subcommand("lab", "Staged TCP situations on two hosts and a wire of our own");
    add_lab_options(*lab, lab_options, words);
    auto* check = app.add_subcommand("check", "What this kernel offers, and what is missing");
    check->add_flag("--json", check_options.json, "for programs");
    check->footer(kCheckHelp);
    std::string shell, page;
    auto* completing =
        app.add_subcommand("completion", "For a shell: what it completes")->group("");
    completing->add_option("SHELL", shell, "bash, zsh or fish")->required();
    auto* man = app.add_subcommand("man", "The page of a command, in roff")->group("");
    man->add_option("COMMAND", page, "default: the program's own");
    try {
        app.parse(static_cast<int>(line.own.size()), line.own.data());
    } catch (const CLI::CallForHelp&) {
        const auto chosen = app.get_subcommands();
        return HelpText{help_text(describe(chosen.empty() ? app : *chosen.front()))};
    } catch (const CLI::CallForVersion& version) {
        return HelpText{std::string(version.what()) + "\n"};
    } catch (const CLI::ParseError& error) {
        throw UsageError(error.what(), trace->parsed()       ? "tcpladder trace --help"
                                       : show->parsed()      ? "tcpladder show --help"
                                       : exporting->parsed() ? "tcpladder export --help"
                                       : lab->parsed()       ? "tcpladder lab --help"
                                                             : "tcpladder --help");
    }
    if (completing->parsed())
        return HelpText{completion(describe(app), shell)};
    if (man->parsed())
        return HelpText{man_page(describe(app), page, TCPLADDER_VERSION)};
    if (check->parsed())
        return check_options;
    if (show->parsed()) {
        words.filter = take_filter(show_options.files);
        understand_display(show_options, words);
        understand_filter(show_options, words);
        return show_options;
    }
    if (exporting->parsed()) {
        words.filter = take_filter(export_options.show.files);
        static const std::map<std::string, ExportOptions::Kind> kKinds = {
            {"pcap", ExportOptions::Kind::kPcap},
            {"json", ExportOptions::Kind::kJson},
            {"states", ExportOptions::Kind::kStates},
            {"connections", ExportOptions::Kind::kConnections}};
        export_options.kind = kKinds.at(export_to);
        understand_filter(export_options.show, words);
        return export_options;
    }
    if (lab->parsed()) {
        understand_display(lab_options, words);
        understand_record(lab_options.record, words);
        if (words.repeat)
            lab_options.repeat =
                static_cast<std::uint32_t>(parse_number("--repeat", *words.repeat, 1, 100'000));
        return lab_options;
    }
    if (!trace->parsed())
        return HelpText{help_text(describe(app))};
    trace_options.command = std::move(line.command);
    understand_record(trace_options.record, words);
    understand_selection(trace_options, words);
    check_together(*trace, trace_options);
    understand(trace_options, words);
    return trace_options;
}

}  // namespace tcpladder

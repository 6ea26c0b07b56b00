// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "model/address.h"
#include "model/tcp_state.h"
#include "views/views.h"

namespace tcpladder {

/// What to see.
struct FilterOptions {
    std::uint16_t port = 0;
    Address host;
    std::uint8_t version = 0;  ///< 4 or 6
    std::string interface;
    std::uint32_t netns = 0;  ///< inode number; 0: any
    std::string expression;   ///< pcap-filter(7); empty: none
};

enum class ColorChoice : std::uint8_t { kAuto, kAlways, kNever };

/// --summary: beside the rows, or instead of them.
enum class SummaryChoice : std::uint8_t { kNo, kAlso, kOnly };

/// How to see it. What the terminal decides is filled in by adapt().
struct DisplayOptions {
    std::uint64_t count = 0;  ///< stop after so many segments; 0: do not
    ViewKind view = ViewKind::kLines;
    bool view_chosen = false;  ///< by -f
    Format format;
    ColorChoice color = ColorChoice::kAuto;
    bool ascii = false;     ///< --ascii
    std::size_t width = 0;  ///< --width; 0: the terminal's
    bool strict = false;
    std::vector<TcpState> states;  ///< only while a connection is in one of these; empty: always
    SummaryChoice summary = SummaryChoice::kNo;
};

/// What to write to a file beside it.
struct RecordOptions {
    std::string file;           ///< `-`: standard output; empty: no recording
    std::uint64_t size = 0;     ///< -C: bytes after which another file begins; 0: never
    std::uint32_t seconds = 0;  ///< -G: the same by time
    std::uint32_t files = 0;    ///< -W: at most so many; 0: no limit
};

/// `tcpladder trace`.
struct TraceOptions : FilterOptions, DisplayOptions {
    bool all = false;    ///< the whole host, or some of its processes; else the workload
    bool hosts = false;  ///< the workload on two hosts of its own, not over loopback
    std::vector<std::string> command;  ///< whose connections; empty: none was given
    std::uint32_t pid = 0;             ///< whose, and its children's; 0: not given
    std::string comm;                  ///< whose, by name; empty: not given
    bool selects() const { return !command.empty() || pid != 0 || !comm.empty(); }
    std::optional<std::chrono::nanoseconds> duration;
    RecordOptions record;

    // How to trace.
    std::uint64_t buffer = 64U << 20;  ///< bytes
    bool call_chain = true;
    bool light = false;
    /// How long a segment may be on its way between two namespaces, ns.
    MonoNs hold = kLocalTransit;

    // The workload.
    std::uint16_t daytime_port = 10000;
    std::string pause = "200ms";  ///< as the server takes it
    std::string address = "127.0.0.1";
    std::uint32_t clients = 1;
    std::string user;  ///< empty: the invoking user
};

/// `tcpladder show`.
struct ShowOptions : FilterOptions, DisplayOptions {
    std::vector<std::string> files;  ///< `-`: standard input
    bool tail = false;               ///< wait for more at the end
    std::vector<std::string> nat;    ///< `A=B`: an endpoint or address as another host sees it
};

/// `tcpladder export`.
struct ExportOptions {
    enum class Kind { kPcap, kJson, kStates, kConnections };
    ShowOptions show;  ///< files and filter
    Kind kind = Kind::kPcap;
    std::string output = "-";  ///< `-`: standard output
};

/// `tcpladder lab`.
struct LabOptions : DisplayOptions {
    std::vector<std::string> what;  ///< `list`, `all`, `clean`, names, files
    bool ipv6 = false;
    bool slow = false;      ///< also what takes a minute
    bool coverage = false;  ///< of `all`: docs/coverage.md on standard output
    std::uint32_t repeat = 1;
    RecordOptions record;
};

/// `tcpladder check`.
struct CheckOptions {
    bool json = false;
};

/// Help or the version was asked for: this is the text.
struct HelpText {
    std::string text;
};

using Options =
    std::variant<TraceOptions, ShowOptions, ExportOptions, LabOptions, CheckOptions, HelpText>;

/// Throws UsageError: an option, port, address, size or duration that cannot be.
Options parse_command_line(int argc, const char* const* argv);

}  // namespace tcpladder

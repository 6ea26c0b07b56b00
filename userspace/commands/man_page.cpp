// SPDX-License-Identifier: MIT
#include "commands/man_page.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/core.h>

#include "support/error.h"

namespace tcpladder {
namespace {

/// What --help does not tell, on the program's own page.
constexpr auto kMore = R"(.SH PRIVILEGES
Tracing needs root, or the capabilities CAP_BPF and CAP_PERFMON; with CAP_SYSLOG, too, nothing has
to be inferred. Without sudo, once:
.PP
.nf
.RS
setcap cap_bpf,cap_perfmon,cap_syslog+ep /usr/bin/tcpladder
.RE
.fi
.PP
Once everything is attached,
.B tcpladder
becomes the user behind sudo and gives up all capabilities but those that its options still need.
The server and the clients run as that user, too.
.SH "EXIT STATUS"
.IP 0
Done.
.IP 1
Failed.
.IP 2
Wrong usage.
.IP 3
Events were lost and
.B \-\-strict
was given, or an expectation was not met.
.SH ENVIRONMENT
.IP NO_COLOR
No colours.
.IP "SUDO_UID"
The user who called; set by
.BR sudo (8).
.SH FILES
.IP /sys/kernel/btf/vmlinux
The kernel's type information. Without it nothing can be traced.
.IP /proc/kallsyms
The kernel's addresses.
)";

std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '-')
            result += "\\-";
        else if (c == '\\')
            result += "\\e";
        else if (c == '\'')
            result += "\\(aq";
        else if (c == '`')
            result += "\\(ga";
        else if (c == '^')
            result += "\\(ha";
        else if (c == '~')
            result += "\\(ti";
        else
            result += c;
    }
    return result;
}

// A line that starts with a dot would be a request.
std::string line(std::string_view text) {
    return (text.starts_with('.') ? "\\&" : "") + escaped(text) + "\n";
}

std::vector<std::string> paragraphs(std::string_view text) {
    std::vector<std::string> result(1);
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto row = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!row.empty())
            result.back() += std::string(row) + "\n";
        else if (!result.back().empty())
            result.emplace_back();
    }
    return result;
}

void append_lines(std::string& page, std::string_view text) {
    while (!text.empty()) {
        const auto end = text.find('\n');
        page += line(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
}

void append_options(std::string& page, const CommandDoc& doc) {
    page += ".SH OPTIONS\n";
    for (const auto& argument : doc.arguments)
        page += ".TP\n.I " + line(argument.value) + line(argument.help);
    for (const auto& group : doc.groups()) {
        page += ".SS " + line(group);
        for (const auto& option : doc.options) {
            if (option.group == group)
                page += ".TP\n.B " + line(names_of(option, true)) + line(option.help);
        }
    }
}

void append_commands(std::string& page, const CommandDoc& program) {
    page += ".SH COMMANDS\n";
    for (const auto& command : program.commands)
        page +=
            fmt::format(".TP\n.BR tcpladder\\-{} (8)\n{}", command.name, line(command.description));
}

// Examples as they stand; whatever else the help says after them.
void append_notes(std::string& page, const CommandDoc& doc) {
    constexpr std::string_view kExamples = "Examples:\n";
    std::string rest;
    for (const auto& paragraph : paragraphs(doc.notes)) {
        if (paragraph.starts_with(kExamples)) {
            page += ".SH EXAMPLES\n.nf\n";
            append_lines(page, std::string_view(paragraph).substr(kExamples.size()));
            page += ".fi\n";
        } else if (!paragraph.empty()) {
            rest += ".PP\n";
            append_lines(rest, paragraph);
        }
    }
    if (!rest.empty())
        page += ".SH NOTES\n" + rest;
}

void append_see_also(std::string& page, const CommandDoc& program, const CommandDoc& doc) {
    page += ".SH \"SEE ALSO\"\n";
    if (&doc != &program)
        page += ".BR tcpladder (8),\n";
    for (const auto& command : program.commands) {
        if (&command != &doc)
            page += fmt::format(".BR tcpladder\\-{} (8),\n", command.name);
    }
    page += ".BR tcpdump (8),\n.BR ss (8),\n.BR tcp (7),\n.BR capabilities (7)\n";
}

}  // namespace

std::string man_page(const CommandDoc& program, const std::string& command,
                     const std::string& version) {
    const auto found = std::find_if(program.commands.begin(), program.commands.end(),
                                    [&](const auto& each) { return each.name == command; });
    if (!command.empty() && found == program.commands.end())
        throw UsageError("there is no command '" + command + "'");
    const auto& doc = command.empty() ? program : *found;
    const auto name = command.empty() ? "tcpladder" : "tcpladder-" + command;
    // Unless the description is a sentence about the program.
    const auto about = doc.description.substr(command.empty() ? doc.description.find(':') + 2 : 0);
    auto page = fmt::format(
        ".TH {} 8 \"\" \"tcpladder {}\"\n.nh\n.ad l\n.SH NAME\n{} \\- {}.SH SYNOPSIS\n.B {}",
        escaped(name), version, escaped(name), line(about), line(doc.usage()));
    if (!doc.commands.empty())
        append_commands(page, doc);
    append_options(page, doc);
    append_notes(page, doc);
    if (command.empty())
        page += kMore;
    append_see_also(page, program, doc);
    return page;
}

}  // namespace tcpladder

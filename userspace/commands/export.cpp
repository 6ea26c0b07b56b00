// SPDX-License-Identifier: MIT
#include <cerrno>
#include <memory>

#include <fcntl.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/display.h"
#include "commands/pcap_file.h"
#include "commands/replay.h"
#include "recording/one_end.h"
#include "support/error.h"
#include "support/say.h"
#include "support/unique_fd.h"

namespace tcpladder {
namespace {

UniqueFd open_output(const std::string& path) {
    UniqueFd fd(path == "-" ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
                            : ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!fd)
        throw system_error("cannot write to " + path, errno);
    return fd;
}

void export_pcap(Replay& replay, UniqueFd fd, const std::string& name) {
    if (::isatty(fd.get()) != 0)
        throw Error("pcap is no text for a terminal", "tcpladder export FILE -o plain.pcap");
    const int descriptor = ::dup(fd.get());
    PcapFile file(descriptor, name, replay.info().wall_offset);
    OneEnd one_end;
    replay.run([&](std::span<const Event> events, MonoNs) {
        for (const auto& event : events) {
            const auto* segment = std::get_if<Segment>(&event.body);
            if (segment != nullptr && one_end.has(event, *segment))
                file.add(event.time, *segment);
        }
        if (events.empty())
            file.flush();
        return true;
    });
    file.finish();
}

void export_text(Replay& replay, ViewKind view, int fd, const std::string& name) {
    DisplayOptions options;
    options.view = view;
    Display display(options, replay.info(), ConnectionFilter{replay.port()}, fd, name);
    replay.run([&](std::span<const Event> events, MonoNs) {
        for (const auto& event : events)
            display.add(event);
        if (events.empty())
            display.flush();
        return !display.done();
    });
    display.finish();
}

ViewKind view_of(ExportOptions::Kind kind) {
    if (kind == ExportOptions::Kind::kStates)
        return ViewKind::kCsvStates;
    return kind == ExportOptions::Kind::kConnections ? ViewKind::kCsvConnections : ViewKind::kJson;
}

}  // namespace

int run_export(const ExportOptions& options) {
    Replay replay(options.show);
    auto fd = open_output(options.output);
    const auto name = options.output == "-" ? "standard output" : options.output;
    if (options.kind == ExportOptions::Kind::kPcap)
        export_pcap(replay, std::move(fd), name);
    else
        export_text(replay, view_of(options.kind), fd.get(), name);
    for (const auto& remark : replay.source().remarks_after(true))
        say(remark);
    return replay.source().is_damaged() ? kFailed : kDone;
}

}  // namespace tcpladder

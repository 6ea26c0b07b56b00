// SPDX-License-Identifier: MIT
#include <cerrno>
#include <memory>

#include <fcntl.h>
#include <sys/stat.h>
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

bool is_same_file(int fd, const std::string& path) {
    struct stat one {};
    struct stat other {};
    return ::fstat(fd, &one) == 0 && S_ISREG(one.st_mode) && ::stat(path.c_str(), &other) == 0 &&
           one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

// Emptied only when it is known that it is none of those that are read.
UniqueFd open_output(const std::string& path, const std::vector<std::string>& inputs) {
    UniqueFd fd(path == "-" ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
                            : ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (!fd)
        throw system_error("cannot write to " + path, errno);
    for (const auto& input : inputs) {
        if (is_same_file(fd.get(), input == "-" ? "/proc/self/fd/0" : input))
            throw UsageError("cannot write to " + path + ": it is what is read",
                             "tcpladder export FILE -o OTHER");
    }
    struct stat status {};
    const bool is_file = ::fstat(fd.get(), &status) == 0 && S_ISREG(status.st_mode);
    if (path != "-" && is_file && ::ftruncate(fd.get(), 0) != 0)
        throw system_error("cannot write to " + path, errno);
    return fd;
}

// Both tell whether the files were read to their end.
bool export_pcap(Replay& replay, UniqueFd fd, const std::string& name) {
    if (::isatty(fd.get()) != 0)
        throw Error("pcap is no text for a terminal", "tcpladder export FILE -o plain.pcap");
    const int descriptor = ::dup(fd.get());
    PcapFile file(descriptor, name, replay.info().wall_offset);
    OneEnd one_end;
    const bool read_to_end = replay.run([&](std::span<const Event> events, MonoNs) {
        for (const auto& event : events) {
            const auto* segment = std::get_if<Segment>(&event.body);
            if (segment != nullptr && one_end.has(event, *segment))
                file.add(event.time, *segment);
        }
        if (events.empty())
            file.flush();
        return file.good();
    });
    file.finish();
    return read_to_end;
}

bool export_text(Replay& replay, ViewKind view, int fd, const std::string& name) {
    DisplayOptions options;
    options.view = view;
    Display display(options, replay.info(), ConnectionFilter{replay.port()}, fd, name);
    const bool read_to_end = replay.run([&](std::span<const Event> events, MonoNs) {
        for (const auto& event : events)
            display.add(event);
        if (events.empty())
            display.flush();
        return !display.done();
    });
    display.finish();
    return read_to_end;
}

ViewKind view_of(ExportOptions::Kind kind) {
    if (kind == ExportOptions::Kind::kStates)
        return ViewKind::kCsvStates;
    return kind == ExportOptions::Kind::kConnections ? ViewKind::kCsvConnections : ViewKind::kJson;
}

}  // namespace

int run_export(const ExportOptions& options) {
    Replay replay(options.show);
    auto fd = open_output(options.output, options.show.files);
    const auto name = options.output == "-" ? "standard output" : options.output;
    const bool read_to_end = options.kind == ExportOptions::Kind::kPcap
                                 ? export_pcap(replay, std::move(fd), name)
                                 : export_text(replay, view_of(options.kind), fd.get(), name);
    for (const auto& remark : replay.source().remarks_after(read_to_end))
        say(remark);
    if (replay.interrupted())
        throw Error("interrupted: " + name + " has what came before");
    return replay.source().is_damaged() ? kFailed : kDone;
}

}  // namespace tcpladder

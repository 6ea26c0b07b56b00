// SPDX-License-Identifier: MIT
#include "commands/replay_source.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include "commands/spool.h"
#include "commands/summary.h"
#include "merge/alignment_text.h"
#include "recording/recording_scan.h"
#include "support/error.h"
#include "views/printable.h"

namespace tcpladder {
namespace {

/// Enough for our section header, first interface and `rec` record.
constexpr std::size_t kStart = 512;
/// What pcapng starts with.
constexpr std::string_view kMagic = "\n\r\r\n";

// `host.pcapng` -> `host`.
std::string short_name(const std::string& name) {
    return std::filesystem::path(name).stem().string();
}

// A file that is as we wrote it has one, and need not be read twice.
std::vector<std::uint32_t> recordings_of(const InputFile& file, const std::string& path) {
    constexpr std::size_t kTail = 16 * 1024;  // enough for the last record and what follows it
    std::uint64_t offset = 0;
    const auto tail = file.tail(kTail, offset);
    if (const auto only = only_recording_of(tail, offset))
        return {*only};
    InputFile scanned(path, false);
    return recordings_in(scanned);
}

}  // namespace

ReplaySource::ReplaySource(const ShowOptions& options) : options_(options) {
    if (options.files.size() > 1)
        keep_pipes();
    opened_ = open_all();
    const bool one_recording = opened_.size() == 1 && opened_.front().recording != nullptr;
    if (!options.interface.empty() && !one_recording)
        throw UsageError(
            "-i: only the recording of one host says on which devices its segments were");
    if (opened_.size() == 1 && !options.nat.empty())
        throw UsageError("--nat: addresses are translated between hosts, and here is one only");
    if (opened_.size() == 1)
        source_ = std::move(opened_.front().source);
    else
        merge();
}

ReplaySource::~ReplaySource() = default;

// All at once: who writes to one must not wait for the others.
void ReplaySource::keep_pipes() {
    std::vector<std::string> paths;
    std::vector<std::unique_ptr<InputFile>> pipes;
    for (const auto& path : options_.files) {
        auto file = std::make_unique<InputFile>(path, false);
        if (!file->is_stream() || std::find(paths.begin(), paths.end(), path) != paths.end())
            continue;
        paths.push_back(path);
        pipes.push_back(std::move(file));
    }
    auto kept = spool(pipes);
    for (std::size_t i = 0; i < paths.size(); ++i)
        spooled_.emplace(paths[i], std::move(kept[i]));
}

std::vector<ReplaySource::Opened> ReplaySource::open_all() {
    std::vector<Opened> opened;
    for (const auto& path : options_.files) {
        const auto kept = spooled_.find(path);
        if (kept == spooled_.end())
            open(path, path, opened);
        else  // opened anew, so that each reader has a place of its own in it
            open("/proc/self/fd/" + std::to_string(kept->second.get()), path, opened);
    }
    return opened;
}

void ReplaySource::open(const std::string& path, const std::string& name,
                        std::vector<Opened>& opened) {
    auto file = std::make_unique<InputFile>(path, options_.tail);
    if (name != path)
        file->rename(name);
    auto start = file->peek(kMagic.size());
    if (start == kMagic)  // a pcap on a pipe may have nothing else for a while
        start = file->peek(kStart);
    if (start.empty() && !options_.tail)
        throw Error(file->name() + " is empty");
    if (!start.empty() && !is_recording(start))
        return open_capture(std::move(file), opened);
    // Only capture tools put several recordings into one file.
    if (file->is_stream() || options_.tail)
        return open_recording(std::move(file), {}, opened);
    const auto recordings = recordings_of(*file, path);
    if (recordings.empty())  // cut within its first block: the reader says where
        return open_recording(std::move(file), {}, opened);
    for (const auto id : recordings) {
        auto again = std::make_unique<InputFile>(path, false);
        again->rename(name);
        open_recording(std::move(again), id, opened);
    }
}

void ReplaySource::open_recording(std::unique_ptr<InputFile> file, std::optional<std::uint32_t> id,
                                  std::vector<Opened>& opened) {
    if (file->is_stream())
        streams_.push_back(file->fd());
    auto reader = std::make_unique<RecordingReader>(*file, id);
    reader->prepare();  // a stream may not have come so far: then prepare() goes on
    const auto known = std::find_if(opened.begin(), opened.end(), [&](const Opened& other) {
        return other.recording != nullptr &&
               other.recording->recording().id == reader->recording().id;
    });
    if (known != opened.end())
        return known->recording->add(std::move(file), std::move(reader));
    auto parts = std::make_unique<RecordingParts>();
    auto& entry = opened.emplace_back();
    entry.name = file->name();
    entry.recording = parts.get();
    parts->add(std::move(file), std::move(reader));
    entry.source = std::move(parts);
}

void ReplaySource::open_capture(std::unique_ptr<InputFile> file, std::vector<Opened>& opened) {
    if (options_.tail && !file->is_stream())
        throw UsageError("--tail: " + file->name() +
                             " is not of tcpladder, which follows its own recordings only",
                         "tail -f -c +1 FILE | tcpladder show -");
    UniqueFd fd(::fcntl(file->fd(), F_DUPFD_CLOEXEC, 3));
    if (!fd)
        throw system_error("cannot read " + file->name(), errno);
    if (file->is_stream())
        streams_.push_back(fd.get());
    auto capture =
        std::make_unique<ForeignCapture>(std::move(fd), std::string(file->peek(1)), file->name());
    auto& entry = opened.emplace_back();
    entry.name = file->name();
    entry.capture = capture.get();
    entry.source = std::move(capture);
}

std::vector<MergeInput> ReplaySource::inputs_of(std::vector<Opened>& opened) {
    std::vector<MergeInput> inputs;
    for (auto& entry : opened) {
        auto& input = inputs.emplace_back();
        input.name = short_name(entry.name);
        if (entry.recording != nullptr) {
            entry.recording->prepare();
            input.boot_id = entry.recording->recording().boot_id;
        }
        input.source = std::move(entry.source);
    }
    return inputs;
}

void ReplaySource::merge() {
    if (options_.tail)
        throw UsageError(
            "--tail: several hosts' clocks are aligned by the whole of their recordings",
            "name one file, or leave --tail out");
    const AddressMap addresses(options_.nat);
    auto inputs = inputs_of(opened_);
    auto alignment = align(inputs, addresses);
    opened_ = open_all();
    auto merger = std::make_unique<Merger>(inputs_of(opened_), std::move(alignment), addresses);
    merger_ = merger.get();
    source_ = std::move(merger);
}

EventSource::Status ReplaySource::prepare() {
    if (merger_ == nullptr && opened_.front().recording != nullptr)
        return opened_.front().recording->prepare();
    return Status::kEvent;
}

void ReplaySource::advance(MonoNs now) {
    if (merger_ == nullptr && opened_.front().capture != nullptr)
        opened_.front().capture->advance(now);
}

bool ReplaySource::is_on(const std::string& device, const Event& event) const {
    return device.empty() || opened_.front().recording->is_on(device, event);
}

std::vector<std::string> ReplaySource::remarks_before() const {
    std::vector<std::string> remarks;
    if (merger_ == nullptr)
        return remarks;
    const auto& alignment = merger_->alignment();
    for (auto clock : alignment.clocks) {
        clock.name = printable(clock.name, true);
        auto text = alignment_text(clock, printable(alignment.hosts.front(), true));
        if (!text.empty())
            remarks.push_back(std::move(text));
    }
    return remarks;
}

std::vector<std::string> ReplaySource::remarks_after(bool read_to_end) const {
    std::vector<std::string> remarks;
    for (const auto& entry : opened_) {
        if (entry.recording != nullptr) {
            for (auto& remark : entry.recording->remarks(read_to_end))
                remarks.push_back(std::move(remark));
            continue;
        }
        for (const auto& remark : entry.capture->remarks())
            remarks.push_back("note: " + entry.name + ": " + remark);
    }
    if (merger_ != nullptr && merger_->moved() > 0)
        remarks.push_back(
            fmt::format("note: {} moved, so that nothing is received before it was sent",
                        plural(merger_->moved(), "event")));
    return remarks;
}

std::optional<RecordingEnd> ReplaySource::end() const {
    RecordingEnd sum;
    for (const auto& entry : opened_) {
        if (entry.recording == nullptr || !entry.recording->end())
            return {};
        const auto& end = *entry.recording->end();
        sum.counts.sent += end.counts.sent;
        sum.counts.lost += end.counts.lost;
        sum.counts.unreadable += end.counts.unreadable;
        sum.counts.missed += end.counts.missed;
        sum.counts.lost_segments += end.counts.lost_segments;
        sum.counts.lost_states += end.counts.lost_states;
        sum.arrived += end.arrived;
        sum.refused += end.refused;
    }
    return sum;
}

bool ReplaySource::lacks_records() const {
    return std::any_of(opened_.begin(), opened_.end(), [](const Opened& entry) {
        return entry.recording != nullptr && entry.recording->lacks_records();
    });
}

bool ReplaySource::is_damaged() const {
    return std::any_of(opened_.begin(), opened_.end(), [](const Opened& entry) {
        return entry.recording != nullptr ? entry.recording->is_damaged()
                                          : !entry.capture->damage().empty();
    });
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include "commands/recording_parts.h"

#include <algorithm>

#include <fmt/core.h>

#include "commands/summary.h"

namespace tcpladder {
namespace {

std::vector<std::string> remarks_of(const InputFile& file, const RecordingReader& reader,
                                    bool read_to_end, bool last_part) {
    std::vector<std::string> remarks;
    const auto& name = file.name();
    const auto& health = reader.health();
    if (!health.damage.empty())
        remarks.push_back(fmt::format("error: {} is {}, after record {}: what is before was shown",
                                      name, health.damage, health.last_n));
    else if (read_to_end && last_part && !health.ended)
        remarks.push_back(fmt::format(
            "note: {} has no end: it goes on in another file, or was not finished", name));
    if (health.missing > 0)
        remarks.push_back(
            fmt::format("note: {} of {}: somebody filtered the file, or a part is not here",
                        plural(health.missing, "record") + " missing", name));
    if (health.earlier > 0)
        remarks.push_back(fmt::format(
            "error: {} of {} should come before what is shown, and {} left out: parts were joined "
            "in a wrong order; give them as files",
            plural(health.earlier, "record"), name, health.earlier == 1 ? "is" : "are"));
    if (health.others > 0 && file.is_stream())
        remarks.push_back(
            fmt::format("note: {} of other recordings in {} left out: a pipe is read once; give it "
                        "as a file",
                        plural(health.others, "record"), name));
    if (health.unreadable > 0)
        remarks.push_back(fmt::format("note: {} of {} make no sense ({}) and were skipped",
                                      plural(health.unreadable, "record"), name, health.problem));
    if (health.shifted != 0)
        remarks.push_back(
            fmt::format("note: somebody moved the packets of {} by {:.6f} s; moved back", name,
                        static_cast<double>(health.shifted) / 1e9));
    return remarks;
}

}  // namespace

void RecordingParts::add(std::unique_ptr<InputFile> file, std::unique_ptr<RecordingReader> reader) {
    parts_.push_back({std::move(file), std::move(reader)});
}

EventSource::Status RecordingParts::prepare() {
    for (auto& part : parts_) {
        if (part.reader->prepare() == Status::kNotYet)
            return Status::kNotYet;
    }
    std::stable_sort(parts_.begin(), parts_.end(), [](const Part& a, const Part& b) {
        return a.reader->recording().part < b.reader->recording().part;
    });
    for (std::size_t i = 0; i + 1 < parts_.size(); ++i)
        parts_[i].file->stop_following();  // what is written now is the last
    return Status::kEvent;
}

EventSource::Status RecordingParts::next(Event& event) {
    while (true) {
        auto& reader = *parts_[at_].reader;
        const auto status = reader.next(event);
        if (status != Status::kEnd || at_ + 1 == parts_.size())
            return status;
        ++at_;
        parts_[at_].reader->continues(reader.health().last_n + 1);
    }
}

bool RecordingParts::is_on(const std::string& device, const Event& event) const {
    const auto* segment = std::get_if<Segment>(&event.body);
    if (segment == nullptr)
        return true;
    const auto& devices = parts_[at_].reader->devices();
    const auto found = devices.find({event.netns, segment->ifindex});
    return found != devices.end() && found->second == device;
}

std::vector<std::string> RecordingParts::remarks(bool read_to_end) const {
    std::vector<std::string> remarks;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
        for (auto& remark :
             remarks_of(*parts_[i].file, *parts_[i].reader, read_to_end, i + 1 == parts_.size()))
            remarks.push_back(std::move(remark));
    }
    return remarks;
}

bool RecordingParts::is_damaged() const {
    return std::any_of(parts_.begin(), parts_.end(), [](const Part& part) {
        const auto& health = part.reader->health();
        return !health.damage.empty() || health.earlier > 0;
    });
}

bool RecordingParts::lacks_records() const {
    return std::any_of(parts_.begin(), parts_.end(), [](const Part& part) {
        const auto& health = part.reader->health();
        return health.missing > 0 || health.unreadable > 0;
    });
}

}  // namespace tcpladder

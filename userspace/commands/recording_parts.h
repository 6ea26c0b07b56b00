// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "commands/input_file.h"
#include "recording/recording_reader.h"

namespace tcpladder {

/// One recording, in one file or split over several (-C, -G).
class RecordingParts : public EventSource {
public:
    void add(std::unique_ptr<InputFile> file, std::unique_ptr<RecordingReader> reader);
    /// Reads the starts, so that info() is there, and puts the parts in order.
    /// kNotYet: call again.
    Status prepare();

    const TraceInfo& info() const override { return parts_.front().reader->info(); }
    const RecordingInfo& recording() const { return parts_.front().reader->recording(); }
    Status next(Event& event) override;

    /// Whether the segment was seen on a device of this name.
    bool is_on(const std::string& device, const Event& event) const;
    /// Sentences for the user.
    std::vector<std::string> remarks(bool read_to_end) const;
    const std::optional<RecordingEnd>& end() const { return parts_.back().reader->end(); }
    bool is_damaged() const;
    /// Records are missing, or make no sense.
    bool lacks_records() const;

private:
    struct Part {
        std::unique_ptr<InputFile> file;
        std::unique_ptr<RecordingReader> reader;
    };
    std::deque<Part> parts_;
    std::size_t at_ = 0;
};

}  // namespace tcpladder

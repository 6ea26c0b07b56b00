// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "commands/cli.h"
#include "commands/input_file.h"
#include "commands/recording_parts.h"
#include "merge/merger.h"
#include "recording/foreign_capture.h"

namespace tcpladder {

/// The files named on the command line as one source of events: parts of one
/// recording one after the other, recordings of several hosts merged, captures of
/// other programs with the states that they imply.
class ReplaySource : public EventSource {
public:
    /// Opens the files; several hosts' are read once, to align their clocks. Throws Error.
    explicit ReplaySource(const ShowOptions& options);
    ~ReplaySource() override;

    /// Reads the starts, so that info() is there. kNotYet: call again.
    Status prepare();

    const TraceInfo& info() const override { return source_->info(); }
    Status next(Event& event) override { return source_->next(event); }
    /// After kNotYet: nothing from before this time will come any more.
    void advance(MonoNs now);
    /// Pipes to wait for when next() says kNotYet.
    const std::vector<int>& streams() const { return streams_; }

    /// Whether the event was seen on a device of this name; empty: any.
    bool is_on(const std::string& device, const Event& event) const;
    /// Sentences for the user: before the first row and at the end.
    std::vector<std::string> remarks_before() const;
    std::vector<std::string> remarks_after(bool read_to_end) const;
    /// What the tracers counted, where all of them have come to their end.
    std::optional<RecordingEnd> end() const;
    /// Records are missing in a recording, or make no sense.
    bool lacks_records() const;
    /// A file could not be read to its end.
    bool is_damaged() const;

private:
    /// One recording or capture.
    struct Opened {
        std::unique_ptr<EventSource> source;  ///< until it goes into the merger
        RecordingParts* recording = nullptr;
        ForeignCapture* capture = nullptr;
        std::string name;
    };

    void keep_pipes();
    std::vector<Opened> open_all();
    void open(const std::string& path, const std::string& name, std::vector<Opened>& opened);
    void open_recording(std::unique_ptr<InputFile> file, std::optional<std::uint32_t> id,
                        std::vector<Opened>& opened);
    void open_capture(std::unique_ptr<InputFile> file, std::vector<Opened>& opened);
    void merge();
    static std::vector<MergeInput> inputs_of(std::vector<Opened>& opened);

    const ShowOptions& options_;
    std::map<std::string, UniqueFd> spooled_;  ///< pipes that are read twice
    std::vector<Opened> opened_;
    std::vector<int> streams_;
    std::unique_ptr<EventSource> source_;  ///< the one, or the merger
    Merger* merger_ = nullptr;
};

}  // namespace tcpladder

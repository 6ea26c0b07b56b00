// SPDX-License-Identifier: MIT
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "commands/cli.h"
#include "commands/input_file.h"
#include "recording/recording_reader.h"

namespace tcpladder {

/// The files named on the command line, as one source of events: parts of one
/// recording one after the other.
class ReplaySource : public EventSource {
public:
    /// Opens the files. Throws Error.
    explicit ReplaySource(const ShowOptions& options);
    ~ReplaySource() override;

    /// Reads the starts, so that info() is there. kNotYet: call again.
    Status prepare();

    const TraceInfo& info() const override;
    Status next(Event& event) override;
    /// Pipes to wait for when next() says kNotYet.
    std::vector<int> streams() const;

    /// Whether the event was seen on a device of this name; empty: any.
    bool is_on(const std::string& device, const Event& event) const;
    /// Sentences for the user: about the files, before the first row and at the end.
    std::vector<std::string> remarks_before() const;
    std::vector<std::string> remarks_after(bool read_to_end) const;
    const std::optional<RecordingEnd>& end() const;
    /// A file could not be read to its end.
    bool is_damaged() const;

private:
    struct Part {
        std::unique_ptr<InputFile> file;
        std::unique_ptr<RecordingReader> reader;
    };

    std::deque<Part> parts_;  ///< in their order
    std::size_t at_ = 0;      ///< the part being read
};

}  // namespace tcpladder

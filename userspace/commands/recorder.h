// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "commands/cli.h"
#include "recording/recording_writer.h"
#include "support/unique_fd.h"

namespace tcpladder {

/// The reading of all clocks now. Real and TAI belong to the same moment as mono,
/// to some tens of nanoseconds.
ClockAnchor read_clocks();

/// Writes a recording to files (mode 0600, the invoking user's) or to standard
/// output, whole blocks at a time. What goes wrong with a file ends the recording
/// and is told once; the trace goes on.
class Recorder {
public:
    /// Opens the first file. Throws Error if that cannot be.
    Recorder(const RecordOptions& options, RecordingInfo info, const ClockAnchor& start);
    ~Recorder();

    void add(const Event& event);
    /// To be called often: writes what is due, starts the next file, reads the clocks.
    void tick();
    void finish(const RecordingEnd& end);

    /// The recording could not be written to its end: why, in one sentence.
    const std::string& failure() const { return failure_; }
    /// Nobody reads the pipe any more, or -W files are full.
    bool over() const { return over_ || full_; }
    bool on_stdout() const { return options_.file == "-"; }
    /// For the summary: `recorded to FILE`, `recorded to 3 files, the last is FILE`.
    std::string result() const;

private:
    void open();
    void write();
    void turn_over();
    void fail(int error, std::size_t written);
    std::string file_name() const;

    RecordOptions options_;
    RecordingWriter writer_;
    std::string path_;  ///< of the file at hand
    UniqueFd own_;
    int fd_ = -1;
    bool is_pipe_ = false;
    bool has_old_content_ = false;  ///< until the first write: the trace may not start
    std::uint64_t written_ = 0;     ///< bytes of this file
    std::uint32_t files_ = 0;       ///< opened so far
    std::uint32_t names_ = 0;       ///< that they had, one after the other
    std::uint32_t in_period_ = 0;
    MonoNs period_start_ = 0;
    MonoNs last_write_ = 0;
    MonoNs last_clock_ = 0;
    bool over_ = false;  ///< nothing can be written any more
    bool full_ = false;  ///< only the end is to be written
    std::string failure_;
};

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/event_source.h"
#include "recording/pcapng.h"
#include "recording/recording_info.h"
#include "recording/tl1.h"

namespace tcpladder {

/// What there is to say of a recording besides its events.
struct RecordingHealth {
    std::string damage;            ///< `cut at byte 1234`; empty: none
    bool ended = false;            ///< its last record is there: it was closed properly
    std::uint64_t last_n = 0;      ///< number of the last record
    std::uint64_t missing = 0;     ///< records that somebody filtered out
    std::uint64_t earlier = 0;     ///< records from before the first one, not shown
    std::uint64_t unreadable = 0;  ///< records that make no sense, skipped
    std::uint64_t others = 0;      ///< records of other recordings in this file
    std::string problem;           ///< of the first that makes no sense
    std::int64_t shifted = 0;  ///< ns by which somebody moved the packets (`editcap -t`); undone
};

/// One recording out of a file that we wrote, whatever capture tools did to the
/// file since: records are put back in the order in which they were written.
class RecordingReader : public EventSource {
public:
    /// `wanted`: the recording's id, if the file may hold several; else the first
    /// one is taken. `source` must outlive the reader.
    explicit RecordingReader(ByteSource& source, std::optional<std::uint32_t> wanted = {},
                             std::string_view seen = {});

    /// Reads up to the first event, so that info() is complete. kNotYet: call
    /// again. kEnd: there is no event in it; info() is what could be read.
    Status prepare();

    const TraceInfo& info() const override { return info_.trace; }
    const RecordingInfo& recording() const { return info_; }
    Status next(Event& event) override;

    /// Final after next() said kEnd.
    const RecordingHealth& health() const { return health_; }
    /// What the tracer counted at its end, where that was read.
    const std::optional<RecordingEnd>& end() const { return end_; }
    /// The last of the clock readings, for their drift.
    const std::optional<ClockAnchor>& last_clock() const { return last_clock_; }
    /// Names of network devices, by (namespace, number).
    const std::map<std::pair<NetNs, std::uint32_t>, std::string>& devices() const {
        return devices_;
    }
    /// Another part of the same recording was read before, up to the record before
    /// `next_n`: what this one repeats for those who have only it is skipped. To be
    /// called before next().
    void continues(std::uint64_t next_n);

private:
    struct Interface {
        bool is_ours = false;
        std::uint16_t link = 0;
        NetNs netns = 0;
        std::uint32_t ifindex = 0;
        std::uint64_t ticks = 1'000'000;  ///< per second
    };
    /// The start of a line, which all have.
    struct Start {
        std::uint64_t kind = 0;  ///< as tl1::key() has it
        std::uint64_t n = 0;
        std::int64_t time = 0;  ///< Unix ns
        bool has_time = false;
        bool is_ours = false;         ///< of the recording that is read
        std::uint64_t recording = 0;  ///< else which
    };
    /// A record that came before its turn.
    struct Early {
        Event event;
        std::uint64_t n = 0;
        bool has_event = false;
        bool again = false;  ///< for those who have not read the part before
    };
    enum class Taken { kNothing, kRecord, kEvent };

    Taken take(const pcapng::Block& block, Event& event, std::uint64_t& n);
    void take_section(pcapng::Fields fields);
    void take_interface(pcapng::Fields fields);
    Taken take_packet(pcapng::Fields fields, Event& event, std::uint64_t& n);
    Taken take_journal(std::span<const std::uint8_t> body, Event& event, std::uint64_t& n);
    bool take_names(tl1::Fields& fields, Start& start);
    bool take_start(tl1::Fields& fields, Start& start);
    void take_info(std::string_view line);
    void take_end(tl1::Fields& fields);
    void take_clock(tl1::Fields& fields);
    Taken bad(std::string_view problem);
    bool is_wanted(std::uint32_t recording);
    MonoNs mono(std::int64_t unix_ns) const;

    bool is_new(std::uint64_t n);
    bool is_repeated(bool again) const { return again && continues_; }
    bool is_due() const;
    void keep(const Event& event, std::uint64_t n, bool has_event);

    pcapng::BlockReader blocks_;
    std::optional<std::uint32_t> wanted_;
    std::uint64_t wanted_word_ = 0;        ///< the same as it is written, once it was met
    std::array<char, 20> packet_start_{};  ///< and how the lines of its packets start
    RecordingInfo info_;
    RecordingHealth health_;
    std::optional<RecordingEnd> end_;
    std::optional<ClockAnchor> last_clock_;
    std::vector<Interface> interfaces_;
    std::map<std::pair<NetNs, std::uint32_t>, std::string> devices_;
    bool continues_ = false;

    std::optional<std::uint64_t> begin_;     ///< n of the first record
    std::optional<std::uint64_t> expected_;  ///< n of the record that comes next
    std::uint64_t gap_ = 0;                  ///< n where the last gap begins, and
    std::uint64_t gap_end_ = 0;              ///< of the record behind it
    std::vector<Early> early_;               ///< a heap, the smallest n first
    MonoNs newest_ = INT64_MIN;              ///< time among those
    bool again_ = false;                     ///< of the record at hand, see Early
    std::optional<Early> first_;             ///< what prepare() read
    bool prepared_ = false;
    bool over_ = false;
    std::int64_t shift_ = 0;  ///< to be taken off the packets' times
};

}  // namespace tcpladder

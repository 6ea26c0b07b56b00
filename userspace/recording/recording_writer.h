// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/event.h"
#include "recording/event_text.h"
#include "recording/recording_info.h"
#include "support/text_buffer.h"

namespace tcpladder {

/// Turns events into a pcapng file: segments are packets (LINUX_SLL2, headers only),
/// all else is a systemd journal block, and each carries a tl1 line (docs/recording.md).
/// Nothing is patched later, so that pipes work and a cut file is good up to there.
class RecordingWriter {
public:
    /// The name of a network device for people; empty: not known.
    using DeviceName = std::function<std::string(NetNs, std::uint32_t ifindex)>;

    /// `key` is secret and random: see Disguise. With `splits`, living sockets are
    /// remembered, so that each part tells their owners again.
    RecordingWriter(RecordingInfo info, std::uint64_t key, bool splits, DeviceName device_name);

    /// A network device by its number in a namespace.
    using Device = std::pair<NetNs, std::uint32_t>;

    /// Before all else: what makes the file one, and the first reading of the clocks.
    /// `devices`: those that are there already. Others are declared when they are met,
    /// which all tools but reordercap (4.0) accept.
    void begin(const ClockAnchor& clock, std::vector<Device> devices = {});
    /// In the order of their times.
    void add(const Event& event);
    /// Now and then (every 10 s): for the alignment with other hosts.
    void clock(const ClockAnchor& clock);
    /// Starts another file, which can be read without the ones before.
    void next_part(const ClockAnchor& clock);
    /// Nothing follows, in this file or any. `written`: bytes of this file that are not
    /// in out() any more. The last record tells its place in the file, which is another
    /// as soon as somebody has put in or left out anything: see only_recording_of().
    void end(const RecordingEnd& end, const ClockAnchor& clock, std::uint64_t written = 0);

    /// Whole blocks, since the last clear().
    TextBuffer& out() { return out_; }

private:
    /// A viewpoint: one end's on one device. On loopback a connection has two.
    struct Interface {
        NetNs netns = 0;
        std::uint32_t ifindex = 0;
        bool second = false;
        auto operator<=>(const Interface&) const = default;
    };

    void start_file(const ClockAnchor& clock);
    MonoNs now(const ClockAnchor& clock) const;
    void section();
    void record(MonoNs time, unsigned priority, std::string_view message, const Task* task);
    void packet(const Event& event, const Segment& segment);
    std::uint32_t interface_of(const Event& event, const Segment& segment);
    void write_interface(const Interface& interface);
    void write_rec(MonoNs time);
    void write_clock(const ClockAnchor& clock);
    void write_event(const Event& event, bool again);
    void remember(const Event& event);
    void start_line(std::string_view kind, MonoNs time);

    RecordingInfo info_;
    Disguise disguise_;
    bool splits_;
    DeviceName device_name_;
    std::vector<Device> devices_;
    TextBuffer out_;
    TextBuffer line_;     ///< the tl1 line of the record at hand
    TextBuffer message_;  ///< its text for people
    std::map<Interface, std::uint32_t> interfaces_;
    Interface last_interface_;
    std::uint32_t last_interface_id_ = UINT32_MAX;
    std::unordered_map<std::uint64_t, Event> sockets_;  ///< living ones, as `sock`, by cookie
    std::optional<MonoNs> last_event_;
    std::uint64_t n_ = 0;
    std::uint64_t lost_ = 0;  ///< since the last packet: its drop count
    bool tell_time_ = true;   ///< the next segment's line says its time, too
    std::array<std::uint64_t, std::variant_size_v<decltype(Event::body)>> counts_{};
};

}  // namespace tcpladder

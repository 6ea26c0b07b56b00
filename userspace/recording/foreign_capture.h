// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "model/event_source.h"
#include "model/state_inference.h"
#include "recording/byte_stream.h"
#include "recording/copies.h"
#include "recording/foreign_packet.h"
#include "recording/viewpoint.h"

struct pcap;

namespace tcpladder {

/// What became of the frames of a capture.
struct ForeignCounts {
    std::uint64_t segments = 0;
    std::uint64_t copies = 0;     ///< of the same segment, seen at another place
    std::uint64_t other = 0;      ///< no TCP
    std::uint64_t fragments = 0;  ///< of IP packets
    std::uint64_t cut = 0;        ///< the snap length ends within the headers
    std::uint64_t broken = 0;     ///< lengths that contradict each other
    std::uint64_t backwards = 0;  ///< stamped before the frame before; shown at its time
};

/// A capture of another program (tcpdump, Wireshark), pcap or pcapng: its TCP
/// segments, and the states that they imply (StateInference).
///
/// Event::time is Unix time, so TraceInfo::wall_offset is 0. All events are of one
/// network namespace, that of the near host (Viewpoint): its segments are `sent`,
/// those of the others `received`, as a live trace on that host would have it.
/// Over loopback each segment is both. Where the capture was taken between the
/// hosts, the client counts as near.
class ForeignCapture : public EventSource {
public:
    /// `filter`: an expression as tcpdump takes it; empty: all. Throws Error if it
    /// is no capture, or of a link layer that we do not know; UsageError for a
    /// filter that libpcap refuses.
    explicit ForeignCapture(const std::string& path, const std::string& filter = {});
    /// A stream that may be a pipe: next() says kNotYet rather than wait. `first`
    /// are the bytes that were read of it already; `name` is for messages.
    ForeignCapture(UniqueFd fd, std::string first, std::string name,
                   const std::string& filter = {});
    ~ForeignCapture() override;

    const TraceInfo& info() const override { return info_; }
    Status next(Event& event) override;
    /// For a live stream: no packet stamped before this Unix time will come any
    /// more, so what waits for an answer need not wait on.
    void advance(MonoNs unix_time);

    /// For the user, one sentence each without a dot: where the capture was taken,
    /// what was left out, that its end is damaged. Complete after kEnd; the
    /// viewpoint alone is known with the first event.
    std::string viewpoint() const { return viewpoint_.text(); }
    std::vector<std::string> remarks() const;
    const ForeignCounts& counts() const { return counts_; }
    /// What libpcap says of the damage behind what could be read; empty: none.
    const std::string& damage() const { return damage_; }

private:
    enum class Got { kPacket, kNotYet, kEnd };

    void open(const std::string& filter);
    Got read(ForeignPacket& packet);
    Got take_frame(ForeignPacket& packet);
    bool settle_viewpoint();
    void feed(const ForeignPacket& packet);

    std::string name_;
    ByteStream stream_;
    std::unique_ptr<pcap, void (*)(pcap*)> pcap_;
    int dlt_ = 0;
    bool at_end_ = false;
    bool settled_ = false;
    MonoNs last_time_ = 0;
    std::deque<ForeignPacket> head_;  ///< read for the viewpoint, not handed on yet
    TraceInfo info_;
    Viewpoint viewpoint_;
    Copies copies_;
    StateInference inference_;
    ForeignCounts counts_;
    std::string damage_;
};

}  // namespace tcpladder

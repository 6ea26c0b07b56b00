// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "views/tcpdump_line.h"
#include "views/tcpdump_numbers.h"
#include "views/tcpdump_time.h"
#include "views/view.h"

namespace tcpladder {

/// For each segment the very line of `tcpdump -nn` (4.99), byte for byte; other
/// entries print nothing. The line is that of a capture cut after the headers.
///
/// Time and order are those of a tcpdump on this host: it stamps a segment when
/// it is received here and only otherwise when it is sent. Entries come in the
/// order of their sending, so a line waits until no earlier stamp can follow.
///
/// Differs from tcpdump where an aggregate has more than 262144 bytes (tcpdump
/// refuses to print it) and in what TcpdumpNumbers forgets.
class TcpdumpView : public View {
public:
    TcpdumpView(Output& output, const Format& format);

    void begin(const TraceInfo& info) override;
    void entry(const Entry& entry) override;
    void advance(MonoNs time) override;
    void end() override;

private:
    /// What of a segment is printed.
    struct Packet {
        std::uint32_t length = 0;
        std::uint16_t captured = 0;
        std::array<std::uint8_t, kMaxHeaderBytes> headers;
    };
    /// A packet whose turn has not come.
    struct Waiting {
        MonoNs stamp = 0;
        std::uint64_t arrival = 0;
        std::uint32_t slot = 0;
    };
    static bool is_later(const Waiting& a, const Waiting& b);

    void hold(MonoNs stamp, const SegmentEntry& segment);
    void release_first();
    void print(MonoNs stamp, std::uint32_t length, std::span<const std::uint8_t> headers);

    Output& output_;
    const Format format_;
    TcpdumpTime time_;
    TcpdumpNumbers numbers_;
    TcpdumpLine line_;
    std::int64_t wall_offset_ = 0;
    std::uint64_t printed_ = 0;

    std::vector<Waiting> waiting_;  ///< heap, the earliest first
    std::uint64_t arrivals_ = 0;
    std::vector<Packet> slots_;
    std::vector<std::uint32_t> free_slots_;
};

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "views/csv_text.h"
#include "views/view.h"
#include "views/wall_time.h"

namespace tcpladder {

/// Every connection as a line of CSV, in the order of their numbers, when the trace
/// is over. Memory grows with the number of connections (some 300 bytes each).
class CsvConnectionsView : public View {
public:
    explicit CsvConnectionsView(Output& output) : output_(output) {}

    void begin(const TraceInfo& info) override;
    void entry(const Entry& entry) override;
    void end() override;

private:
    /// What one end did. The client is the first; if roles are not known, whoever
    /// was seen first.
    struct End {
        Endpoint name;
        std::uint32_t pid = 0;
        std::array<char, 16> comm{};
        TcpState state = TcpState::kUnknown;
        std::uint64_t segments = 0;  ///< sent
        std::uint64_t bytes = 0;     ///< payload sent, retransmissions included
        std::uint64_t retransmits = 0;
        std::uint64_t resets = 0;  ///< sent
    };
    struct Connection {
        MonoNs first = 0;
        MonoNs last = 0;
        std::array<End, 2> ends;
    };

    End& end_of(Connection& connection, const Side& side);
    void append(const End& end);

    Output& output_;
    CsvLine line_;
    WallTime clock_{WallTime::Zone::kUtc};
    std::map<std::uint32_t, Connection> connections_;
};

}  // namespace tcpladder

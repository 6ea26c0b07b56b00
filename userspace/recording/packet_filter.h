// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "model/event.h"

namespace tcpladder {

/// tcpdump's filter expressions (pcap-filter(7)), compiled by libpcap for the headers
/// that we keep, live and of recordings alike.
///
/// One that speaks only of addresses, networks, ports and protocols is about whole
/// connections: it takes all of their events, in both directions. Any other
/// (`tcp[tcpflags] & tcp-syn != 0`, `less 100`) is about single segments: it takes those,
/// and no state changes.
class PacketFilter {
public:
    enum class Verdict {
        kNo,
        kYes,
        kUnknown,  ///< a connect() whose port is not chosen yet
    };

    /// Throws UsageError with what libpcap says.
    explicit PacketFilter(const std::string& expression);
    ~PacketFilter();
    PacketFilter(const PacketFilter&) = delete;
    PacketFilter& operator=(const PacketFilter&) = delete;

    bool of_connections() const { return of_connections_; }
    Verdict judge(const Event& event) const;
    /// The same; and where single segments are asked for, takes off what they say of their
    /// socket's state, so that no state change is read from it.
    Verdict apply(Event& event) const;

private:
    struct Program;

    bool takes(const std::uint8_t* packet, std::uint32_t captured, std::uint32_t length) const;
    bool takes(const Endpoint& source, const Endpoint& destination) const;
    Verdict judge(const Event& event, const SocketEnds& ends) const;

    std::unique_ptr<Program> program_;
    bool of_connections_ = true;
};

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tcpladder {

/// Where the packets of a pcap or pcapng stream end, so that nobody has to wait in the
/// middle of one. Knows lengths only; what is wrong with a file libpcap shall say.
class CaptureFraming {
public:
    /// `start`: at least the first kStart bytes of the stream, or all that there are.
    static constexpr std::size_t kStart = 12;
    void begin(std::string_view start);

    /// The size of what is read for the next packet, which begins with `bytes`: in pcapng
    /// other blocks come before it. Nothing: it is not whole yet.
    std::optional<std::size_t> next_packet(std::string_view bytes);

private:
    enum class Format : std::uint8_t { kUnknown, kPcap, kPcapng };

    std::uint32_t number(std::string_view bytes, std::size_t at) const;
    std::optional<std::size_t> next_of_pcap(std::string_view bytes) const;
    std::optional<std::size_t> next_of_pcapng(std::string_view bytes);

    Format format_ = Format::kUnknown;
    bool big_endian_ = false;
    std::size_t packet_header_ = 16;  ///< bytes; pcap
};

}  // namespace tcpladder

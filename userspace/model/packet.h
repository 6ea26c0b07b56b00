// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "model/address.h"
#include "model/seq.h"

namespace tcpladder {

/// TCP header flags, as in bytes 12 and 13 of the header (RFC 9293, RFC 9768).
namespace tcp_flag {
inline constexpr std::uint16_t kFin = 0x001;
inline constexpr std::uint16_t kSyn = 0x002;
inline constexpr std::uint16_t kRst = 0x004;
inline constexpr std::uint16_t kPsh = 0x008;
inline constexpr std::uint16_t kAck = 0x010;
inline constexpr std::uint16_t kUrg = 0x020;
inline constexpr std::uint16_t kEce = 0x040;
inline constexpr std::uint16_t kCwr = 0x080;
inline constexpr std::uint16_t kAe = 0x100;
}  // namespace tcp_flag

/// The fields of one segment's IP and TCP headers, in host order.
struct TcpHeader {
    Endpoint source;
    Endpoint destination;
    Seq seq = 0;
    Seq ack = 0;
    std::uint32_t payload = 0;       ///< bytes
    std::uint16_t flags = 0;         ///< tcp_flag
    std::uint16_t window = 0;        ///< as on the wire, not scaled
    std::uint16_t ip_bytes = 0;      ///< offset of the TCP header
    std::uint16_t header_bytes = 0;  ///< IP and TCP headers, options included

    bool has(std::uint16_t flag) const { return (flags & flag) != 0; }
    /// One past the last sequence number; SYN and FIN count one.
    Seq end() const {
        return seq + payload + (has(tcp_flag::kSyn) ? 1U : 0U) + (has(tcp_flag::kFin) ? 1U : 0U);
    }
};

/// Reads an IPv4 or IPv6 packet. `length` is that of the whole packet from the
/// IP header on (more than the span holds, where only headers were captured; it
/// decides the payload, since a large aggregate carries an IP length of 0).
/// Nothing if it is no TCP or the span ends within the headers.
std::optional<TcpHeader> parse_tcp(std::span<const std::uint8_t> packet, std::uint32_t length);
/// The same, straight to where the header shall be. False: nothing in it is valid.
bool read_tcp(std::span<const std::uint8_t> packet, std::uint32_t length, TcpHeader& header);

/// TCP options that the model and the views speak of (RFC 9293, 7323, 2018).
struct TcpOptions {
    std::optional<std::uint16_t> mss;
    std::optional<std::uint8_t> window_scale;
    bool sack_permitted = false;
    struct Timestamp {
        std::uint32_t value = 0;
        std::uint32_t echo = 0;
    };
    std::optional<Timestamp> timestamp;
    struct SackBlock {
        Seq first = 0;
        Seq last = 0;  ///< exclusive
    };
    std::array<SackBlock, 4> sack{};
    std::uint8_t sack_blocks = 0;
    bool fast_open = false;
    bool malformed = false;  ///< a length that does not fit; what came before is valid
};

/// `options` is the part of the TCP header after its first 20 bytes.
TcpOptions parse_tcp_options(std::span<const std::uint8_t> options);

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tcpladder {

/// An IPv4 or IPv6 address; an IPv4-mapped one is never stored as IPv6.
struct Address {
    std::array<std::uint8_t, 16> bytes{};  ///< as on the wire; IPv4 uses the first four
    std::uint8_t version = 0;              ///< 4, 6, or 0: not known

    bool operator==(const Address& other) const {
        return words() == other.words() && version == other.version;
    }
    auto operator<=>(const Address&) const = default;
    /// For who compares or hashes: faster than byte by byte.
    std::array<std::uint64_t, 2> words() const {
        return std::bit_cast<std::array<std::uint64_t, 2>>(bytes);
    }
};

/// An address and a port in host order. Port 0: not known (yet).
struct Endpoint {
    Address address;
    std::uint16_t port = 0;

    bool operator==(const Endpoint&) const = default;
    auto operator<=>(const Endpoint&) const = default;
};

/// `::ffff:1.2.3.4` becomes 1.2.3.4; everything else stays.
Address unmapped(const Address& address);

/// `127.0.0.1`, `2001:db8::1` (RFC 5952), empty if not known.
std::string to_string(const Address& address);
/// `127.0.0.1:80`, `[::1]:80`; a port that is not known prints as `?`.
std::string to_string(const Endpoint& endpoint);

/// Longest result of format_to(), in bytes.
inline constexpr std::size_t kMaxEndpointText = 56;
/// Writes the text of to_string() without a NUL, returns the end. There must be room for the
/// longest: bytes behind the end may be written, too.
char* format_to(char* out, const Address& address);
char* format_to(char* out, const Endpoint& endpoint);

/// Parses a literal address; version 0 in the result: it is none.
Address parse_address(std::string_view text);

}  // namespace tcpladder

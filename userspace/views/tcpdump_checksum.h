// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>

namespace tcpladder {

/// The Internet checksum (RFC 1071) of pieces that follow each other; all but
/// the last one have an even length.
class TcpdumpChecksum {
public:
    void add(std::span<const std::uint8_t> bytes);
    void add(std::uint16_t word) { sum_ += word; }

    bool correct() const { return residue() == 0; }
    /// What should stand in the field that now holds `field`.
    std::uint16_t should_be(std::uint16_t field) const;

private:
    std::uint16_t residue() const;

    std::uint64_t sum_ = 0;
};

}  // namespace tcpladder

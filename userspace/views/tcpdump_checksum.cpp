// SPDX-License-Identifier: MIT
#include "views/tcpdump_checksum.h"

#include <cstddef>

namespace tcpladder {
namespace {

/// One's complement addition: the carry goes round.
std::uint16_t fold(std::uint64_t sum) {
    while (sum > 0xffff) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return static_cast<std::uint16_t>(sum);
}

}  // namespace

void TcpdumpChecksum::add(std::span<const std::uint8_t> bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        sum_ += i % 2 == 0 ? std::uint64_t{bytes[i]} << 8 : bytes[i];
    }
}

std::uint16_t TcpdumpChecksum::residue() const {
    return static_cast<std::uint16_t>(~fold(sum_));
}

std::uint16_t TcpdumpChecksum::should_be(std::uint16_t field) const {
    return fold(std::uint64_t{field} + residue());
}

}  // namespace tcpladder

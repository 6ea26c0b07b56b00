// SPDX-License-Identifier: MIT
#include "views/tcpdump_packet.h"

#include <algorithm>

namespace tcpladder {

std::uint64_t TcpdumpPacket::be64(std::size_t at) {
    if (!readable(at, 8)) {
        return 0;
    }
    return std::uint64_t{be32(at)} << 32 | be32(at + 4);
}

Address TcpdumpPacket::address(std::size_t at, std::uint8_t version) {
    Address result;
    result.version = version;
    const std::size_t size = version == 4 ? 4 : 16;
    if (readable(at, size)) {
        std::copy_n(&bytes_[at], size, result.bytes.begin());
    }
    return result;
}

void TcpdumpPacket::end_at(std::size_t end) {
    bytes_ = captured_.first(std::min(end, captured_.size()));
}

void TcpdumpPacket::enter(std::string_view layer) {
    if (!truncated_) {
        layer_ = layer;
    }
}

void TcpdumpPacket::truncate() {
    truncated_ = true;
    line_.close();
}

void TcpdumpPacket::finish() {
    if (truncated_) {
        line_.reopen();
        line_.put(" [|", layer_, ']');
    }
}

}  // namespace tcpladder

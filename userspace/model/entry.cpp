// SPDX-License-Identifier: MIT
#include "model/entry.h"

#include <algorithm>

namespace tcpladder {
namespace {

constexpr std::size_t kTcpMinBytes = 20;

}  // namespace

std::span<const std::uint8_t> SegmentEntry::option_bytes() const {
    const std::size_t begin = tcp.ip_bytes + kTcpMinBytes;
    const std::size_t end =
        std::min({std::size_t{tcp.header_bytes}, std::size_t{captured}, headers.size()});
    if (begin >= end) {
        return {};
    }
    return std::span(headers).subspan(begin, end - begin);
}

}  // namespace tcpladder

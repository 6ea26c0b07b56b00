// SPDX-License-Identifier: MIT
#include "recording/capture_framing.h"

#include "recording/pcapng.h"

namespace tcpladder {
namespace {

// pcap-savefile(5), draft-ietf-opsawg-pcapng sections 3 and 4.
constexpr std::uint32_t kMicroseconds = 0xa1b2c3d4;
constexpr std::uint32_t kNanoseconds = 0xa1b23c4d;
constexpr std::uint32_t kModified = 0xa1b2cd34;  // a patched libpcap's: longer packet headers
constexpr std::uint32_t kOldPacket = 2;
constexpr std::uint32_t kSimplePacket = 3;

constexpr std::size_t kBlockHeader = 8;
constexpr std::size_t kSmallestBlock = 12;
constexpr std::size_t kLargest = 16U << 20;  // libpcap refuses what is larger

std::uint32_t read(std::string_view bytes, std::size_t at, bool big_endian) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i) {
        const auto byte = static_cast<unsigned char>(bytes[at + i]);
        value |= std::uint32_t{byte} << 8 * (big_endian ? sizeof value - 1 - i : i);
    }
    return value;
}

}  // namespace

std::uint32_t CaptureFraming::number(std::string_view bytes, std::size_t at) const {
    return read(bytes, at, big_endian_);
}

void CaptureFraming::begin(std::string_view start) {
    if (start.size() < kStart)
        return;
    for (const bool big_endian : {false, true}) {
        const auto magic = read(start, 0, big_endian);
        const bool modified = magic == kModified;
        if (magic != kMicroseconds && magic != kNanoseconds && !modified)
            continue;
        format_ = Format::kPcap;
        big_endian_ = big_endian;
        packet_header_ = modified ? 24 : 16;
    }
    if (read(start, 0, false) != pcapng::kSectionHeader)
        return;
    format_ = Format::kPcapng;
    big_endian_ = read(start, kBlockHeader, true) == pcapng::kByteOrderMagic;
}

std::optional<std::size_t> CaptureFraming::next_of_pcap(std::string_view bytes) const {
    constexpr std::size_t kCapturedAt = 8;
    if (bytes.size() < packet_header_)
        return std::nullopt;
    const std::size_t size = packet_header_ + number(bytes, kCapturedAt);
    return size <= bytes.size() || size > kLargest ? std::optional(size) : std::nullopt;
}

// A section may have another byte order than the one before.
std::optional<std::size_t> CaptureFraming::next_of_pcapng(std::string_view bytes) {
    const bool first_order = big_endian_;
    std::size_t at = 0;
    while (bytes.size() - at >= kSmallestBlock) {
        const auto block = bytes.substr(at);
        if (number(block, 0) == pcapng::kSectionHeader)  // the same in both orders
            big_endian_ = read(block, kBlockHeader, true) == pcapng::kByteOrderMagic;
        const auto type = number(block, 0);
        const std::size_t size = number(block, 4);
        if (size < kSmallestBlock || size > kLargest)
            return at + size;
        if (size > block.size())
            break;
        at += size;
        if (type == pcapng::kPacket || type == kSimplePacket || type == kOldPacket)
            return at;
    }
    big_endian_ = first_order;  // it will be asked again
    return std::nullopt;
}

std::optional<std::size_t> CaptureFraming::next_packet(std::string_view bytes) {
    switch (format_) {
        case Format::kPcap:
            return next_of_pcap(bytes);
        case Format::kPcapng:
            return next_of_pcapng(bytes);
        case Format::kUnknown:
            break;
    }
    return bytes.size();
}

}  // namespace tcpladder

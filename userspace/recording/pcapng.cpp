// SPDX-License-Identifier: MIT
#include "recording/pcapng.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace tcpladder::pcapng {
namespace {

constexpr std::size_t kFrame = 12;  // type, length, length again

}  // namespace

BlockWriter::BlockWriter(TextBuffer& out, std::uint32_t type) : out_(&out), start_(out.size()) {
    u32(type);
    u32(0);
}

BlockWriter::~BlockWriter() {
    pad();
    const auto length = static_cast<std::uint32_t>(out_->size() + 4 - start_);
    u32(length);
    const auto end = out_->size();
    out_->truncate(start_ + 4);
    u32(length);
    out_->truncate(end);
}

void BlockWriter::number(std::uint64_t value, unsigned bytes) {
    char* end = out_->room(bytes);
    for (unsigned i = 0; i < bytes; ++i)
        *end++ = static_cast<char>(value >> (8 * i));
    out_->set_end(end);
}

void BlockWriter::bytes(std::span<const std::uint8_t> bytes) {
    out_->append({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

void BlockWriter::pad() {
    out_->append((4 - (out_->size() - start_) % 4) % 4, '\0');
}

void BlockWriter::option(std::uint16_t code, std::string_view value) {
    value = value.substr(0, UINT16_MAX);
    u16(code);
    u16(static_cast<std::uint16_t>(value.size()));
    text(value);
    pad();
}

void BlockWriter::option(std::uint16_t code, std::uint64_t value, unsigned bytes) {
    u16(code);
    u16(static_cast<std::uint16_t>(bytes));
    number(value, bytes);
    pad();
}

std::uint64_t Fields::number_of(const Option& option) const {
    Fields value(option.value, swapped_);
    return option.value.size() >= 8 ? value.u64() : value.u32();
}

BlockReader::BlockReader(ByteSource& source, std::string_view seen)
    : source_(&source), buffer_(std::max(kPiece, seen.size())), end_(seen.size()) {
    std::copy(seen.begin(), seen.end(), buffer_.begin());
}

ByteSource::Result BlockReader::need(std::size_t bytes) {
    if (buffer_.size() - begin_ < bytes) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
        if (buffer_.size() < bytes)
            buffer_.resize(std::max(bytes, std::min(2 * buffer_.size(), std::size_t{kLongest})));
    }
    while (end_ - begin_ < bytes) {
        std::size_t count = 0;
        const auto result = source_->read(std::span(buffer_).subspan(end_), count);
        if (result != ByteSource::Result::kBytes)
            return result;
        end_ += count;
    }
    return ByteSource::Result::kBytes;
}

BlockReader::Status BlockReader::ended(ByteSource::Result result, std::string_view what) {
    if (result == ByteSource::Result::kNotYet)
        return Status::kNotYet;
    if (!what.empty())
        damage_ = std::string(what) + " at byte " + std::to_string(position_);
    begin_ = end_;
    return Status::kEnd;
}

BlockReader::Status BlockReader::next(Block& block) {
    if (!damage_.empty())
        return Status::kEnd;
    if (const auto result = need(8); result != ByteSource::Result::kBytes)
        return ended(result, begin_ == end_ ? "" : "cut");
    const auto end = ByteSource::Result::kEnd;
    auto type = u32(0);
    if (type == kSectionHeader) {  // reads the same in both byte orders
        if (const auto result = need(kFrame); result != ByteSource::Result::kBytes)
            return ended(result, "cut");
        swapped_ = false;
        const auto magic = u32(8);
        swapped_ = magic != kByteOrderMagic;
        if (swapped_ && magic != __builtin_bswap32(kByteOrderMagic))
            return ended(end, "damaged: a section of no known byte order");
        started_ = true;
    } else if (!started_) {
        return ended(end, "no pcapng file: no section header");
    }
    const auto length = u32(4);
    if (length < kFrame || length % 4 != 0 || length > kLongest)
        return ended(end, "damaged: a block of impossible length");
    if (const auto result = need(length); result != ByteSource::Result::kBytes)
        return ended(result, "cut");
    if (u32(length - 4) != length)
        return ended(end, "damaged: a block whose two lengths differ");
    block.type = type;
    block.swapped = swapped_;
    block.body = std::span<const std::uint8_t>(buffer_).subspan(begin_ + 8, length - kFrame);
    begin_ += length;
    position_ += length;
    return Status::kBlock;
}

}  // namespace tcpladder::pcapng

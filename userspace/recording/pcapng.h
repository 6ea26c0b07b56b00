// SPDX-License-Identifier: MIT
// The blocks of a pcapng file (draft-ietf-opsawg-pcapng) as far as we write and
// read them.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "recording/byte_source.h"
#include "support/text_buffer.h"

namespace tcpladder::pcapng {

inline constexpr std::uint32_t kSectionHeader = 0x0a0d0d0a;
inline constexpr std::uint32_t kInterface = 1;
inline constexpr std::uint32_t kStatistics = 5;
inline constexpr std::uint32_t kPacket = 6;
inline constexpr std::uint32_t kJournal = 9;  ///< systemd journal export: `KEY=value` lines

inline constexpr std::uint32_t kByteOrderMagic = 0x1a2b3c4d;
inline constexpr std::uint16_t kLinkSll2 = 276;  ///< LINKTYPE_LINUX_SLL2
inline constexpr std::size_t kSll2Bytes = 20;

namespace option {
inline constexpr std::uint16_t kEnd = 0;
inline constexpr std::uint16_t kComment = 1;
inline constexpr std::uint16_t kOs = 3;           // shb_os
inline constexpr std::uint16_t kApplication = 4;  // shb_userappl
inline constexpr std::uint16_t kName = 2;         // if_name
inline constexpr std::uint16_t kDescription = 3;  // if_description
inline constexpr std::uint16_t kResolution = 9;   // if_tsresol
inline constexpr std::uint16_t kFlags = 2;        // epb_flags
inline constexpr std::uint16_t kDropCount = 4;    // epb_dropcount
inline constexpr std::uint16_t kPacketId = 5;     // epb_packetid
}  // namespace option

/// Appends one block, little-endian whatever the machine. Destroyed: complete.
class BlockWriter {
public:
    BlockWriter(TextBuffer& out, std::uint32_t type);
    ~BlockWriter();
    BlockWriter(const BlockWriter&) = delete;
    BlockWriter& operator=(const BlockWriter&) = delete;

    void u16(std::uint16_t value) { number(value, 2); }
    void u32(std::uint32_t value) { number(value, 4); }
    void u64(std::uint64_t value) { number(value, 8); }
    void bytes(std::span<const std::uint8_t> bytes);
    void text(std::string_view text) { out_->append(text); }
    /// Zeros up to the next multiple of four.
    void pad();

    /// An option; texts of more than 65,535 bytes are cut there.
    void option(std::uint16_t code, std::string_view value);
    void option(std::uint16_t code, std::uint64_t value, unsigned bytes);
    void end_options() { u32(option::kEnd); }

private:
    void number(std::uint64_t value, unsigned bytes);

    TextBuffer* out_;
    std::size_t start_;
};

/// The fields of a block that was read, in the byte order of its section.
class Fields {
public:
    Fields(std::span<const std::uint8_t> bytes, bool swapped) : rest_(bytes), swapped_(swapped) {}

    /// 0 where the block has ended before.
    std::uint16_t u16() { return number<std::uint16_t>(); }
    std::uint32_t u32() { return number<std::uint32_t>(); }
    std::uint64_t u64() { return number<std::uint64_t>(); }
    /// As many as there are.
    std::span<const std::uint8_t> bytes(std::size_t count) {
        const auto result = rest_.first(std::min(count, rest_.size()));
        rest_ = rest_.subspan(result.size());
        return result;
    }
    /// Skips the padding behind so many bytes.
    void align(std::size_t read) { bytes((4 - read % 4) % 4); }
    std::size_t left() const { return rest_.size(); }

    struct Option {
        std::uint16_t code = 0;
        std::span<const std::uint8_t> value;
        std::string_view text() const {
            return {reinterpret_cast<const char*>(value.data()), value.size()};
        }
    };
    /// False: no more, or nonsense.
    bool next(Option& option) {
        if (rest_.size() < 4)
            return false;
        option.code = u16();
        const auto length = u16();
        if (option.code == option::kEnd || length > rest_.size())
            return false;
        option.value = bytes(length);
        align(length);
        return true;
    }
    /// The first four or eight bytes of an option's value as a number.
    std::uint64_t number_of(const Option& option) const;

private:
    template <typename Number>
    Number number() {
        Number value = 0;
        if (rest_.size() < sizeof(value)) {
            rest_ = {};
            return 0;
        }
        std::memcpy(&value, rest_.data(), sizeof(value));
        rest_ = rest_.subspan(sizeof(value));
        const bool foreign = swapped_ != (std::endian::native == std::endian::big);
        return foreign ? swap(value) : value;
    }
    template <typename Number>
    static Number swap(Number value) {
        if constexpr (sizeof(value) == 2)
            return __builtin_bswap16(value);
        else if constexpr (sizeof(value) == 4)
            return __builtin_bswap32(value);
        else
            return __builtin_bswap64(value);
    }

    std::span<const std::uint8_t> rest_;
    bool swapped_;
};

struct Block {
    std::uint32_t type = 0;
    bool swapped = false;                ///< its section has the other byte order
    std::span<const std::uint8_t> body;  ///< valid until the next one is read
};

/// Reads whole blocks. Where the file is cut or damaged, what came before is good.
class BlockReader {
public:
    /// The source must outlive it. `seen`: what was read of it already.
    explicit BlockReader(ByteSource& source, std::string_view seen = {});

    enum class Status { kBlock, kNotYet, kEnd };
    Status next(Block& block);

    /// After kEnd: why it ended before the file did, `cut at byte 1234`, or empty.
    const std::string& damage() const { return damage_; }
    /// Of the block that next() gives next.
    std::uint64_t position() const { return position_; }

private:
    static constexpr std::size_t kPiece = 1 << 19;
    static constexpr std::uint32_t kLongest = 64U << 20;

    ByteSource::Result need(std::size_t bytes);
    Status ended(ByteSource::Result result, std::string_view what);
    std::uint32_t u32(std::size_t offset) const {
        return Fields(std::span(buffer_).subspan(begin_ + offset, 4), swapped_).u32();
    }

    ByteSource* source_;
    std::vector<std::uint8_t> buffer_;
    std::size_t begin_ = 0;  ///< what is not used yet: [begin_, end_) of buffer_
    std::size_t end_ = 0;
    std::uint64_t position_ = 0;
    bool swapped_ = false;
    bool started_ = false;
    std::string damage_;
};

}  // namespace tcpladder::pcapng

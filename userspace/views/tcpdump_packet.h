// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "model/address.h"
#include "views/tcpdump_line.h"
#include "views/tcpdump_numbers.h"
#include "views/view.h"

namespace tcpladder {

/// One packet on its way to a row, read as tcpdump reads it: never beyond the
/// end of what was captured, or of what the IP header says. A read beyond it
/// gives 0 and ends the row at that point; finish() then adds the mark ` [|tcp]`,
/// with the name of the layer at fault.
class TcpdumpPacket {
public:
    TcpdumpPacket(std::span<const std::uint8_t> captured, const Format& format, TcpdumpLine& line,
                  TcpdumpNumbers& numbers)
        : format_(format), line_(line), numbers_(numbers), captured_(captured), bytes_(captured) {}

    const Format& format() const { return format_; }
    TcpdumpLine& line() { return line_; }
    TcpdumpNumbers& numbers() { return numbers_; }

    bool has(std::size_t at, std::size_t count) const {
        return at <= bytes_.size() && count <= bytes_.size() - at;
    }
    std::uint8_t u8(std::size_t at) { return readable(at, 1) ? bytes_[at] : std::uint8_t{0}; }
    std::uint16_t be16(std::size_t at) { return readable(at, 2) ? two(at) : std::uint16_t{0}; }
    std::uint32_t be32(std::size_t at) {
        return readable(at, 4) ? std::uint32_t{two(at)} << 16 | two(at + 2) : 0;
    }
    std::uint64_t be64(std::size_t at);
    /// version 4 or 6
    Address address(std::size_t at, std::uint8_t version);
    /// The caller has made sure that it has() them.
    std::span<const std::uint8_t> bytes(std::size_t at, std::size_t count) const {
        return bytes_.subspan(at, count);
    }
    std::size_t size() const { return bytes_.size(); }

    /// The IP header says that the packet ends there. A later call may move it
    /// out again, but never beyond what was captured.
    void end_at(std::size_t end);

    /// The layer that is read from now on; static storage.
    void enter(std::string_view layer);
    void truncate();
    bool truncated() const { return truncated_; }
    /// After all layers.
    void finish();

private:
    bool readable(std::size_t at, std::size_t count) {
        if (has(at, count)) [[likely]]
            return true;
        truncate();
        return false;
    }
    std::uint16_t two(std::size_t at) const {
        return static_cast<std::uint16_t>(bytes_[at] << 8 | bytes_[at + 1]);
    }

    const Format& format_;
    TcpdumpLine& line_;
    TcpdumpNumbers& numbers_;
    std::span<const std::uint8_t> captured_;
    std::span<const std::uint8_t> bytes_;
    std::string_view layer_;
    bool truncated_ = false;
};

/// ` (invalid)`, as tcpdump has it for whatever it rejects.
inline constexpr std::string_view kTcpdumpInvalid = " (invalid)";

}  // namespace tcpladder

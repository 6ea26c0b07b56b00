// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/entry.h"
#include "support/text_buffer.h"

namespace tcpladder {

/// The part of a JSON row that says whose row it is, `,"host":…` to `,"comm":…`.
/// It is the same in every row of one end until something about that end
/// changes, so the texts of the ends seen last are kept.
class JsonSides {
public:
    JsonSides();

    /// Forgets all, and says which hosts the rows are from.
    void begin(std::span<const std::string> hosts);

    /// Of an end, or (null) of the trace.
    void append(TextBuffer& out, const Side* side);
    /// Of a segment and its sender. The header decides the addresses: the sender
    /// may not be known, or be a listener that answers for no connection.
    void append(TextBuffer& out, const Side* sender, const TcpHeader& header);

private:
    /// Four cache lines. A text that is longer is written anew each time.
    struct Slot {
        std::uint64_t id = 0;
        std::uint32_t revision = 0;
        std::uint32_t size = 0;  ///< of the text; 0: none
        std::array<char, 240> text;
    };
    static constexpr std::size_t kSlots = 1024;  // a power of two

    void append_host(TextBuffer& out, const Side* side) const;
    void append_new(TextBuffer& out, const Side& side, Slot& slot);

    std::vector<TextBuffer> hosts_;  ///< `,"host":"…"`, or empty
    std::vector<Slot> slots_;
};

}  // namespace tcpladder

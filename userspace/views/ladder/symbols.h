// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "model/entry.h"
#include "support/text_buffer.h"

namespace tcpladder {

/// An end of a conversation in the picture: the client is on the left.
enum class Rail : std::uint8_t { kLeft = 0, kRight = 1 };
constexpr std::size_t index_of(Rail rail) {
    return static_cast<std::size_t>(rail);
}
constexpr Rail other(Rail rail) {
    return rail == Rail::kLeft ? Rail::kRight : Rail::kLeft;
}

/// The letters of UNIX Network Programming, figure 2.5, for the sequence numbers of
/// one conversation: J and K are the initial ones of client and server, M is the
/// number of the FIN of whoever closes first, N that of the other's FIN.
/// Where the SYN was not seen there is no J or K; numbers then count from the first
/// one seen, as everywhere.
class Symbols {
public:
    /// A socket that is connected to itself has one row of numbers.
    void both_ends_are_one() { one_ = true; }
    /// A segment that `from` has sent; before its numbers are written.
    void learn(Rail from, const SegmentEntry& segment);

    /// `J`, `K+27`, `M+1`, `27`: a number of `rail`'s, without its real value.
    void append(TextBuffer& out, Rail rail, Seq seq) const;
    /// `J+1` or `K+27` also where it is M or N.
    void append_from_start(TextBuffer& out, Rail rail, Seq seq) const;
    /// `M` or `N`: of rail's FIN. Only after learn() of it.
    char fin_letter(Rail rail) const;

    /// Whether the number is named in the book's picture: J, J+1, M, M+1 …
    bool is_named(Rail rail, Seq seq) const;
    /// Whether rail's last segment acknowledges what the one before did.
    bool acknowledges_the_same(Rail rail) const { return end(rail).same_ack; }
    bool is_start(Rail rail, Seq seq) const { return end(rail).isn_known && end(rail).base == seq; }
    bool is_fin(Rail rail, Seq seq) const { return end(rail).fin == seq; }

private:
    struct End {
        std::optional<Seq> base;  ///< the number that counts as 0
        bool isn_known = false;   ///< and it is the initial one
        std::optional<Seq> fin;
        char fin_letter = 0;
        std::optional<Seq> ack;  ///< its last
        bool same_ack = false;   ///< and the one before was the same
    };
    const End& end(Rail rail) const { return ends_[one_ ? 0 : index_of(rail)]; }
    End& end(Rail rail) { return ends_[one_ ? 0 : index_of(rail)]; }

    std::array<End, 2> ends_;
    bool one_ = false;
};

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

namespace tcpladder {

/// What is noteworthy about a segment. The order is that of the output: what it
/// is, then why, then what became of it.
enum class Note : std::uint8_t {
    kRetransmission,  ///< has sequence numbers that its sender has sent before
    // Why it was sent again, from the kernel's retransmit event. Only beside
    // kRetransmission; none of them: the kernel did not say.
    kRto,            ///< the retransmission timer
    kFast,           ///< duplicate ACKs or SACKs (RFC 6675, RACK)
    kTlp,            ///< tail loss probe (RFC 8985)
    kSynTimeout,     ///< nobody answered the SYN
    kSynAckTimeout,  ///< nobody answered the SYN+ACK
    kSpurious,       ///< the receiver had acknowledged all of it before it came
    kOutOfOrder,     ///< sent earlier than numbers that arrived before it
    kPreviousLost,   ///< numbers before it were never seen here
    kDuplicateAck,   ///< acknowledges the same again, and changes nothing else
    kAckedUnseen,    ///< acknowledges numbers that were never seen here
    kZeroWindow,     ///< its sender takes no more
    kWindowFull,     ///< fills the receiver's window to its end
    kWindowProbe,    ///< asks whether the zero window has opened
    kProbeAck,       ///< answers such a question: still shut
    kWindowUpdate,   ///< acknowledges nothing new, but has another window
    kKeepalive,      ///< asks whether the peer is still there
    kKeepaliveAck,   ///< it is
    kChallengeAck,   ///< answers a SYN or RST that cannot be (RFC 5961)
    kFastOpen,       ///< a SYN with data (RFC 7413)
    kNotReceived,    ///< both ends are seen, and it did not arrive
};
inline constexpr unsigned kNoteCount = 21;

/// The word in JSON and in the views: `retransmission`, `duplicate ack`. Stable.
std::string_view word(Note note);

/// Some notes.
class Notes {
public:
    constexpr Notes() = default;

    constexpr bool has(Note note) const { return (bits_ & bit(note)) != 0; }
    constexpr bool empty() const { return bits_ == 0; }
    constexpr void add(Note note) { bits_ |= bit(note); }
    constexpr void remove(Note note) { bits_ &= ~bit(note); }
    constexpr bool operator==(const Notes&) const = default;

    /// In the order of Note.
    class Iterator {
    public:
        constexpr explicit Iterator(std::uint32_t rest) : rest_(rest) {}
        constexpr Note operator*() const { return static_cast<Note>(std::countr_zero(rest_)); }
        constexpr Iterator& operator++() {
            rest_ &= rest_ - 1;
            return *this;
        }
        constexpr bool operator==(const Iterator&) const = default;

    private:
        std::uint32_t rest_;
    };
    constexpr Iterator begin() const { return Iterator(bits_); }
    constexpr Iterator end() const { return Iterator(0); }

private:
    static constexpr std::uint32_t bit(Note note) {
        return std::uint32_t{1} << static_cast<unsigned>(note);
    }
    std::uint32_t bits_ = 0;
};

}  // namespace tcpladder

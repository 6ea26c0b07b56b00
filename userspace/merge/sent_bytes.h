// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "model/event.h"

namespace tcpladder {

/// Sequence numbers counted on beyond 2^32.
using LongSeq = std::int64_t;

/// When each byte of one direction was first sent. TCP sends new bytes in order, so
/// what lies below the end of all that was sent is a retransmission: no first sending.
class SentBytes {
public:
    /// `time` must not be before that of the call before.
    void add(LongSeq begin, LongSeq end, MonoNs time);
    /// When the last of these bytes left; nothing if one of them was not seen leaving.
    std::optional<MonoNs> first_sent(LongSeq begin, LongSeq end) const;
    /// Nothing before `end` will be asked for any more.
    void forget_before(LongSeq end);

    LongSeq end() const { return end_; }  ///< of all bytes sent so far
    std::size_t pieces() const { return pieces_.size(); }

private:
    struct Piece {
        LongSeq begin;
        LongSeq end;
        MonoNs time;
    };
    std::deque<Piece> pieces_;  ///< ascending, also in time
    LongSeq end_ = INT64_MIN;
};

}  // namespace tcpladder

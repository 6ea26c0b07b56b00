// SPDX-License-Identifier: MIT
#include "merge/sent_bytes.h"

#include <algorithm>

namespace tcpladder {

void SentBytes::add(LongSeq begin, LongSeq end, MonoNs time) {
    if (end <= end_)
        return;
    pieces_.push_back({std::max(begin, end_), end, time});
    end_ = end;
}

std::optional<MonoNs> SentBytes::first_sent(LongSeq begin, LongSeq end) const {
    auto piece = std::upper_bound(pieces_.begin(), pieces_.end(), begin,
                                  [](LongSeq at, const Piece& each) { return at < each.end; });
    for (; piece != pieces_.end() && piece->begin <= begin; ++piece) {
        if (piece->end >= end)
            return piece->time;
        begin = piece->end;
    }
    return std::nullopt;
}

void SentBytes::forget_before(LongSeq end) {
    while (!pieces_.empty() && pieces_.front().end <= end) {
        pieces_.pop_front();
    }
}

}  // namespace tcpladder

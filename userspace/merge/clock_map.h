// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <vector>

#include "model/event.h"

namespace tcpladder {

/// f(t) = t + offset + slope·(t - x0): a clock's time told in another's, ns.
struct ClockLine {
    MonoNs x0 = 0;
    std::int64_t offset = 0;
    double slope = 0;  ///< |slope| is far below 1, so that f never runs back

    MonoNs operator()(MonoNs time) const {
        const auto drift = slope * static_cast<double>(time - x0);
        return time + offset + static_cast<std::int64_t>(drift + (drift < 0 ? -0.5 : 0.5));
    }
};

/// One host's clock told in the reference's: a line, or several one after the
/// other where the clock was stepped or slewed. Without a line: the same clock.
/// It may run back from one line to the next; the merger takes care of that.
class ClockMap {
public:
    /// The line that holds from this host's time `from` on; `from` must grow. The
    /// first one holds before it, too.
    void add(MonoNs from, const ClockLine& line) { pieces_.push_back({from, line}); }

    MonoNs to_reference(MonoNs time) const {
        if (pieces_.empty())
            return time;
        auto piece = pieces_.size() - 1;
        while (piece > 0 && time < pieces_[piece].from) {
            --piece;
        }
        const auto result = pieces_[piece].line(time);
        if (piece + 1 == pieces_.size())
            return result;
        // The step came somewhere before the next piece: nothing here is later than that.
        const auto& next = pieces_[piece + 1];
        return std::min(result, next.line(next.from));
    }
    bool is_identity() const { return pieces_.empty(); }

private:
    struct Piece {
        MonoNs from;
        ClockLine line;
    };
    std::vector<Piece> pieces_;
};

}  // namespace tcpladder

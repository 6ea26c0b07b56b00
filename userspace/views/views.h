// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "views/view.h"

namespace tcpladder {

/// kNone shows nothing: for a trace that is only recorded.
enum class ViewKind : std::uint8_t {
    kLines,
    kLadder,
    kJson,
    kTcpdump,
    kNone,
    kCsvStates,
    kCsvConnections,
    kSummary
};

/// The view writes to `output`, which must outlive it.
std::unique_ptr<View> make_view(ViewKind kind, Output& output, const Format& format);

}  // namespace tcpladder

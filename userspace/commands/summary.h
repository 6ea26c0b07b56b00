// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/tracker.h"
#include "recording/recording_info.h"

namespace tcpladder {

/// `3 segments`, `1 segment`.
std::string plural(std::uint64_t count, std::string_view noun);

/// What was shown, and what the tracer counted at its end where that is known.
std::string summary_text(const Totals& totals, const std::optional<RecordingEnd>& end);

/// Nothing was lost, refused or out of order.
bool is_complete(const Totals& totals, const RecordingEnd& end);

}  // namespace tcpladder

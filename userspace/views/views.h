// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "views/view.h"

namespace tcpladder {

enum class ViewKind : std::uint8_t { kLines, kJson, kTcpdump };

/// The view writes to `output`, which must outlive it.
std::unique_ptr<View> make_view(ViewKind kind, Output& output, const Format& format);

}  // namespace tcpladder

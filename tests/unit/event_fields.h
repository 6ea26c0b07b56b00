// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "model/event.h"
#include "recording/event_text.h"

namespace tcpladder::test {

/// All that an Event holds, as text: two are equal if their texts are. It is not made of the
/// text that a recording holds, since that is what it tests.
std::string fields_of(const Event& event);

/// The event as it comes out of a recording: the addresses of buffers and timers disguised.
Event disguised(Event event, const Disguise& disguise);

}  // namespace tcpladder::test

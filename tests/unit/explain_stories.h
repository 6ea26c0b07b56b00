// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <vector>

#include "story.h"

namespace tcpladder::test {

/// A situation, and the name of its golden files.
struct NamedStory {
    std::string_view name;
    void (*tell)(Story& story);
};

/// Together they make the explainer say all that it can say.
const std::vector<NamedStory>& explain_stories();

}  // namespace tcpladder::test

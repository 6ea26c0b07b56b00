// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace tcpladder {

/// Calls `take` with every line of the file, without its end. A file that cannot
/// be opened has none.
void for_each_line(const std::string& path, const std::function<void(std::string_view)>& take);

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>

namespace tcpladder {

/// Writes everything, whatever signals and full pipes come in between. False:
/// errno says why not; `done` is how many bytes went out.
bool write_all(int fd, std::string_view text, std::size_t& done);

}  // namespace tcpladder

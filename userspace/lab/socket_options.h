// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tcpladder::lab {

struct SocketOption {
    std::string_view name;
    int level;
    int option;
};

/// By its C name; null if it is none of those that scenarios may set. SO_LINGER's
/// value is its time in seconds (it is switched on); all others are an int.
const SocketOption* find_socket_option(std::string_view name);
/// All of them, for a message.
std::string socket_option_names();

}  // namespace tcpladder::lab

// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/address.h"

namespace tcpladder {

// The values of options. All throw UsageError, which names the option.

/// `64KiB`, `16M`, `1048576`: bytes of a buffer.
std::uint64_t parse_size(std::string_view text);
std::uint16_t parse_port(const std::string& option, const std::string& text);
std::uint64_t parse_number(std::string_view option, std::string_view text, std::uint64_t least,
                           std::uint64_t most);
/// Of --host; names are not looked up.
Address parse_host(const std::string& text);
/// Of --pause.
void check_pause(const std::string& text);
/// Of --duration.
std::chrono::nanoseconds parse_duration(const std::string& text);

}  // namespace tcpladder

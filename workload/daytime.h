// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>

/// The daytime protocol of UNIX Network Programming: connect, read the date, end of file.
namespace daytime {

/// Where the server listens unless told otherwise. The protocol's own port, 13, needs privileges.
inline constexpr std::uint16_t kDefaultPort = 10000;
inline constexpr const char* kDefaultAddress = "127.0.0.1";

/// Bytes in every reply.
inline constexpr std::size_t kReplySize = 26;

/// The reply for this moment, in local time: "Thu Jan  1 00:00:00 1970\r\n".
/// Throws an Error for a year that does not fit into four digits.
std::string reply_text(std::time_t moment);

}  // namespace daytime

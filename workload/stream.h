// SPDX-License-Identifier: MIT
#pragma once

#include "workload/unique_fd.h"

#include <cstddef>
#include <span>
#include <string_view>

namespace daytime {

/// A new TCP socket for addresses of this family. Throws a SystemError, as the others here do.
UniqueFd open_stream(int family);

/// Writes all bytes, however many calls that takes. `where` is the name for the error text.
void write_all(int fd, std::string_view bytes, std::string_view where);

/// Reads what there is, at most the buffer; 0 at end of file. `where` is the name for the error
/// text.
std::size_t read_some(int fd, std::span<char> buffer, std::string_view where);

}  // namespace daytime

// SPDX-License-Identifier: MIT
#include "workload/error.h"

#include <fmt/core.h>

#include <string_view>
#include <system_error>

namespace daytime {

SystemError::SystemError(std::string_view what, int error_number)
    : Error(fmt::format("{}: {}", what, std::system_category().message(error_number))) {}

}  // namespace daytime

// SPDX-License-Identifier: MIT
#include "workload/daytime.h"

#include "workload/error.h"

#include <fmt/core.h>

#include <array>
#include <ctime>
#include <string>

namespace daytime {

std::string reply_text(std::time_t moment) {
    std::array<char, 26> text{};  // what ctime_r() asks for
    if (::ctime_r(&moment, text.data()) == nullptr) {
        throw Error(fmt::format("cannot write the time {} as a date", moment));
    }
    return fmt::format("{:.24}\r\n", text.data());
}

}  // namespace daytime

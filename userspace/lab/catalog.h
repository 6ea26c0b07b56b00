// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string_view>

namespace tcpladder::lab {

/// A scenario of workload/scenarios, as it was when the program was built.
struct CatalogEntry {
    std::string_view name;
    std::string_view text;
};

/// All of them, by name.
std::span<const CatalogEntry> catalog();

}  // namespace tcpladder::lab

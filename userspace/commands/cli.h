// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "model/address.h"
#include "views/views.h"

namespace tcpladder {

/// `tcpladder trace`.
struct TraceOptions {
    bool all = false;  ///< the whole host; otherwise the bundled workload

    // What to see.
    std::uint16_t port = 0;
    Address host;
    std::uint8_t version = 0;  ///< 4 or 6
    std::string interface;
    std::uint64_t count = 0;  ///< stop after so many segments; 0: do not
    std::optional<std::chrono::nanoseconds> duration;

    // How to see it.
    ViewKind view = ViewKind::kLines;
    Format format;
    bool strict = false;

    // How to trace.
    std::uint64_t buffer = 64U << 20;  ///< bytes
    bool call_chain = true;
    bool light = false;

    // The workload.
    std::uint16_t daytime_port = 10000;
    std::string pause = "200ms";  ///< as the server takes it
    std::string address = "127.0.0.1";
    std::uint32_t clients = 1;
    std::string user;  ///< empty: the invoking user
};

/// `tcpladder check`.
struct CheckOptions {
    bool json = false;
};

/// Help or the version was asked for: this is the text.
struct HelpText {
    std::string text;
};

using Options = std::variant<TraceOptions, CheckOptions, HelpText>;

/// Throws UsageError: an option, port, address, size or duration that cannot be.
Options parse_command_line(int argc, const char* const* argv);

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include "workload/command_line.h"
#include "workload/duration.h"
#include "workload/program.h"
#include "workload/server.h"
#include "workload/whole_number.h"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace {

using daytime::ServerOptions;

constexpr const char* kExample =
    "Example: on port 10000, 20 seconds before the reply and 20 before the close:\n"
    "  daytime-server --port 10000 --pause 20s";

/// No value when help was asked for.
std::optional<ServerOptions> parse_options(int argc, const char* const* argv) {
    CLI::App app("Tells each client the date and time, one client after another.",
                 daytime::kServerName);
    app.footer(kExample);
    const daytime::EndpointOptions endpoint(app);
    std::chrono::nanoseconds pause{0};
    std::optional<std::uint64_t> count;
    app.add_option_function<std::string>(
           "--pause", [&](const std::string& text) { pause = daytime::parse_duration(text); },
           "Wait before the reply and before the close: 20s, 200ms, 100us")
        ->type_name("DURATION")
        ->default_str("0");
    app.add_option_function<std::string>(
           "--count", [&](const std::string& text) { count = daytime::parse_count(text); },
           "Exit after that many clients (default: never)")
        ->type_name("N");
    if (!daytime::parse_command_line(app, argc, argv)) {
        return std::nullopt;
    }
    return ServerOptions{endpoint.address(), pause, count};
}

}  // namespace

int main(int argc, char** argv) {
    return daytime::run_program(daytime::kServerName, [&] {
        if (const auto options = parse_options(argc, argv)) {
            daytime::serve(*options);
        }
    });
}

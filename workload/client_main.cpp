// SPDX-License-Identifier: MIT
#include "workload/client.h"
#include "workload/command_line.h"
#include "workload/program.h"
#include "workload/whole_number.h"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace {

using daytime::ClientOptions;

constexpr const char* kExample =
    "Example: ask the server on port 10000 of this host three times:\n"
    "  daytime-client --port 10000 --repeat 3";

/// No value when help was asked for.
std::optional<ClientOptions> parse_options(int argc, const char* const* argv) {
    CLI::App app("Asks a daytime server for the date and time, and prints its reply.",
                 daytime::kClientName);
    app.footer(kExample);
    const daytime::EndpointOptions endpoint(app);
    std::uint64_t repeat = 1;
    bool quiet = false;
    app.add_option_function<std::string>(
           "--repeat", [&](const std::string& text) { repeat = daytime::parse_count(text); },
           "Connections to make, one after another")
        ->type_name("N")
        ->default_str("1");
    app.add_flag("--quiet", quiet, "Do not print the reply")->disable_flag_override();
    if (!daytime::parse_command_line(app, argc, argv)) {
        return std::nullopt;
    }
    return ClientOptions{endpoint.address(), repeat, quiet};
}

}  // namespace

int main(int argc, char** argv) {
    return daytime::run_program(daytime::kClientName, [&] {
        if (const auto options = parse_options(argc, argv)) {
            daytime::fetch(*options);
        }
    });
}

// SPDX-License-Identifier: MIT
#include "workload/command_line.h"

#include "workload/error.h"
#include "workload/stream.h"
#include "workload/whole_number.h"

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <unistd.h>
#include <cstddef>
#include <string>

namespace daytime {
namespace {

/// The parser's sentence in our form: lower case, no final dot. Its "--port: 1 required PORT
/// missing" and "--port: At Most 1 required but received 2" become the same sentence.
std::string in_our_form(const CLI::ParseError& error) {
    std::string text = error.what();
    const std::size_t colon = text.find(": ");
    if (error.get_name() == "ArgumentMismatch" && colon != std::string::npos) {
        return fmt::format("option {} takes one value", text.substr(0, colon));
    }
    if (!text.empty() && text.front() >= 'A' && text.front() <= 'Z') {
        text.front() = static_cast<char>(text.front() - 'A' + 'a');
    }
    if (text.ends_with('.')) {
        text.pop_back();
    }
    return text;
}

}  // namespace

EndpointOptions::EndpointOptions(CLI::App& app) {
    app.add_option_function<std::string>(
           "--port", [this](const std::string& text) { port_ = parse_port(text); }, "TCP port")
        ->type_name("PORT")
        ->default_str(std::to_string(kDefaultPort));
    app.add_option("--address", address_, "IPv4 or IPv6 address")
        ->type_name("ADDRESS")
        ->default_str(kDefaultAddress);
}

bool parse_command_line(CLI::App& app, int argc, const char* const* argv) {
    try {
        app.parse(argc, argv);
        return true;
    } catch (const CLI::CallForHelp&) {
        write_all(STDOUT_FILENO, app.help(), "standard output");
        return false;
    } catch (const CLI::ExtrasError&) {
        throw UsageError(fmt::format("unexpected argument '{}'", app.remaining().front()));
    } catch (const CLI::ParseError& error) {
        throw UsageError(in_our_form(error));
    }
}

}  // namespace daytime

// SPDX-License-Identifier: MIT
#pragma once

#include "workload/daytime.h"
#include "workload/socket_address.h"

#include <cstdint>
#include <string>

namespace CLI {
class App;
}

namespace daytime {

/// The options --port and --address, which both programs have.
class EndpointOptions {
public:
    /// Adds them to the command line. This object must outlive the parsing.
    explicit EndpointOptions(CLI::App& app);

    EndpointOptions(const EndpointOptions&) = delete;
    EndpointOptions& operator=(const EndpointOptions&) = delete;

    /// What was asked for, after parsing. Throws a UsageError if the address is not a literal.
    SocketAddress address() const { return SocketAddress::parse(address_, port_); }

private:
    std::uint16_t port_ = kDefaultPort;
    std::string address_ = kDefaultAddress;
};

/// Parses the arguments into what the options refer to. Throws a UsageError if they are wrong.
/// Returns false when help was asked for, and has been printed: there is nothing left to do.
bool parse_command_line(CLI::App& app, int argc, const char* const* argv);

}  // namespace daytime

// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>
#include <string>

namespace tcpladder {

/// What the environment or the user got wrong: a file, a socket, a missing
/// privilege, a bad argument. One sentence, lower case, no final dot; only
/// main() catches it and prints `tcpladder: error: …`, then the hint.
class Error : public std::runtime_error {
public:
    explicit Error(const std::string& message, std::string hint = "");

    /// What the user can do about it; empty if there is nothing to say.
    const std::string& hint() const { return hint_; }

private:
    std::string hint_;
};

/// An argument of the command line that cannot be used: exit status 2.
class UsageError : public Error {
public:
    using Error::Error;
};

/// `what: strerror(error_number)`.
Error system_error(const std::string& what, int error_number);

}  // namespace tcpladder

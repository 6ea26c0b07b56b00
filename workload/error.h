// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace daytime {

/// Something failed that is not our fault. The text is one sentence, lower case, no final dot.
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The command line is wrong; the text names the offending words.
class UsageError : public Error {
public:
    using Error::Error;
};

/// A system call failed: "<what>: <text of the error number>".
class SystemError : public Error {
public:
    SystemError(std::string_view what, int error_number);
};

}  // namespace daytime

// SPDX-License-Identifier: MIT
#include "support/error.h"

#include <system_error>
#include <utility>

namespace tcpladder {

Error::Error(const std::string& message, std::string hint)
    : std::runtime_error(message), hint_(std::move(hint)) {}

Error system_error(const std::string& what, int error_number) {
    return Error(what + ": " + std::generic_category().message(error_number));
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace tcpladder::test {

/// Compares with a file under tests/golden. With TCPLADDER_UPDATE_GOLDEN=1 writes
/// it instead: what has changed is for the review.
inline void check_golden(const std::string& name, const std::string& text) {
    const std::string path = TESTS_DIR "/golden/" + name;
    if (std::getenv("TCPLADDER_UPDATE_GOLDEN") != nullptr) {
        std::ofstream(path) << text;
    }
    std::ifstream file(path);
    std::istringstream stream(text);
    std::string expected;
    std::string line;
    CAPTURE(path);
    while (std::getline(stream, line)) {
        REQUIRE_MESSAGE(std::getline(file, expected), "more than expected: ", line);
        REQUIRE(line == expected);
    }
    REQUIRE_MESSAGE(!std::getline(file, expected), "missing: ", expected);
}

}  // namespace tcpladder::test

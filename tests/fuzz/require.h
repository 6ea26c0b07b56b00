// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

namespace tcpladder::test {

/// What holds for every input: else the fuzzer has found something.
inline void require(bool holds, const std::string& what) {
    if (holds)
        return;
    std::fprintf(stderr, "does not hold: %s\n", what.c_str());
    std::abort();
}

inline void require_equal(const std::string& one, const std::string& other,
                          const std::string& what) {
    require(one == other, what + "\n  " + one + "\n  " + other);
}

}  // namespace tcpladder::test

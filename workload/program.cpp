// SPDX-License-Identifier: MIT
#include "workload/program.h"

#include "workload/error.h"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>

namespace daytime {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

std::string escape_control_characters(std::string_view text) {
    std::string line;
    for (const char c : text) {
        if (is_control(c)) {
            fmt::format_to(std::back_inserter(line), "\\x{:02x}", static_cast<unsigned char>(c));
        } else {
            line += c;
        }
    }
    return line;
}

}  // namespace

int run_program(std::string_view program, const std::function<void()>& body) {
    try {
        body();
        return 0;
    } catch (const UsageError& error) {
        report(program, "error", error.what());
        return kWrongUsage;
    } catch (const std::exception& error) {
        report(program, "error", error.what());
        return kFailed;
    }
}

void report(std::string_view program, std::string_view kind, std::string_view text) {
    const std::string line =
        fmt::format("{}: {}: {}\n", program, kind, escape_control_characters(text));
    std::fputs(line.c_str(), stderr);  // nobody is left to hear that this failed
}

}  // namespace daytime

// SPDX-License-Identifier: MIT
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <variant>

#include <fmt/core.h>
#include <malloc.h>

#include "commands/commands.h"
#include "support/error.h"
#include "support/say.h"

namespace {

using namespace tcpladder;

int run(const Options& options) {
    if (const auto* help = std::get_if<HelpText>(&options)) {
        const bool written =
            std::fputs(help->text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
        return written ? kDone : kFailed;
    }
    if (const auto* check = std::get_if<CheckOptions>(&options))
        return run_check(*check);
    if (const auto* show = std::get_if<ShowOptions>(&options))
        return run_show(*show);
    if (const auto* exporting = std::get_if<ExportOptions>(&options))
        return run_export(*exporting);
    if (const auto* lab = std::get_if<LabOptions>(&options))
        return run_lab(*lab);
    return run_trace(std::get<TraceOptions>(options));
}

int fail(const Error& error, int status) {
    say(std::string("error: ") + error.what());
    if (!error.hint().empty()) {
        say("hint: " + error.hint());
    }
    return status;
}

}  // namespace

int main(int argc, char** argv) {
    open_standard_descriptors();
    std::signal(SIGPIPE, SIG_IGN);
    // Type information is read twice: the second time into memory that the first
    // has already touched.
    ::mallopt(M_MMAP_THRESHOLD, 64 << 20);
    ::mallopt(M_TRIM_THRESHOLD, 64 << 20);
    try {
        return run(parse_command_line(argc, argv));
    } catch (const UsageError& error) {
        return fail(error, kUsage);
    } catch (const Error& error) {
        return fail(error, kFailed);
    } catch (const std::exception& error) {
        return fail(Error(error.what()), kFailed);
    }
}

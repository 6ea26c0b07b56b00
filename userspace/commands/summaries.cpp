// SPDX-License-Identifier: MIT
#include "commands/summaries.h"

#include <array>
#include <cerrno>

#include "support/error.h"
#include "views/views.h"

namespace tcpladder {

void need_connections(const PacketFilter& filter, SummaryChoice summary) {
    if (!filter.of_connections() && summary != SummaryChoice::kNo)
        throw UsageError(
            "--summary: this filter keeps single segments, and of a connection all must "
            "be seen");
}

// At once: who traces may make no files any more when the first connection is over.
Summaries::Held::Held() : file_(std::tmpfile()) {
    if (file_ == nullptr)
        throw system_error("cannot make a temporary file for the summaries", errno);
}

void Summaries::Held::write(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size())
        throw system_error("cannot keep the summaries in a temporary file", errno);
}

void Summaries::Held::copy_to(Output& output) {
    if (std::fflush(file_.get()) != 0)
        throw system_error("cannot keep the summaries in a temporary file", errno);
    std::rewind(file_.get());
    std::array<char, 65536> piece;
    while (const auto size = std::fread(piece.data(), 1, piece.size(), file_.get()))
        output.write({piece.data(), size});
}

Summaries::Summaries(const Format& format) : view_(make_view(ViewKind::kSummary, held_, format)) {}

void Summaries::show(Output& output) {
    output.write("\n");
    held_.copy_to(output);
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>
#include <memory>

#include "commands/cli.h"
#include "recording/packet_filter.h"
#include "views/view.h"

namespace tcpladder {

/// Throws UsageError if summaries of connections are asked for, and the filter keeps single
/// segments only.
void need_connections(const PacketFilter& filter, SummaryChoice summary);

/// The tables of --summary: shown when the timeline is over, but made while the
/// connections are known. Until then they are in a file that has no name, so that
/// memory does not grow with the trace.
class Summaries {
public:
    explicit Summaries(const Format& format);

    void add(const Entry& entry) { view_->entry(entry); }
    /// Writes all of them. Throws Error.
    void show(Output& output);

private:
    class Held : public Output {
    public:
        Held();
        void write(std::string_view text) override;
        void copy_to(Output& output);

    private:
        struct Close {
            void operator()(std::FILE* file) const { std::fclose(file); }
        };
        std::unique_ptr<std::FILE, Close> file_;
    };

    Held held_;
    std::unique_ptr<View> view_;
};

}  // namespace tcpladder

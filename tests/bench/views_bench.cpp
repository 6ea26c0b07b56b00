// SPDX-License-Identifier: MIT
//
// bench-views: how fast the views write the entries of daytime conversations. Prints rows per
// second and ns per row, without the cost of the output.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "../unit/daytime_entries.h"
#include "views/json_view.h"
#include "views/ladder/ladder_view.h"
#include "views/lines_view.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kConversations = 200;  // more than fit into the nearest cache
constexpr int kPasses = 50;
constexpr int kRounds = 20;  // the best one counts: the machine has other work, too

class Counter : public tcpladder::Output {
public:
    void write(std::string_view text) override { bytes_ += text.size(); }
    std::uint64_t bytes() const { return bytes_; }

private:
    std::uint64_t bytes_ = 0;
};

template <class View>
double ns_per_row(const tcpladder::test::DaytimeEntries& trace, Counter& counter) {
    tcpladder::Format format;
    format.utf8 = true;
    View view(counter, format);
    view.begin(tcpladder::test::trace_info());
    const auto start = Clock::now();
    for (int pass = 0; pass < kPasses; ++pass) {
        for (const tcpladder::Entry& entry : trace.entries()) {
            view.entry(entry);
        }
    }
    const std::chrono::duration<double, std::nano> elapsed = Clock::now() - start;
    view.end();
    return elapsed.count() / kPasses / static_cast<double>(trace.entries().size());
}

template <class View>
void measure(std::string_view name, const tcpladder::test::DaytimeEntries& trace) {
    Counter counter;
    double best = ns_per_row<View>(trace, counter);
    for (int round = 1; round < kRounds; ++round) {
        best = std::min(best, ns_per_row<View>(trace, counter));
    }
    const double rows = static_cast<double>(trace.entries().size()) * kPasses * kRounds;
    fmt::print("{:6} {:6.1f} ns per row, {:9.0f} rows/s, {:5.1f} bytes per row\n", name, best,
               1e9 / best, static_cast<double>(counter.bytes()) / rows);
}

}  // namespace

int main() {
    tcpladder::test::DaytimeEntries trace;
    for (int i = 0; i < kConversations; ++i) {
        trace.converse(static_cast<std::uint16_t>(32768 + i));
    }
    measure<tcpladder::JsonView>("json", trace);
    measure<tcpladder::LinesView>("lines", trace);
    measure<tcpladder::LadderView>("ladder", trace);
    return EXIT_SUCCESS;
}

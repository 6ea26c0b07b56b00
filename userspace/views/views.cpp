// SPDX-License-Identifier: MIT
#include "views/views.h"

#include "views/csv_connections_view.h"
#include "views/csv_states_view.h"
#include "views/json_view.h"
#include "views/ladder/ladder_view.h"
#include "views/lines_view.h"
#include "views/summary_view.h"
#include "views/tcpdump_view.h"

namespace tcpladder {
namespace {

class NoView : public View {
public:
    void begin(const TraceInfo&) override {}
    void entry(const Entry&) override {}
    void end() override {}
};

}  // namespace

std::unique_ptr<View> make_view(ViewKind kind, Output& output, const Format& format) {
    switch (kind) {
        case ViewKind::kJson:
            return std::make_unique<JsonView>(output, format);
        case ViewKind::kLadder:
            return std::make_unique<LadderView>(output, format);
        case ViewKind::kTcpdump:
            return std::make_unique<TcpdumpView>(output, format);
        case ViewKind::kNone:
            return std::make_unique<NoView>();
        case ViewKind::kCsvStates:
            return std::make_unique<CsvStatesView>(output);
        case ViewKind::kSummary:
            return std::make_unique<SummaryView>(output, format);
        case ViewKind::kCsvConnections:
            return std::make_unique<CsvConnectionsView>(output);
        case ViewKind::kLines:
            break;
    }
    return std::make_unique<LinesView>(output, format);
}

}  // namespace tcpladder

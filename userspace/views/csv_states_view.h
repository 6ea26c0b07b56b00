// SPDX-License-Identifier: MIT
#pragma once

#include "views/csv_text.h"
#include "views/view.h"
#include "views/wall_time.h"

namespace tcpladder {

/// Every state change as a line of CSV, for spreadsheets and data frames. The
/// names of the columns are those of the JSON rows (docs/json.md).
class CsvStatesView : public View {
public:
    explicit CsvStatesView(Output& output) : output_(output) {}

    void begin(const TraceInfo& info) override;
    void entry(const Entry& entry) override;
    void end() override {}

private:
    Output& output_;
    CsvLine line_;
    WallTime clock_{WallTime::Zone::kUtc};
};

}  // namespace tcpladder

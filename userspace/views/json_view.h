// SPDX-License-Identifier: MIT
#pragma once

#include "support/text_buffer.h"
#include "views/json_body.h"
#include "views/json_side.h"
#include "views/view.h"
#include "views/wall_time.h"

namespace tcpladder {

/// One JSON object a line: the stable form, described in docs/json.md. The
/// choices of Format do not change it.
class JsonView : public View {
public:
    JsonView(Output& output, const Format& format);

    void begin(const TraceInfo& info) override;
    void entry(const Entry& entry) override;
    void end() override {}

private:
    void append_head(const Entry& entry);

    Output& output_;
    WallTime clock_{WallTime::Zone::kUtc};
    JsonSides sides_;
    TextBuffer row_;
    JsonBody body_{row_};
};

}  // namespace tcpladder

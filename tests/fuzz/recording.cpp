// SPDX-License-Identifier: MIT
// A whole file, as `tcpladder show` reads it, through the model and into each view.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "fuzz/require.h"
#include "model/tracker.h"
#include "recording/recording_reader.h"
#include "recording/recording_scan.h"
#include "unit/memory_source.h"
#include "views/utf8.h"
#include "views/views.h"

namespace tcpladder::test {
namespace {

/// What reaches a terminal has no control characters, whatever the file says. JSON may have
/// other languages' letters, if they are whole.
class TerminalOutput : public Output {
public:
    void write(std::string_view text) override {
        while (!text.empty()) {
            const auto c = decode_utf8(text);
            const bool plain = text[0] == '\n' || (c.value >= 0x20 && c.value < 0x7f);
            require(c.bytes != 0 && (plain || c.value >= 0xa0), "only text reaches the terminal");
            text.remove_prefix(c.bytes);
        }
    }
};

/// As `Replay` does it.
class Replayed {
public:
    Replayed(ViewKind kind, const TraceInfo& info)
        : view_(make_view(kind, output_, Format{.verbose = 1, .number = true})),
          tracker_(*view_, info, ConnectionFilter{info.port}) {
        view_->begin(info);
    }
    void add(const Event& event) { tracker_.add(event); }
    void finish() {
        tracker_.finish();
        view_->end();
    }

private:
    TerminalOutput output_;
    std::unique_ptr<View> view_;
    Tracker tracker_;
};

void replay(std::string_view file) {
    MemorySource source(file);
    RecordingReader reader(source);
    reader.prepare();
    const auto info = reader.info();
    std::array views = {std::make_unique<Replayed>(ViewKind::kLines, info),
                        std::make_unique<Replayed>(ViewKind::kJson, info),
                        std::make_unique<Replayed>(ViewKind::kTcpdump, info)};
    Event event;
    while (reader.next(event) == EventSource::Status::kEvent) {
        for (auto& view : views)
            view->add(event);
    }
    for (auto& view : views)
        view->finish();
}

}  // namespace
}  // namespace tcpladder::test

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view file(reinterpret_cast<const char*>(data), size);
    tcpladder::is_recording(file);
    tcpladder::test::MemorySource source(file);
    tcpladder::recordings_in(source);
    tcpladder::test::replay(file);
    return 0;
}

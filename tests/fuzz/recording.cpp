// SPDX-License-Identifier: MIT
// A whole file, as `tcpladder show` reads it, through the model and into each view.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
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

/// What reaches a terminal has no control characters, whatever the file says.
class TerminalOutput : public Output {
public:
    void write(std::string_view text) override {
        for (const char c : text)
            require(c == '\n' || (c >= 0x20 && c < 0x7f), "only plain text reaches the terminal");
    }
};

/// JSON has other languages' letters as well: whole ones, and none that hides or turns text.
class JsonOutput : public Output {
public:
    void write(std::string_view text) override {
        while (!text.empty()) {
            const auto c = decode_utf8(text);
            require(c.bytes != 0, "JSON is UTF-8");
            const auto is_in = [&](char32_t first, char32_t last) {
                return c.value >= first && c.value <= last;
            };
            require(c.value == '\n' || is_in(0x20, 0x7e) || c.value >= 0xa0, "no control");
            require(!is_in(0xad, 0xad) && !is_in(0x200b, 0x200f) && !is_in(0x2028, 0x202e) &&
                        !is_in(0x2060, 0x206f) && !is_in(0xfeff, 0xfeff),
                    "nothing that hides or turns text");
            text.remove_prefix(c.bytes);
        }
    }
};

/// As `Replay` does it.
class Replayed {
public:
    Replayed(ViewKind kind, std::unique_ptr<Output> output, const TraceInfo& info)
        : output_(std::move(output)),
          view_(make_view(kind, *output_, Format{.verbose = 1, .number = true})),
          tracker_(*view_, info, ConnectionFilter{info.port}) {
        view_->begin(info);
    }
    void add(const Event& event) { tracker_.add(event); }
    void finish() {
        tracker_.finish();
        view_->end();
    }

private:
    std::unique_ptr<Output> output_;
    std::unique_ptr<View> view_;
    Tracker tracker_;
};

void replay(std::string_view file) {
    MemorySource source(file);
    RecordingReader reader(source);
    reader.prepare();
    const auto info = reader.info();
    std::array views = {
        std::make_unique<Replayed>(ViewKind::kLines, std::make_unique<TerminalOutput>(), info),
        std::make_unique<Replayed>(ViewKind::kJson, std::make_unique<JsonOutput>(), info),
        std::make_unique<Replayed>(ViewKind::kTcpdump, std::make_unique<TerminalOutput>(), info)};
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

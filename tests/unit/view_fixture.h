// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daytime_entries.h"
#include "views/view.h"

namespace tcpladder::test {

/// Keeps what a view writes.
class TextOutput : public Output {
public:
    void write(std::string_view text) override {
        text_ += text;
        ++writes_;
    }
    const std::string& text() const { return text_; }
    int writes() const { return writes_; }

private:
    std::string text_;
    int writes_ = 0;
};

/// U+202E, which makes a terminal write from right to left. In two parts, since
/// compilers and linters rightly warn of it.
inline std::string right_to_left() {
    return std::string("\xe2\x80") + '\xae';
}

inline std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

/// The rows that a new view writes of these entries, without what begin() writes.
template <class AnyView>
std::vector<std::string> rows(const std::vector<Entry>& entries, const Format& format = {},
                              const TraceInfo& info = trace_info()) {
    TextOutput output;
    AnyView view(output, format);
    view.begin(info);
    const std::size_t begin = output.text().size();
    for (const Entry& entry : entries) {
        view.entry(entry);
    }
    view.end();
    return lines_of(std::string_view(output.text()).substr(begin));
}

template <class AnyView>
std::string row(const Entry& entry, const Format& format = {}) {
    const std::vector<std::string> all = rows<AnyView>({entry}, format);
    return all.size() == 1 ? all.front() : "not one row";
}

/// An end of the conversation that most tests speak of.
inline Side client_side() {
    return {.netns = kLabNetns,
            .local = endpoint("127.0.0.1", 46510),
            .remote = endpoint("127.0.0.1", 10000),
            .role = Role::kClient,
            .owner = task(5463, "daytime-client"),
            .connection = 1,
            .revision = 1,
            .id = 1};
}

inline Side server_side() {
    return {.netns = kLabNetns,
            .local = endpoint("127.0.0.1", 10000),
            .remote = endpoint("127.0.0.1", 46510),
            .role = Role::kServer,
            .owner = task(5461, "daytime-server"),
            .connection = 1,
            .revision = 1,
            .id = 2};
}

/// The time of the first entry of DaytimeEntries.
inline constexpr MonoNs kStart = 5'000'123'456'789;

inline Entry entry_of(const Side* side, const decltype(Entry::body)& body, MonoNs time = kStart,
                      std::uint64_t n = 1) {
    return {n, time, side, body};
}

/// 26 bytes from the server, seen at both ends; no options.
inline SegmentEntry data_segment() {
    SegmentEntry segment;
    segment.sent = kStart;
    segment.received = kStart + 7'000;
    segment.tcp.source = endpoint("127.0.0.1", 10000);
    segment.tcp.destination = endpoint("127.0.0.1", 46510);
    segment.tcp.seq = kServerIsn + 1;
    segment.tcp.ack = kClientIsn + 1;
    segment.tcp.payload = 26;
    segment.tcp.flags = tcp_flag::kPsh | tcp_flag::kAck;
    segment.tcp.window = 512;
    segment.relative_known = true;
    segment.rel_seq = 1;
    segment.rel_ack = 1;
    segment.window_scaled = 65536;
    segment.headers.fill(0);
    return segment;
}

}  // namespace tcpladder::test

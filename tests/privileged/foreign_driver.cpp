// SPDX-License-Identifier: MIT
// foreign-driver [--text] FILE|- [FILTER]
//
// Shows a capture of another program in JSON (or as lines), with the states that
// are inferred from it; what there is to say of it goes to the error output.
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <span>
#include <string>

#include <poll.h>
#include <unistd.h>

#include "model/tracker.h"
#include "recording/foreign_capture.h"
#include "views/views.h"

namespace {

using tcpladder::EventSource;
using tcpladder::ForeignCapture;

class StandardOutput : public tcpladder::Output {
public:
    void write(std::string_view text) override { std::fwrite(text.data(), 1, text.size(), stdout); }
};

std::unique_ptr<ForeignCapture> open(const std::string& file, const std::string& filter) {
    if (file != "-")
        return std::make_unique<ForeignCapture>(file, filter);
    return std::make_unique<ForeignCapture>(tcpladder::UniqueFd(::dup(STDIN_FILENO)), "",
                                            "standard input", filter);
}

void show(ForeignCapture& capture, tcpladder::ViewKind kind) {
    StandardOutput output;
    tcpladder::Format format;
    const auto view = tcpladder::make_view(kind, output, format);
    tcpladder::Tracker tracker(*view, capture.info(), {});
    tcpladder::Event event;
    view->begin(capture.info());
    for (;;) {
        const auto status = capture.next(event);
        if (status == EventSource::Status::kEnd)
            break;
        if (status == EventSource::Status::kNotYet) {
            pollfd wait{STDIN_FILENO, POLLIN, 0};
            ::poll(&wait, 1, 100);
            continue;
        }
        tracker.add(event);
    }
    tracker.finish();
    view->end();
    for (const auto& remark : capture.remarks())
        std::fprintf(stderr, "foreign-driver: %s\n", remark.c_str());
}

}  // namespace

int main(int argc, char** argv) {
    auto words = std::span(argv, static_cast<std::size_t>(argc)).subspan(1);
    const bool text = !words.empty() && std::strcmp(words[0], "--text") == 0;
    if (text)
        words = words.subspan(1);
    if (words.empty())
        return 2;
    try {
        const auto capture = open(words[0], words.size() > 1 ? words[1] : "");
        show(*capture, text ? tcpladder::ViewKind::kLines : tcpladder::ViewKind::kJson);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "foreign-driver: error: %s\n", error.what());
        return 1;
    }
}

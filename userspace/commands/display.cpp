// SPDX-License-Identifier: MIT
#include "commands/display.h"

#include <utility>

#include "views/views.h"

namespace tcpladder {

/// Lets rows through until enough segments were among them.
class Display::Limit : public EntrySink {
public:
    Limit(EntrySink& next, std::uint64_t segments) : next_(&next), segments_(segments) {}
    void entry(const Entry& entry) override {
        if (reached())
            return;
        next_->entry(entry);
        if (std::holds_alternative<SegmentEntry>(entry.body))
            ++shown_;
    }
    bool reached() const { return segments_ != 0 && shown_ >= segments_; }

private:
    EntrySink* next_;
    std::uint64_t segments_;
    std::uint64_t shown_ = 0;
};

Display::Display(const DisplayOptions& options, const TraceInfo& info,
                 const ConnectionFilter& filter, int fd, const std::string& name)
    : output_(fd, name),
      view_(make_view(options.view, output_, options.format)),
      limit_(std::make_unique<Limit>(*view_, options.count)),
      states_(options.states.empty()
                  ? std::nullopt
                  : std::optional<StateFilter>(std::in_place, *limit_, options.states)),
      tracker_(std::make_unique<Tracker>(
          states_ ? static_cast<EntrySink&>(*states_) : static_cast<EntrySink&>(*limit_), info,
          filter)) {
    view_->begin(info);
}

Display::~Display() = default;

void Display::advance(MonoNs until) {
    tracker_->advance(until);
    view_->advance(until);
}

void Display::finish() {
    tracker_->finish();
    view_->end();
    output_.flush();
}

bool Display::done() const {
    return limit_->reached() || output_.closed();
}

}  // namespace tcpladder

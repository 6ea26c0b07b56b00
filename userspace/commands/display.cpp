// SPDX-License-Identifier: MIT
#include "commands/display.h"

#include <optional>
#include <utility>

#include "commands/summaries.h"
#include "views/views.h"

namespace tcpladder {

/// Lets rows through until enough segments were among them, and sends the summaries
/// to where they are wanted.
class Display::Limit : public EntrySink {
public:
    Limit(View& view, const DisplayOptions& options, bool& enough)
        : view_(view), enough_(enough), segments_(options.count), choice_(options.summary) {
        const bool rows = options.view != ViewKind::kNone;
        if (choice_ == SummaryChoice::kAlso && rows && options.view != ViewKind::kJson)
            tables_.emplace(options.format);
    }

    void entry(const Entry& entry) override {
        if (std::holds_alternative<SummaryEntry>(entry.body))
            return summary(entry);
        if (enough_)
            return;
        if (choice_ != SummaryChoice::kOnly)
            view_.entry(entry);
        if (std::holds_alternative<SegmentEntry>(entry.body))
            enough_ = ++shown_ == segments_;
    }
    bool wants_summaries() const override { return choice_ != SummaryChoice::kNo; }
    void end(Output& output) {
        if (tables_)
            tables_->show(output);
    }

private:
    void summary(const Entry& entry) {
        if (tables_)
            tables_->add(entry);
        else if (choice_ != SummaryChoice::kNo)
            view_.entry(entry);
    }

    View& view_;
    bool& enough_;
    std::uint64_t segments_;  ///< 0: all
    SummaryChoice choice_;
    std::optional<Summaries> tables_;
    std::uint64_t shown_ = 0;
};

namespace {

// Without rows the tables are all that is shown, as they come.
ViewKind view_of(const DisplayOptions& options) {
    const bool only = options.summary == SummaryChoice::kOnly ||
                      (options.summary == SummaryChoice::kAlso && options.view == ViewKind::kNone);
    return only && options.view != ViewKind::kJson ? ViewKind::kSummary : options.view;
}

}  // namespace

Display::Display(const DisplayOptions& options, const TraceInfo& info,
                 const ConnectionFilter& filter, int fd, const std::string& name)
    : output_(fd, name),
      view_(make_view(view_of(options), output_, options.format)),
      limit_(std::make_unique<Limit>(*view_, options, enough_)),
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
    limit_->end(output_);
    output_.flush();
}

}  // namespace tcpladder

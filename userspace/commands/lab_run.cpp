// SPDX-License-Identifier: MIT
#include "commands/lab_run.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>

#include <fmt/core.h>

#include "commands/event_loop.h"
#include "commands/live.h"
#include "commands/two_hosts.h"
#include "lab/actor.h"
#include "lab/network.h"
#include "lab/parse_parts.h"
#include "lab/story.h"
#include "lab/wire.h"
#include "model/tracker.h"
#include "support/error.h"
#include "support/say.h"

namespace tcpladder {
namespace {

using Clock = std::chrono::steady_clock;
using lab::Host;
using Outcome = LabResult::Outcome;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// How often the kernel's events are looked at: a wait for one ends so much later.
constexpr milliseconds kTick{4};
/// How long a step, or the end, may take: a call that blocks, a lost event, a busy
/// machine. Nothing that works waits for it.
constexpr seconds kPatience{15};
constexpr seconds kSlowPatience{120};

/// A step that did not work: the scenario's failure, not the lab's.
struct StepFailure {
    std::string reason;
};

TraceOptions trace_options(const LabOptions& options) {
    TraceOptions trace;
    static_cast<DisplayOptions&>(trace) = options;
    trace.record = options.record;
    trace.all = true;
    trace.hold = kLabHold;
    return trace;
}

TracerOptions tracer_options(const lab::Network& network) {
    TracerOptions tracer;
    tracer.netns = network.netns(Host::kClient);
    tracer.other_netns = network.netns(Host::kServer);
    tracer.ring_bytes = 4U << 20;
    return tracer;
}

TraceInfo story_info(bool timers, MonoNs hold) {
    TraceInfo info;
    info.timers = timers;
    info.hold = hold;
    return info;
}

/// One run: two hosts, a wire, two actors, a tracer, and the steps in their order.
class Run {
public:
    Run(const lab::Scenario& scenario, const LabOptions& options)
        : scenario_(scenario),
          options_(options),
          version_(options.ipv6 ? 6 : 4),
          network_(version_),
          wire_(version_) {}

    LabResult run() {
        const auto begin = Clock::now();
        LabResult result;
        result.reason = unmet_need();
        if (result.reason.empty())
            play(result);
        else
            result.outcome = Outcome::kSkipped;
        result.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
        return result;
    }

private:
    std::string unmet_need() {
        if (scenario_.slow && !options_.slow)
            return "it is slow: --slow runs it";
        for (const auto& need : scenario_.needs) {
            if (is_met(need))
                continue;
            return need.reason.empty() ? unmet(need) : need.reason;
        }
        return "";
    }

    bool is_met(const lab::Need& need) {
        switch (need.what) {
            case lab::Need::What::kIpv4:
                return version_ == 4;
            case lab::Need::What::kIpv6:
                return version_ == 6;
            case lab::Need::What::kSockDestroy:
                return network_.can_destroy_sockets();
            case lab::Need::What::kSysctl:
                break;
        }
        return has_sysctl(need.name);
    }

    std::string unmet(const lab::Need& need) const {
        if (need.what == lab::Need::What::kSysctl)
            return "this kernel has no sysctl " + need.name;
        if (need.what == lab::Need::What::kSockDestroy)
            return "this kernel has no SOCK_DESTROY (CONFIG_INET_DIAG_DESTROY)";
        return fmt::format("it is not for IPv{}", version_);
    }

    bool has_sysctl(const std::string& name) {
        return network_.has_sysctl(Host::kClient,
                                   name.find('.') == std::string::npos ? "net.ipv4." + name : name);
    }

    void play(LabResult& result) {
        const auto user = RunAs::invoking_user();
        actors_[0].emplace(Host::kClient, version_, network_.netns_fd(Host::kClient), user);
        actors_[1].emplace(Host::kServer, version_, network_.netns_fd(Host::kServer), user);
        loop_.emplace(kTick);
        hosts_.emplace(network_, wire_, *loop_);
        live_.emplace(trace_options(options_), tracer_options(network_));
        loop_->add_wake_up(live_->tracer().fd());
        const bool timers = live_->tracer().plan().timers;
        judging_.timers = timers;
        watcher_.emplace(watched_, story_info(timers, 0), ConnectionFilter{});
        judge_.emplace(seen_, story_info(timers, kLabHold), ConnectionFilter{});
        live_->on_event = [this](const Event& event) {
            watcher_->add(event);
            judge_->add(event);
        };
        for (auto& actor : actors_)
            loop_->add(actor->fd(), [] {});  // it only wakes us up
        try {
            for (const auto& step : scenario_.steps)
                make(step);
            await(
                "what is expected", [this] { return is_over(); }, false);
        } catch (const StepFailure& failure) {
            result.reason = failure.reason;
        }
        finish(result);
    }

    // --- Steps

    void make(const lab::Step& step) {
        if (interrupted_)
            return;
        if (options_.format.explain) {
            fmt::print("-- {}\n", step.text);
            std::fflush(stdout);
        }
        try {
            std::visit([&](const auto& what) { make(step, what); }, step.what);
        } catch (const Error& error) {
            throw StepFailure{fmt::format("line {}, '{}': {}", step.line, step.text, error.what())};
        }
        hosts_->step();
    }

    lab::Actor& actor(Host host) { return *actors_[static_cast<std::size_t>(host)]; }

    void make(const lab::Step& step, const lab::Call& call) {
        auto& who = actor(call.host);
        if (call.verb == lab::Verb::kKill) {
            loop_->remove(who.fd());
            return who.kill();
        }
        who.begin(call);
        std::optional<lab::CallResult> result;
        await(step.text, [&] { return (result = who.result()).has_value(); });
        if (!result)
            return;
        if (result->error != call.error)
            throw Error(fmt::format("it {}, but {} was expected", outcome(result->error),
                                    call.error == 0 ? "success" : lab::error_name(call.error)));
        if (call.verb == lab::Verb::kDestroy)
            network_.destroy_socket(call.host, result->local, result->remote);
    }

    static std::string outcome(int error) {
        if (error == 0)
            return "worked";
        if (error == EBADF)
            return "failed: there is no such socket";
        if (error == ENODATA)
            return "failed: the peer's end came before so many bytes";
        if (error == EBADMSG)
            return "failed: the bytes are not those that were sent";
        return "failed with " + lab::error_name(error);
    }

    void make(const lab::Step&, const lab::Sysctl& sysctl) {
        network_.set_sysctl(sysctl.host, sysctl.name, sysctl.value);
    }
    void make(const lab::Step&, const lab::WireRule& rule) { wire_.add(rule); }
    void make(const lab::Step&, const lab::WireDelay& delay) { wire_.delay(delay.one_way.count()); }
    void make(const lab::Step&, const lab::WirePass&) { wire_.forget_rules(); }
    void make(const lab::Step&, const lab::WireRelease& release) {
        wire_.release(release.count, monotonic_now());
    }
    void make(const lab::Step&, const lab::Forged& forged) {
        wire_.inject(forged, monotonic_now());
    }
    void make(const lab::Step& step, const lab::WireWait& wait) {
        await(step.text,
              [&] { return (wait.held ? wire_.held() : wire_.dropped()) >= wait.count; });
    }
    void make(const lab::Step&, const lab::Pause& pause) {
        const auto until = Clock::now() + pause.time;
        while (Clock::now() < until && turn()) {
        }
    }
    template <typename Wait>
    void make(const lab::Step& step, const Wait& wait) {
        await(step.text, [&] { return has_come(wait, watched_); });
    }

    // --- Waiting

    /// False: Ctrl-C.
    bool turn() {
        loop_->wait();
        live_->pump();
        watcher_->advance(live_->complete_until());
        interrupted_ = interrupted_ || loop_->interrupted();
        return !interrupted_;
    }

    template <typename Condition>
    void await(const std::string& what, Condition&& has_come, bool must = true) {
        const auto patience = scenario_.slow ? kSlowPatience : kPatience;
        const auto until = Clock::now() + patience;
        while (!has_come()) {
            if (!turn())
                return;
            if (Clock::now() < until)
                continue;
            if (must)
                throw Error(fmt::format("waited {} s in vain", patience.count()));
            timed_out_ = what;
            return;
        }
    }

    // A segment is shown as sent before it has come to the wire.
    bool is_on_its_way(Host host) const { return wire_.taken(host) < watched_.sent(host); }

    bool is_over() {
        if (wire_.next_due() || is_on_its_way(Host::kClient) || is_on_its_way(Host::kServer))
            return false;
        auto judging = judging_;
        judging.preview = true;
        return std::ranges::all_of(scenario_.expectations, [&](const auto& expectation) {
            return lab::judge(expectation, watched_, judging).held;
        });
    }

    // --- The end

    std::array<lab::TcpCounters, 2> counters() const {
        return {network_.counters(Host::kClient), network_.counters(Host::kServer)};
    }

    void finish(LabResult& result) {
        const auto before = counters();
        live_->finish();
        judge_->finish();
        result.summary = live_->summary();
        if (interrupted_) {
            result.outcome = Outcome::kInterrupted;
            return;
        }
        for (const auto& expectation : scenario_.expectations)
            result.verdicts.push_back(lab::judge(expectation, seen_, judging_));
        for (auto& verdict : lab::judge_always(seen_))
            result.verdicts.push_back(std::move(verdict));
        const auto after = counters();
        if (!live_->complete())
            result.unseen = "events were lost";
        result.verdicts.push_back({live_->complete(), "no event was lost", 0, {}});
        for (const auto host : {Host::kClient, Host::kServer}) {
            const auto i = static_cast<std::size_t>(host);
            auto verdict = lab::judge_counters(host, seen_, before[i], after[i]);
            for (const auto& row : verdict.rows) {
                if (!row.same && result.unseen.empty())
                    result.unseen = fmt::format("the {}'s kernel counted {}, shown are {}",
                                                lab::name(host), row.expected, row.seen);
            }
            result.verdicts.push_back(std::move(verdict));
        }
        const bool held =
            result.reason.empty() &&
            std::ranges::all_of(result.verdicts, [](const auto& verdict) { return verdict.held; });
        if (!held)
            result.outcome = Outcome::kNotHeld;
        result.story = std::move(seen_);
    }

    const lab::Scenario& scenario_;
    const LabOptions& options_;
    std::uint8_t version_;
    lab::Network network_;
    lab::Wire wire_;
    std::array<std::optional<lab::Actor>, 2> actors_;
    std::optional<EventLoop> loop_;
    std::optional<TwoHosts> hosts_;
    std::optional<Live> live_;
    /// What the steps wait for: as soon as it is known.
    lab::Story watched_;
    std::optional<Tracker> watcher_;
    /// What is judged: the rows as they are shown.
    lab::Story seen_;
    std::optional<Tracker> judge_;
    lab::Judging judging_;
    std::string timed_out_;
    bool interrupted_ = false;
};

}  // namespace

LabResult run_scenario(const lab::Scenario& scenario, const LabOptions& options) {
    constexpr std::uint32_t kMostAgain = 5;
    for (std::uint32_t again = 0;; ++again) {
        auto result = Run(scenario, options).run();
        result.again = again;
        if (result.outcome != Outcome::kNotHeld || result.unseen.empty() || again == kMostAgain)
            return result;
        say(fmt::format("note: {}: the trace has not seen all that happened ({}); played again",
                        scenario.name, result.unseen));
    }
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>

#include <fmt/core.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/event_loop.h"
#include "commands/live.h"
#include "commands/privileges.h"
#include "commands/summaries.h"
#include "commands/terminal.h"
#include "commands/traced_command.h"
#include "commands/two_hosts.h"
#include "commands/workload.h"
#include "lab/addresses.h"
#include "lab/network.h"
#include "lab/wire.h"
#include "support/error.h"
#include "support/net_namespace.h"
#include "support/say.h"
#include "support/unique_fd.h"
#include "views/printable.h"

namespace tcpladder {
namespace {

using Clock = std::chrono::steady_clock;
using lab::Host;
using std::chrono::milliseconds;

/// How often the ring is emptied. Rare enough that the tracer costs little,
/// often enough that a person sees rows as they happen.
constexpr milliseconds kTick{20};
/// The same where one is watching: with what the model holds back, 50 ms are kept.
constexpr milliseconds kTerminalTick{10};
/// How long after the last client the close of its connection may take.
constexpr milliseconds kSettle{2000};

/// For --hosts: the two, and what is between them.
struct Stage {
    Stage(std::uint8_t version, EventLoop& loop)
        : network(version), wire(version), hosts(network, wire, loop) {}
    lab::Network network;
    lab::Wire wire;
    TwoHosts hosts;
};

TracerOptions tracer_options(const TraceOptions& options, const Stage* stage) {
    TracerOptions result;
    result.ring_bytes = options.buffer;
    result.light = options.light;
    result.call_chain = options.call_chain;
    if (!options.all) {
        result.port = options.daytime_port;
        result.netns = stage == nullptr ? own_netns() : stage->network.netns(Host::kClient);
        result.other_netns = stage == nullptr ? 0 : stage->network.netns(Host::kServer);
        return result;
    }
    result.port = options.port;
    result.host = options.host;
    result.select = options.selects();
    result.comm = options.comm;
    result.version = options.version;
    result.netns = options.netns;
    if (!options.interface.empty()) {
        result.ifindex = ::if_nametoindex(options.interface.c_str());
        result.netns = own_netns();
        if (result.ifindex == 0)
            throw Error("there is no network device '" + options.interface + "'");
    }
    return result;
}

/// Somebody else's listener on the port: the server could not bind to it.
void check_port_free(Tracer& tracer, const TraceOptions& options) {
    const auto address = parse_address(options.address);
    for (const auto& event : tracer.open_sockets()) {
        const auto& owner = std::get<Owner>(event.body);
        if (owner.state != TcpState::kListen || owner.ends.local.port != options.daytime_port)
            continue;
        const auto& bound = owner.ends.local.address;
        const bool wildcard = bound.bytes == Address{}.bytes || address.bytes == Address{}.bytes;
        if (!wildcard && bound != address)
            continue;
        throw Error(fmt::format("port {} is already in use by {}[{}]", options.daytime_port,
                                printable(owner.task.name(), false), owner.task.pid),
                    "stop it, or choose another with --daytime-port");
    }
}

// Before anything is shown: the server would say it, too, but later.
void check_address(const TraceOptions& options) {
    const auto address = parse_address(options.address);
    sockaddr_storage storage{};
    socklen_t size = sizeof(sockaddr_in);
    if (address.version == 4) {
        auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
        v4.sin_family = AF_INET;
        std::memcpy(&v4.sin_addr, address.bytes.data(), sizeof(v4.sin_addr));
    } else {
        auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
        v6.sin6_family = AF_INET6;
        std::memcpy(&v6.sin6_addr, address.bytes.data(), sizeof(v6.sin6_addr));
        size = sizeof(sockaddr_in6);
    }
    const UniqueFd probe(::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!probe || ::bind(probe.get(), reinterpret_cast<sockaddr*>(&storage), size) != 0)
        throw system_error("cannot use the address " + options.address, errno);
}

void move_to_hosts(TraceOptions& options) {
    if (options.version == 0)
        options.version = 4;
    options.address = to_string(lab::address_of(Host::kServer, options.version));
    options.hold = kLabHold;
}

std::string what_is_traced(const TraceOptions& options) {
    if (!options.all)
        return fmt::format("a daytime server on {} port {} and {} client{}{}", options.address,
                           options.daytime_port, options.clients, options.clients == 1 ? "" : "s",
                           options.hosts ? " on another host" : "");
    std::string text = "all TCP of this host";
    if (!options.command.empty())
        text =
            "the connections of " + printable(options.command.front(), false) + " and its children";
    else if (options.pid != 0)
        text = fmt::format("the connections of process {} and its children", options.pid);
    else if (!options.comm.empty())
        text = "the connections of processes named " + printable(options.comm, false);
    if (options.port != 0)
        text += fmt::format(", port {}", options.port);
    if (options.host.version != 0)
        text += ", host " + to_string(options.host);
    if (options.version != 0)
        text += fmt::format(", IPv{}", options.version);
    if (!options.interface.empty())
        text += ", device " + options.interface;
    if (options.netns != 0)
        text += fmt::format(", network namespace {}", options.netns);
    if (!options.expression.empty())
        text += ", " + printable(options.expression, false);
    const bool ends = options.duration || options.count != 0 || !options.command.empty();
    return text + (ends ? "" : "; Ctrl-C ends it");
}

void tell_missing(const Tracer& tracer, const TraceOptions& options) {
    for (const auto& choice : tracer.plan().choices) {
        if (choice.attach || !choice.wanted)
            continue;
        say(fmt::format("note: this kernel {} {}: {}",
                        choice.refused ? "refused our program at" : "has no tracepoint",
                        choice.hook.tracepoint, choice.hook.without));
    }
    if (!options.light && !tracer.plan().timers)
        say("note: the kernel's symbols are hidden (no CAP_SYSLOG, or kptr_restrict): TIME_WAIT is "
            "inferred");
}

/// The trace while it runs: who ends it, and when.
class Session {
public:
    explicit Session(const TraceOptions& options)
        : options_(options),
          loop_(::isatty(STDOUT_FILENO) == 1 ? kTerminalTick : kTick),
          stage_(options.hosts ? std::make_unique<Stage>(options.version, loop_) : nullptr),
          live_(options, tracer_options(options, stage_.get())) {
        loop_.add_wake_up(live_.tracer().fd());
        live_.on_event = [this](const Event& event) {
            if (workload_)
                workload_->observe(event);
        };
        if (options.duration)
            deadline_ = Clock::now() + *options.duration;
    }

    int run() {
        tell_missing(live_.tracer(), options_);
        if (!options_.all) {
            if (!stage_)
                check_port_free(live_.tracer(), options_);
            workload_ = std::make_unique<Workload>(options_, loop_, places());
        }
        if (!options_.command.empty())
            prepare_command();
        drop_privileges(still_to_do(), user_);
        if (workload_)
            workload_->start();
        if (command_ && !start_command())
            return command_->status();
        if (!options_.format.quiet)
            say("tracing " + what_is_traced(options_));
        while (!ended()) {
            loop_.wait();
            live_.pump();
            if (workload_)
                workload_->step();
        }
        stop_workload();
        stop_command();
        live_.finish();
        return report();
    }

private:
    Workload::Places places() const {
        if (!stage_)
            return {};
        return {stage_->network.netns_fd(Host::kServer), stage_->network.netns_fd(Host::kClient)};
    }

    StillToDo still_to_do() const {
        StillToDo todo;
        if (options_.record.size != 0 || options_.record.seconds != 0)
            todo.more_files = options_.record.file;
        todo.signal_others = (workload_ && workload_->user().uid != user_.uid) ||
                             (command_ && command_user().uid != user_.uid);
        return todo;
    }

    RunAs command_user() const {
        return options_.user.empty() ? user_ : RunAs::named(options_.user);
    }

    // Where our rows do not go to the terminal, the command's words do not mix with them.
    void prepare_command() {
        const bool rows = options_.view != ViewKind::kNone;
        command_ = std::make_unique<TracedCommand>(options_.command, command_user(),
                                                   !rows || ::isatty(STDOUT_FILENO) != 0);
        live_.tracer().add_process(static_cast<std::uint32_t>(command_->pid()));
    }

    bool start_command() {
        if (const auto failure = command_->start(); !failure.empty()) {
            say("error: " + failure);
            return false;
        }
        loop_.add(command_->fd(), [this] {
            loop_.remove(command_->fd());
            command_->wait();
        });
        return true;
    }

    bool ended() {
        if (loop_.interrupted() && !command_takes_signal())
            return true;
        if (live_.done())
            return true;
        if (deadline_ && Clock::now() >= *deadline_)
            return true;
        if (workload_ && !deadline_ && !workload_->complaints().empty() &&
            !workload_->server_running())
            return true;
        return actors_are_gone() && has_settled();
    }

    // The terminal's Ctrl-C reaches the command by itself, which decides what it means.
    bool command_takes_signal() {
        if (!command_ || !command_->running() || signal_passed_on_)
            return false;
        if (!loop_.from_terminal()) {
            command_->send_signal(loop_.signal());
            signal_passed_on_ = true;  // a second one is for us
        }
        loop_.forget_signal();
        return true;
    }

    // Those whose connections we are here for.
    bool actors_are_gone() {
        if (workload_)
            return !deadline_ && workload_->over();
        if (command_ && command_->running())
            return false;
        return (command_ || options_.pid != 0) && live_.tracer().processes().empty();
    }

    bool has_settled() {
        if (live_.open_connections() == 0 && live_.settled())
            return true;
        if (!settle_until_)
            settle_until_ = Clock::now() + kSettle;
        return Clock::now() >= *settle_until_;
    }

    void stop_workload() {
        if (!workload_)
            return;
        workload_->stop_all();
        wait_for([this] { return !workload_->server_running(); });
    }

    // The trace ends first: so do the command and its children. The command at first, which may
    // end by itself when it hears of a child's end.
    void stop_command() {
        if (!command_)
            return;
        const auto gone = [this] {
            return !command_->running() && live_.tracer().processes().empty();
        };
        for (const int signal : {SIGTERM, SIGKILL}) {
            if (gone())
                return;
            send_to_all(signal);
            wait_for(gone);
        }
    }

    void send_to_all(int signal) {
        if (command_->running())
            command_->send_signal(signal);
        for (const auto process : live_.tracer().processes()) {
            if (static_cast<pid_t>(process) != command_->pid())
                ::kill(static_cast<pid_t>(process), signal);
        }
    }

    template <typename Condition>
    void wait_for(Condition&& condition) {
        const auto latest = Clock::now() + kSettle;
        while (!condition() && Clock::now() < latest) {
            loop_.wait();
            live_.pump();
        }
    }

    int report() {
        if (workload_) {
            for (const auto& complaint : workload_->complaints())
                say(complaint);
        }
        if (command_ && command_->ended_by() != 0 && !options_.format.quiet)
            say(fmt::format("the command was ended by signal {} ({})", command_->ended_by(),
                            ::strsignal(command_->ended_by())));
        if (!options_.format.quiet || !live_.complete())
            say(live_.summary());
        if (workload_ && !workload_->complaints().empty())
            return kFailed;
        if (!live_.recording_failure().empty())
            return kFailed;
        if (options_.strict && !live_.complete())
            return kNotMet;
        return command_ ? command_->status() : kDone;
    }

    const TraceOptions& options_;
    const RunAs user_ = RunAs::invoking_user();
    EventLoop loop_;
    std::unique_ptr<Stage> stage_;  ///< --hosts
    Live live_;
    std::unique_ptr<Workload> workload_;
    std::unique_ptr<TracedCommand> command_;
    bool signal_passed_on_ = false;
    std::optional<Clock::time_point> deadline_;
    std::optional<Clock::time_point> settle_until_;
};

}  // namespace

int run_trace(const TraceOptions& options) {
    need_capabilities_to_trace();
    if (!options.user.empty() && ::geteuid() != 0)
        throw Error("only root can run programs as another user (--user)");
    auto adapted = options;
    if (options.hosts)
        move_to_hosts(adapted);
    else if (!options.all)
        check_address(options);
    if (!options.expression.empty())  // before anything is attached
        need_connections(PacketFilter(options.expression), options.summary);
    set_libbpf_verbose(options.format.verbose >= 2);
    adapt(adapted, look_at_stdout(), !options.all && options.clients == 1);
    return Session(adapted).run();
}

}  // namespace tcpladder

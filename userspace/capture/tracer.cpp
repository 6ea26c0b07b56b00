// SPDX-License-Identifier: MIT
#include "capture/tracer.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <vector>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <sys/utsname.h>
#include <unistd.h>

#include "bpf/events.h"
#include "capture/ring_reader.h"
#include "support/error.h"
#include "support/read_file.h"
#include "support/unique_fd.h"
#include "tl_bpf.skel.h"

namespace tcpladder {
namespace {

// bpf_ktime_get_ns() may run a little behind CLOCK_MONOTONIC while the clock's
// rate is being adjusted (kernel/time/timekeeping.c, ktime_get_mono_fast_ns).
constexpr MonoNs kClockSlack = 200'000;
constexpr std::size_t kOneGo = 512 * 1024;

bool libbpf_verbose = false;
std::string libbpf_messages;

int keep_message(libbpf_print_level level, const char* format, va_list arguments) {
    if (libbpf_verbose)
        return std::vfprintf(stderr, format, arguments);
    if (level == LIBBPF_DEBUG)
        return 0;
    std::array<char, 512> text{};
    const int length = std::vsnprintf(text.data(), text.size(), format, arguments);
    if (libbpf_messages.size() < 64 * 1024)
        libbpf_messages += text.data();
    return length;
}

// An old kernel fails in many ways, and there is one thing to say of it.
[[noreturn]] void throw_unless_too_old(const Error& error) {
    utsname names{};
    unsigned major = 0;
    unsigned minor = 0;
    if (::uname(&names) == 0 && std::sscanf(names.release, "%u.%u", &major, &minor) == 2 &&
        (major < 5 || (major == 5 && minor < 15)))
        throw Error("the kernel " + std::string(names.release) +
                    " is too old: tcpladder needs 5.15 or later");
    throw error;
}

struct BtfDeleter {
    void operator()(btf* kernel) const { btf__free(kernel); }
};
using BtfPtr = std::unique_ptr<btf, BtfDeleter>;

BtfPtr load_btf() {
    BtfPtr kernel(btf__load_vmlinux_btf());
    if (!kernel)
        throw_unless_too_old(
            Error("this kernel has no type information (BTF) at /sys/kernel/btf/vmlinux",
                  "use a kernel built with CONFIG_DEBUG_INFO_BTF=y, as all current "
                  "distributions' are"));
    return kernel;
}

// typedef btf_trace_NAME -> pointer -> function prototype, whose first argument
// is the program's own.
std::optional<unsigned> count_arguments(const btf& kernel, std::string_view tracepoint) {
    const auto name = "btf_trace_" + std::string(tracepoint);
    const auto id = btf__find_by_name_kind(&kernel, name.c_str(), BTF_KIND_TYPEDEF);
    if (id < 0)
        return std::nullopt;
    const auto* type = btf__type_by_id(&kernel, static_cast<__u32>(id));
    type = btf__type_by_id(&kernel, type->type);
    if (type == nullptr || !btf_is_ptr(type))
        return std::nullopt;
    type = btf__type_by_id(&kernel, type->type);
    if (type == nullptr || !btf_is_func_proto(type) || btf_vlen(type) == 0)
        return std::nullopt;
    return btf_vlen(type) - 1U;
}

// `SK_RST_REASON_NO_SOCKET` is stored as `NO_SOCKET`.
EnumNames enum_names(const btf& kernel, const char* type_name, std::string_view prefix) {
    EnumNames names;
    const auto id = btf__find_by_name_kind(&kernel, type_name, BTF_KIND_ENUM);
    if (id < 0)
        return names;
    const auto* type = btf__type_by_id(&kernel, static_cast<__u32>(id));
    for (int i = 0; i < btf_vlen(type); ++i) {
        const auto& value = btf_enum(type)[i];
        if (value.val < 0 || value.val > 4096)
            continue;
        std::string_view name = btf__name_by_offset(&kernel, value.name_off);
        if (name.starts_with(prefix))
            name.remove_prefix(prefix.size());
        const auto number = static_cast<std::size_t>(value.val);
        if (names.size() <= number)
            names.resize(number + 1);
        names[number] = name;
    }
    return names;
}

std::uint64_t ring_size(std::uint64_t wanted) {
    auto size = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    while (size < wanted)
        size *= 2;
    return size;
}

struct SkeletonDeleter {
    void operator()(tl_bpf* skeleton) const { tl_bpf__destroy(skeleton); }
};
struct LinkDeleter {
    void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};

}  // namespace

struct Tracer::Impl {
    std::unique_ptr<tl_bpf, SkeletonDeleter> skeleton;
    std::unique_ptr<RingReader> ring;
    RecordQueue queue;
    HookPlan plan;
    CallChains chains{[](const auto& take) { for_each_line("/proc/kallsyms", take); }};
    EnumNames reset_reasons;
    EnumNames drop_reasons;
    Decoder decoder{chains, reset_reasons, drop_reasons};
    MonoNs complete_until = 0;
    bool select = false;

    void start(const TracerOptions& options);
    void open(const TracerOptions& options);
    void choose_programs();
    void select_processes(const TracerOptions& options);
    std::vector<Event> read_seeds();
    void set_knobs(const TracerOptions& options);
    void load(const TracerOptions& options);
    bool takes(std::string_view name, const TracerOptions& options);
    bool leave_out_refused(const TracerOptions& options);
    void attach();
    std::unique_ptr<bpf_link, LinkDeleter> link_seed() const;
};

namespace {

[[noreturn]] void throw_load_error(const char* what, int error) {
    if (error == EPERM || (error == EACCES && ::geteuid() != 0))
        throw Error(std::string(what) + ": not permitted",
                    "run it as root: sudo tcpladder …; if you are root, the container or a "
                    "lockdown forbids BPF");
    throw_unless_too_old(Error(std::string(what) + ": " + std::strerror(error),
                               "-v shows what the kernel's verifier said"));
}

}  // namespace

void Tracer::Impl::choose_programs() {
    for (const auto& choice : plan.choices) {
        const std::string name(choice.hook.program);
        auto* program = bpf_object__find_program_by_name(skeleton->obj, name.c_str());
        if (program == nullptr)
            throw Error("no program '" + name + "' in the BPF object");
        bpf_program__set_autoload(program, choice.attach);
    }
    bpf_program__set_autoload(skeleton->progs.tl_set_state_nested, !plan.irq_save);
    bpf_program__set_autoload(skeleton->progs.tl_seed, plan.open_sockets);
    bpf_program__set_autoattach(skeleton->progs.tl_seed, false);
}

void Tracer::Impl::select_processes(const TracerOptions& options) {
    auto& knobs = *skeleton->rodata;
    select = options.select;
    knobs.tl_select = options.select;
    knobs.tl_select_comm = !options.comm.empty();
    std::memcpy(knobs.tl_comm, options.comm.data(),
                std::min(options.comm.size(), sizeof(knobs.tl_comm) - 1));
    if (options.select)
        return;
    constexpr __u32 kSmall = 64;  // they take memory though nobody looks into them
    for (auto* map : {skeleton->maps.tl_processes, skeleton->maps.tl_sockets,
                      skeleton->maps.tl_listeners, skeleton->maps.tl_flows})
        bpf_map__set_max_entries(map, kSmall);
}

void Tracer::Impl::set_knobs(const TracerOptions& options) {
    auto& knobs = *skeleton->rodata;
    const auto ring_bytes = ring_size(options.ring_bytes);
    bpf_map__set_max_entries(skeleton->maps.tl_ring, static_cast<__u32>(ring_bytes));
    knobs.tl_wake_bytes = ring_bytes / 4;
    knobs.tl_port = options.port;
    knobs.tl_family = options.version == 0 ? 0 : options.version == 4 ? 2 : 10;
    knobs.tl_host_family = options.host.version == 0 ? 0 : options.host.version == 4 ? 2 : 10;
    std::memcpy(knobs.tl_host, options.host.bytes.data(), sizeof(knobs.tl_host));
    knobs.tl_ifindex = options.ifindex;
    knobs.tl_netns = options.netns;
    knobs.tl_other_netns = options.other_netns;
    knobs.tl_take_stack = options.call_chain;
    knobs.tl_skip_frames = 2;  // the program itself and bpf_trace_run3()
    knobs.tl_irq_save = plan.irq_save;
    knobs.tl_reset_has_reason = plan.reset_has_reason;
    knobs.tl_retransmit_has_error = plan.retransmit_has_error;
    knobs.tl_drop_has_socket = plan.drop_has_socket;
    constexpr std::size_t kBits = 64;
    for (std::size_t i = 0;
         i < std::min(drop_reasons.size(), std::size(knobs.tl_drop_reasons) * kBits); ++i) {
        if (is_drop_of_segment(drop_reasons[i]))
            knobs.tl_drop_reasons[i / kBits] |= std::uint64_t{1} << (i % kBits);
    }
    if (options.light)
        return;
    if (const auto address = chains.address_of("reqsk_timer_handler"); address != 0)
        knobs.tl_request_timer = address;
    if (const auto address = chains.address_of("tw_timer_handler"); address != 0) {
        knobs.tl_time_wait_timer = address;
        plan.timers = plan.attaches("timer_start") && plan.attaches("timer_expire_entry");
    }
}

void Tracer::Impl::open(const TracerOptions& options) {
    skeleton.reset(tl_bpf__open());
    if (!skeleton)
        throw_load_error("cannot open the BPF object", errno);
    choose_programs();
    select_processes(options);
    set_knobs(options);
}

void Tracer::Impl::load(const TracerOptions& options) {
    open(options);
    libbpf_messages.clear();
    int error = tl_bpf__load(skeleton.get());
    if (error != 0 && error != -EPERM && leave_out_refused(options)) {
        open(options);
        error = tl_bpf__load(skeleton.get());
    }
    if (error != 0)
        throw_load_error("the kernel refused the tracing programs", -error);
}

bool Tracer::Impl::takes(std::string_view name, const TracerOptions& options) {
    open(options);
    bpf_program* program = nullptr;
    bpf_object__for_each_program(program, skeleton->obj)
        bpf_program__set_autoload(program, bpf_program__name(program) == name);
    return tl_bpf__load(skeleton.get()) == 0;
}

// A kernel that is newer than we are may refuse one program, and that must not
// cost all the others. libbpf loads all or nothing, so each is tried by itself.
// False: none is to blame, or one that the main job needs.
bool Tracer::Impl::leave_out_refused(const TracerOptions& options) {
    bool enough = true;
    bool some = false;
    for (auto& choice : plan.choices) {
        if (!choice.attach || takes(choice.hook.program, options))
            continue;
        choice.attach = false;
        choice.refused = some = true;
        enough = enough && !choice.hook.required;
    }
    plan.open_sockets = takes("tl_seed", options);
    return enough && (some || !plan.open_sockets);
}

void Tracer::Impl::attach() {
    if (const int error = tl_bpf__attach(skeleton.get()); error != 0)
        throw_load_error("cannot attach to the kernel's tracepoints", -error);
}

std::unique_ptr<bpf_link, LinkDeleter> Tracer::Impl::link_seed() const {
    return std::unique_ptr<bpf_link, LinkDeleter>(
        bpf_program__attach_iter(skeleton->progs.tl_seed, nullptr));
}

namespace {

HookPlan plan_for(const btf& kernel, const Profile& profile) {
    auto plan = plan_hooks([&](auto name) { return count_arguments(kernel, name); }, profile);
    plan.irq_save = btf__find_by_name_kind(&kernel, "bpf_local_irq_save", BTF_KIND_FUNC) > 0;
    return plan;
}

}  // namespace

void Tracer::Impl::start(const TracerOptions& options) {
    libbpf_set_print(keep_message);
    auto kernel = load_btf();
    plan = plan_for(*kernel, {options.light, options.select && options.comm.empty()});
    if (const auto missing = plan.missing())
        throw_unless_too_old(Error("this kernel has no tracepoint '" +
                                   std::string(missing->tracepoint) + "', which gives the " +
                                   std::string(missing->gives)));
    reset_reasons = enum_names(*kernel, "sk_rst_reason", "SK_RST_REASON_");
    drop_reasons = enum_names(*kernel, "skb_drop_reason", "SKB_DROP_REASON_");
    kernel.reset();  // libbpf is going to load its own
    load(options);
    ring = std::make_unique<RingReader>(bpf_map__fd(skeleton->maps.tl_ring),
                                        ring_size(options.ring_bytes));
    attach();
    plan.open_sockets = plan.open_sockets && link_seed() != nullptr;
    if (options.call_chain)
        chains.load();  // once privileges are dropped, it shows no addresses
    complete_until = monotonic_now();
}

Tracer::Tracer(const TracerOptions& options) : impl_(std::make_unique<Impl>()) {
    impl_->start(options);
}

Tracer::Trial Tracer::attempt(const TracerOptions& options) {
    Impl impl;
    Trial trial;
    try {
        impl.start(options);
    } catch (const Error& error) {
        trial.failure = error;
    }
    trial.plan = std::move(impl.plan);
    return trial;
}

Tracer::~Tracer() = default;

int Tracer::fd() const {
    return bpf_map__fd(impl_->skeleton->maps.tl_ring);
}

// Everything that is not in the ring at the moment when it is found empty takes
// its time after that moment, since a record takes its place first. So the time
// read before is a bound. Until then the records' own bounds hold.
Tracer::Drained Tracer::drain() {
    auto& queue = impl_->queue;
    const auto before = monotonic_now();
    const auto stop = impl_->ring->read(kOneGo, [&](auto record) { queue.push(record); });
    auto bound = queue.complete_until();
    if (stop == RingReader::Stop::kEmpty)
        bound = std::max(bound, before);
    if (bound != INT64_MIN)
        impl_->complete_until = std::max(impl_->complete_until, bound - kClockSlack);
    return {impl_->complete_until, stop == RingReader::Stop::kEnough};
}

RecordQueue& Tracer::queue() {
    return impl_->queue;
}

std::vector<Event> Tracer::Impl::read_seeds() {
    std::vector<Event> events;
    if (!plan.open_sockets)
        return events;
    const auto link = link_seed();
    if (!link)
        return events;
    const UniqueFd file(bpf_iter_create(bpf_link__fd(link.get())));
    tl_owner record;
    Event event;
    while (file && ::read(file.get(), &record, sizeof(record)) == sizeof(record)) {
        if (decoder.decode(std::as_bytes(std::span(&record, 1)), event).empty())
            events.push_back(event);
    }
    return events;
}

// The first reading tells the kernel side which connections the chosen processes have;
// the second then has their other ends, too.
std::vector<Event> Tracer::open_sockets() {
    if (impl_->select)
        impl_->read_seeds();
    return impl_->read_seeds();
}

void Tracer::add_process(std::uint32_t pid) {
    const __u8 one = 1;
    if (bpf_map_update_elem(bpf_map__fd(impl_->skeleton->maps.tl_processes), &pid, &one, BPF_ANY))
        throw system_error("cannot follow a process", errno);
}

// The kernel may have skipped the program that tells of an end: 7.3 counted such misses where two
// processes ended at once.
std::vector<std::uint32_t> Tracer::processes() {
    std::vector<std::uint32_t> pids;
    const int map = bpf_map__fd(impl_->skeleton->maps.tl_processes);
    __u32 pid = 0;
    for (const __u32* before = nullptr; bpf_map_get_next_key(map, before, &pid) == 0;
         before = &pids.back())
        pids.push_back(pid);
    std::erase_if(pids, [map](std::uint32_t candidate) {
        const bool gone = ::kill(static_cast<pid_t>(candidate), 0) != 0 && errno == ESRCH;
        if (gone)
            bpf_map_delete_elem(map, &candidate);
        return gone;
    });
    return pids;
}

// A state change inside another one is a miss of the first state program, and
// counted as nested by the second; the second's own misses are the first's hits.
static std::uint64_t missed_by_kernel(const tl_bpf& skeleton) {
    std::uint64_t missed = 0;
    bpf_program* program = nullptr;
    bpf_object__for_each_program(program, skeleton.obj) {
        if (program == skeleton.progs.tl_set_state_nested || bpf_program__fd(program) < 0)
            continue;
        bpf_prog_info info{};
        __u32 size = sizeof(info);
        if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) == 0)
            missed += info.recursion_misses;
    }
    return missed;
}

// The counters are read before the links are destroyed with the skeleton.
void Tracer::detach() {
    tl_bpf__detach(impl_->skeleton.get());
}

KernelCounts Tracer::counts() const {
    const int map = bpf_map__fd(impl_->skeleton->maps.tl_counters);
    std::vector<tl_counters> per_cpu(static_cast<std::size_t>(libbpf_num_possible_cpus()));
    const __u32 zero = 0;
    KernelCounts counts;
    std::uint64_t nested = 0;
    if (bpf_map_lookup_elem(map, &zero, per_cpu.data()) != 0)
        throw system_error("cannot read the kernel side's counters", errno);
    for (const auto& cpu : per_cpu) {
        for (int kind = TL_SEGMENT; kind < TL_KINDS; ++kind) {
            counts.sent += cpu.sent[kind];
            counts.lost += cpu.lost[kind];
        }
        counts.lost_segments += cpu.lost[TL_SEGMENT];
        counts.lost_states += cpu.lost[TL_STATE];
        counts.unreadable += cpu.unreadable;
        nested += cpu.nested;
    }
    counts.missed = missed_by_kernel(*impl_->skeleton) - nested;
    return counts;
}

std::uint32_t Tracer::lost_total() const {
    return std::atomic_ref(impl_->skeleton->bss->tl_lost_total).load(std::memory_order_relaxed);
}

const Decoder& Tracer::decoder() const {
    return impl_->decoder;
}
const HookPlan& Tracer::plan() const {
    return impl_->plan;
}

HookPlan kernel_plan() {
    libbpf_set_print(keep_message);
    return plan_for(*load_btf(), {});
}

MonoNs monotonic_now() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return MonoNs{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void set_libbpf_verbose(bool verbose) {
    libbpf_verbose = verbose;
}

}  // namespace tcpladder

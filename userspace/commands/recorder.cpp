// SPDX-License-Identifier: MIT
#include "commands/recorder.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <net/if.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/error.h"
#include "support/net_namespace.h"
#include "support/write_all.h"

namespace tcpladder {
namespace {

constexpr std::size_t kPiece = 256 * 1024;
constexpr MonoNs kFlush = 500'000'000;
constexpr MonoNs kClockEvery = 10'000'000'000;

std::int64_t now(clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

std::uint64_t random_number() {
    std::uint64_t number = 0;
    if (::getrandom(&number, sizeof(number), 0) != sizeof(number))
        throw system_error("cannot get random numbers", errno);
    return number;
}

RecordingWriter::DeviceName device_name() {
    return [own = own_netns()](NetNs netns, std::uint32_t ifindex) -> std::string {
        std::array<char, IF_NAMESIZE> name{};
        if (inode_of(netns) == own && ::if_indextoname(ifindex, name.data()) != nullptr)
            return name.data();
        return ifindex == 1 ? "lo" : "";
    };
}

std::vector<RecordingWriter::Device> own_devices() {
    constexpr std::size_t kMost = 64;
    std::vector<RecordingWriter::Device> devices;
    auto* list = ::if_nameindex();
    for (auto* device = list; device != nullptr && device->if_index != 0; ++device) {
        if (devices.size() < kMost)
            devices.emplace_back(own_netns(), device->if_index);
    }
    ::if_freenameindex(list);
    return devices;
}

RecordingInfo with_id(RecordingInfo info) {
    info.id = static_cast<std::uint32_t>(random_number());
    return info;
}

// Behind sudo the recording belongs to who asked for it, unless it was there before.
void give_to_user(int fd) {
    const char* uid = std::getenv("SUDO_UID");
    const char* gid = std::getenv("SUDO_GID");
    if (uid == nullptr || gid == nullptr)
        return;
    const auto number = [](const char* text) {
        return static_cast<unsigned>(std::strtoul(text, nullptr, 10));
    };
    const int ignored = ::fchown(fd, number(uid), number(gid));  // else it stays root's
    (void)ignored;
}

// 2026-…: the name may have strftime()'s letters, as with tcpdump -G. The time is read exactly:
// time() may lag behind, and give a file the name of the one before it.
std::string with_time(const std::string& name) {
    const auto seconds = static_cast<std::time_t>(now(CLOCK_REALTIME) / 1'000'000'000);
    std::tm local{};
    ::localtime_r(&seconds, &local);
    std::array<char, 4096> text{};
    const auto size = std::strftime(text.data(), text.size(), name.c_str(), &local);
    return size > 0 ? std::string(text.data(), size) : name;
}

// A named pipe opens when its reader comes. The event loop has blocked Ctrl-C for itself, but does
// not run yet: so that it ends the program as it would any other.
class LetSignalsThrough {
public:
    LetSignalsThrough() {
        sigset_t signals;
        sigemptyset(&signals);
        sigaddset(&signals, SIGINT);
        sigaddset(&signals, SIGTERM);
        ::sigprocmask(SIG_UNBLOCK, &signals, &before_);
    }
    ~LetSignalsThrough() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }
    LetSignalsThrough(const LetSignalsThrough&) = delete;
    LetSignalsThrough& operator=(const LetSignalsThrough&) = delete;

private:
    sigset_t before_{};
};

std::size_t whole_blocks(std::string_view bytes, std::size_t most) {
    std::size_t end = 0;
    while (end + 8 <= bytes.size()) {
        std::uint32_t length = 0;
        for (unsigned i = 0; i < 4; ++i)
            length |= std::uint32_t{static_cast<std::uint8_t>(bytes[end + 4 + i])} << (8 * i);
        if (length == 0 || end + length > most)
            break;
        end += length;
    }
    return end;
}

}  // namespace

ClockAnchor read_clocks() {
    ClockAnchor best;
    std::int64_t smallest = INT64_MAX;
    for (int i = 0; i < 5; ++i) {  // they cannot be read at once: the closest of a few tries
        const auto before = now(CLOCK_MONOTONIC);
        const auto real = now(CLOCK_REALTIME);
        const auto tai = now(CLOCK_TAI);
        const auto after = now(CLOCK_MONOTONIC);
        if (after - before >= smallest)
            continue;
        smallest = after - before;
        best = {before + (after - before) / 2, real, tai};
    }
    return best;
}

Recorder::Recorder(const RecordOptions& options, RecordingInfo info, const ClockAnchor& start)
    : options_(options),
      writer_(with_id(std::move(info)), random_number(), options.size != 0 || options.seconds != 0,
              device_name()) {
    {
        const LetSignalsThrough while_it_waits;
        open();
    }
    writer_.begin(start, own_devices());
    last_clock_ = start.mono;
    period_start_ = now(CLOCK_MONOTONIC);  // later than the file's name
}

Recorder::~Recorder() = default;

std::string Recorder::file_name() const {
    auto name = options_.seconds != 0 ? with_time(options_.file) : options_.file;
    if (options_.size == 0)
        return name;
    const auto number = options_.seconds != 0 ? in_period_ : files_;
    if (options_.files != 0 && options_.seconds == 0) {  // a ring, names of equal length
        const auto digits = std::to_string(options_.files - 1).size();
        return fmt::format("{}{:0{}}", name, number % options_.files, digits);
    }
    return number == 0 ? name : name + std::to_string(number);
}

void Recorder::open() {
    written_ = 0;
    if (on_stdout()) {
        if (::isatty(STDOUT_FILENO) != 0)
            throw Error("cannot record to standard output: it is a terminal",
                        "-w FILE, or -w - | tcpladder show -");
        path_ = "standard output";
        fd_ = STDOUT_FILENO;
        is_pipe_ = true;
        ++files_;
        return;
    }
    const auto path = file_name();
    constexpr int kFlags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY;
    UniqueFd fd(::open(path.c_str(), kFlags | O_EXCL, 0600));
    const bool is_new = static_cast<bool>(fd);
    if (is_new)
        give_to_user(fd.get());
    else if (errno == EEXIST)
        fd.reset(::open(path.c_str(), kFlags, 0600));
    if (!fd)
        throw system_error("cannot write to " + path, errno);
    struct stat status {};
    const bool regular = ::fstat(fd.get(), &status) == 0 && S_ISREG(status.st_mode);
    if (regular)
        ::fchmod(fd.get(), 0600);
    is_pipe_ = !regular;
    has_old_content_ = regular && !is_new;
    own_ = std::move(fd);
    fd_ = own_.get();
    if (path != path_)
        ++names_;
    ++files_;
    path_ = path;
}

void Recorder::add(const Event& event) {
    if (over())
        return;
    writer_.add(event);
    if (writer_.out().size() < kPiece)
        return;
    write();
    turn_over();
}

void Recorder::write() {
    auto& out = writer_.out();
    std::size_t done = 0;
    if (std::exchange(has_old_content_, false) && ::ftruncate(fd_, 0) != 0)
        fail(errno, done);
    if (!over_ && !write_all(fd_, out.view(), done))
        fail(errno, done);
    written_ += done;
    out.clear();
    last_write_ = now(CLOCK_MONOTONIC);
}

// A reader of the file shall find no half block at its end.
void Recorder::fail(int error, std::size_t written) {
    over_ = true;
    if (error == EPIPE)
        return;
    failure_ = std::string(system_error("cannot write to " + path_, error).what()) +
               "; the recording ends there";
    if (!is_pipe_) {
        const auto whole = written_ + whole_blocks(writer_.out().view(), written);
        if (::ftruncate(fd_, static_cast<off_t>(whole)) != 0)
            failure_ += ", in the middle of a block";
    }
}

void Recorder::tick() {
    if (over())
        return;
    const auto time = now(CLOCK_MONOTONIC);
    if (time - last_clock_ >= kClockEvery) {
        last_clock_ = time;
        writer_.clock(read_clocks());
    }
    if (is_pipe_ || time - last_write_ >= kFlush || writer_.out().size() >= kPiece)
        write();
    turn_over();
}

// Starts the next file where this one is full.
void Recorder::turn_over() {
    const bool by_time = options_.seconds != 0 &&
                         last_write_ - period_start_ >= MonoNs{options_.seconds} * 1'000'000'000;
    const bool by_size = options_.size != 0 && written_ >= options_.size;
    if (over() || !(by_time || by_size))
        return;
    write();
    if (options_.files != 0 && options_.seconds != 0 && files_ >= options_.files) {
        full_ = true;  // as with tcpdump: -G and -W end the trace, -C and -W go round
        return;
    }
    in_period_ = by_time ? 0 : in_period_ + 1;
    try {
        open();
        if (by_time)
            period_start_ = now(CLOCK_MONOTONIC);
    } catch (const Error& error) {
        failure_ = error.what();
        over_ = true;
        return;
    }
    writer_.next_part(read_clocks());
    write();
}

void Recorder::finish(const RecordingEnd& end) {
    if (over_)
        return;
    writer_.end(end, read_clocks(), written_);
    write();
    over_ = true;
}

std::string Recorder::result() const {
    const bool ring = options_.files != 0 && options_.seconds == 0;
    const auto files = ring ? std::min(names_, options_.files) : names_;
    if (files <= 1)
        return "recorded to " + path_;
    return fmt::format("recorded to {} files, the last is {}", files, path_);
}

}  // namespace tcpladder

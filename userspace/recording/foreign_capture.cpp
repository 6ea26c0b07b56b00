// SPDX-License-Identifier: MIT
#include "recording/foreign_capture.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <pcap/pcap.h>

#include "support/error.h"

namespace tcpladder {
namespace {

// The near host's namespace: a name only, nobody knows its number.
constexpr NetNs kNearHost = netns_of(0, 1);

// So many packets may tell the viewpoint.
constexpr std::size_t kHeadPackets = 4096;
constexpr std::size_t kHeadPacketsLive = 100;

UniqueFd open_file(const std::string& path) {
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd)
        throw system_error("cannot open '" + path + "'", errno);
    return fd;
}

// Also for stamps that nobody could mean.
MonoNs time_of(const pcap_pkthdr& header) {
    constexpr MonoNs kNsPerSecond = 1'000'000'000;
    constexpr std::int64_t kLatest = INT64_MAX / kNsPerSecond - 1;
    const std::int64_t seconds = header.ts.tv_sec;
    const std::int64_t fraction = header.ts.tv_usec;  // nanoseconds: so it was opened
    if (seconds < 0 || seconds > kLatest || fraction < 0 || fraction >= kNsPerSecond)
        return 0;
    return seconds * kNsPerSecond + fraction;
}

void add_remark(std::vector<std::string>& remarks, std::uint64_t count, const char* what) {
    if (count != 0)
        remarks.push_back(std::to_string(count) + " " + what);
}

}  // namespace

ForeignCapture::ForeignCapture(const std::string& path, const std::string& filter)
    : ForeignCapture(open_file(path), {}, path, filter) {}

ForeignCapture::ForeignCapture(UniqueFd fd, std::string first, std::string name,
                               const std::string& filter)
    : name_(std::move(name)),
      stream_(std::move(fd), std::move(first)),
      pcap_(nullptr, ::pcap_close) {
    info_.hosts = {""};
    open(filter);
}

ForeignCapture::~ForeignCapture() = default;

void ForeignCapture::open(const std::string& filter) {
    char error[PCAP_ERRBUF_SIZE] = "";
    auto* file = stream_.open();
    pcap_.reset(
        ::pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, error));
    if (!pcap_) {
        std::fclose(file);
        throw Error("cannot read '" + name_ + "' as a capture: " + error);
    }
    dlt_ = ::pcap_datalink(pcap_.get());
    if (!knows_link_type(dlt_)) {
        const auto* name = ::pcap_datalink_val_to_name(dlt_);
        throw Error("'" + name_ + "' is a capture of link type " +
                        (name != nullptr ? name : std::to_string(dlt_)) +
                        ", in which no TCP is looked for",
                    "Ethernet, Linux cooked, loopback, PPP and raw IP are known");
    }
    if (filter.empty())
        return;
    bpf_program program{};
    if (::pcap_compile(pcap_.get(), &program, filter.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
        throw UsageError("'" + filter +
                         "' is no filter for this capture: " + ::pcap_geterr(pcap_.get()));
    const int set = ::pcap_setfilter(pcap_.get(), &program);
    ::pcap_freecode(&program);
    if (set != 0)
        throw Error(std::string("cannot filter the capture: ") + ::pcap_geterr(pcap_.get()));
}

ForeignCapture::Got ForeignCapture::take_frame(ForeignPacket& packet) {
    pcap_pkthdr* header = nullptr;
    const u_char* bytes = nullptr;
    const int got = ::pcap_next_ex(pcap_.get(), &header, &bytes);
    if (got != 1) {
        if (got == PCAP_ERROR)
            damage_ = ::pcap_geterr(pcap_.get());
        at_end_ = true;
        return Got::kEnd;
    }
    auto time = time_of(*header);
    if (time < last_time_) {
        ++counts_.backwards;
        time = last_time_;
    }
    last_time_ = packet.time = time;
    switch (read_frame(dlt_, {bytes, header->caplen}, header->len, packet)) {
        case FrameKind::kSegment:
            return Got::kPacket;
        case FrameKind::kOther:
            ++counts_.other;
            break;
        case FrameKind::kFragment:
            ++counts_.fragments;
            break;
        case FrameKind::kCut:
            ++counts_.cut;
            break;
        case FrameKind::kBroken:
            ++counts_.broken;
            break;
    }
    return Got::kNotYet;
}

ForeignCapture::Got ForeignCapture::read(ForeignPacket& packet) {
    while (!at_end_ && stream_.ready()) {
        const auto got = take_frame(packet);
        if (got != Got::kNotYet)
            return got;
    }
    return at_end_ ? Got::kEnd : Got::kNotYet;
}

// False: what there is so far tells nothing, and more may come.
bool ForeignCapture::settle_viewpoint() {
    while (head_.size() < kHeadPackets) {
        ForeignPacket packet;
        const auto got = read(packet);
        if (got == Got::kPacket) {
            viewpoint_.note(packet);
            head_.push_back(packet);
            continue;
        }
        if (got == Got::kEnd)
            break;
        if (!viewpoint_.is_clear() && head_.size() < kHeadPacketsLive)
            return false;
        break;
    }
    viewpoint_.settle();
    settled_ = true;
    return true;
}

void ForeignCapture::feed(const ForeignPacket& packet) {
    const auto kind = copies_.look(packet);
    if (kind == Copies::Kind::kAgain) {
        ++counts_.copies;
        return;
    }
    Event event{packet.time, kNearHost, 0, packet.segment};
    auto& segment = std::get<Segment>(event.body);
    if (kind == Copies::Kind::kReceipt) {
        ++counts_.copies;
        inference_.add(event);
        return;
    }
    ++counts_.segments;
    segment.sent = packet.link.loopback || viewpoint_.near_end(packet) == segment.tcp.source;
    // Over loopback most programs see each segment once: then it is there at once.
    segment.also_received = packet.link.loopback && packet.link.direction != Direction::kOut;
    inference_.add(event);
}

EventSource::Status ForeignCapture::next(Event& event) {
    while (!inference_.next(event)) {
        if (!settled_ && !settle_viewpoint())
            return Status::kNotYet;
        ForeignPacket packet;
        auto got = Got::kPacket;
        if (head_.empty()) {
            got = read(packet);
        } else {
            packet = head_.front();
            head_.pop_front();
        }
        if (got == Got::kPacket) {
            feed(packet);
            continue;
        }
        if (got == Got::kNotYet)
            return Status::kNotYet;
        inference_.finish();
        return inference_.next(event) ? Status::kEvent : Status::kEnd;
    }
    return Status::kEvent;
}

void ForeignCapture::advance(MonoNs unix_time) {
    if (settled_ && head_.empty())
        inference_.advance(unix_time);
}

std::vector<std::string> ForeignCapture::remarks() const {
    std::vector<std::string> result{viewpoint() + "; states are inferred from the segments"};
    add_remark(result, counts_.other, "packets are no TCP");
    add_remark(result, counts_.fragments, "IP fragments are left out");
    add_remark(result, counts_.cut, "segments are left out, their headers were not captured whole");
    add_remark(result, counts_.broken, "packets are left out, their lengths contradict each other");
    add_remark(result, counts_.copies, "packets are copies of a segment seen before");
    add_remark(result, counts_.backwards, "packets bear an earlier time than the one before them");
    if (!damage_.empty())
        result.push_back("the capture is damaged after what is shown: " + damage_);
    return result;
}

}  // namespace tcpladder

// SPDX-License-Identifier: MIT
#include "commands/pcap_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include <pcap/pcap.h>

#include "support/error.h"

namespace tcpladder {
namespace {

constexpr int kSnapLength = 262144;

}  // namespace

PcapFile::PcapFile(int fd, std::string name, std::int64_t wall_offset)
    : name_(std::move(name)), wall_offset_(wall_offset) {
    dead_ =
        ::pcap_open_dead_with_tstamp_precision(DLT_RAW, kSnapLength, PCAP_TSTAMP_PRECISION_NANO);
    auto* file = ::fdopen(fd, "w");
    dumper_ = dead_ != nullptr && file != nullptr ? ::pcap_dump_fopen(dead_, file) : nullptr;
    if (dumper_ == nullptr)
        throw Error("cannot write to " + name_);
}

PcapFile::~PcapFile() {
    if (dumper_ != nullptr)
        ::pcap_dump_close(dumper_);
    if (dead_ != nullptr)
        ::pcap_close(dead_);
}

void PcapFile::add(MonoNs time, const Segment& segment) {
    constexpr std::int64_t kBillion = 1'000'000'000;
    const auto unix_ns = time + wall_offset_;
    pcap_pkthdr header{};
    header.ts.tv_sec = unix_ns / kBillion;
    header.ts.tv_usec = unix_ns % kBillion;  // nanoseconds: see the precision above
    header.len = std::max<std::uint32_t>(segment.length, segment.captured);
    header.caplen = segment.captured;
    errno = 0;
    ::pcap_dump(reinterpret_cast<u_char*>(dumper_), &header, segment.headers.data());
    check(true);
}

// pcap_dump() tells nothing, and a flush after an error may succeed.
void PcapFile::check(bool flushed) {
    if (error_ == 0 && (!flushed || ::ferror(::pcap_dump_file(dumper_)) != 0))
        error_ = errno != 0 ? errno : EIO;
}

void PcapFile::flush() {
    errno = 0;
    check(::pcap_dump_flush(dumper_) == 0);
}

void PcapFile::finish() {
    flush();
    if (error_ != 0 && error_ != EPIPE)
        throw system_error("cannot write to " + name_, error_);
}

}  // namespace tcpladder

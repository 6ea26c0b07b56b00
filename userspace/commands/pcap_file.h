// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "model/event.h"

struct pcap;
struct pcap_dumper;

namespace tcpladder {

/// A pcap file of segments: raw IP packets, headers only, nanoseconds.
class PcapFile {
public:
    /// Writes to the descriptor, which it takes over. Throws Error.
    PcapFile(int fd, std::string name, std::int64_t wall_offset);
    ~PcapFile();
    PcapFile(const PcapFile&) = delete;
    PcapFile& operator=(const PcapFile&) = delete;

    void add(MonoNs time, const Segment& segment);
    void flush();
    /// False: nothing more can be written.
    bool good() const { return error_ == 0; }
    /// Throws Error if something could not be written, unless nobody reads any more.
    void finish();

private:
    void check(bool flushed);

    std::string name_;
    int error_ = 0;  ///< errno of what went wrong first
    std::int64_t wall_offset_;
    pcap* dead_ = nullptr;
    pcap_dumper* dumper_ = nullptr;
};

}  // namespace tcpladder

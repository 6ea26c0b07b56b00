// SPDX-License-Identifier: MIT
// tcpdump-view-driver FILE.pcap [tcpdump's flags] [--late] [--cut OUT.pcap]
//
// Shows the TCP packets of a capture in the tcpdump view, each cut after its
// headers. --late: hands them over in the order in which they might have been
// sent, a little before they were stamped. --cut: shows nothing, but writes the
// packets as the view sees them, without a link layer, for tcpdump to read.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "views/tcpdump_view.h"

#include <pcap/pcap.h>

namespace {

using tcpladder::Entry;
using tcpladder::Format;
using tcpladder::SegmentEntry;
using tcpladder::TimeStyle;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr int kMaxPacket = 262144;

struct PcapCloser {
    void operator()(pcap_t* file) const { pcap_close(file); }
    void operator()(pcap_dumper_t* file) const { pcap_dump_close(file); }
};
using Reader = std::unique_ptr<pcap_t, PcapCloser>;
using Writer = std::unique_ptr<pcap_dumper_t, PcapCloser>;

struct Arguments {
    std::string input;
    std::string cut;  ///< where to; empty: show
    Format format;
    bool late = false;
};

class StandardOutput : public tcpladder::Output {
public:
    void write(std::string_view text) override {
        if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) {
            throw std::runtime_error("cannot write");
        }
    }
};

void take_letter(Arguments& arguments, char letter, unsigned& times) {
    constexpr TimeStyle kStyles[] = {TimeStyle::kDefault, TimeStyle::kNone, TimeStyle::kEpoch,
                                     TimeStyle::kDelta,   TimeStyle::kDate, TimeStyle::kSinceFirst};
    switch (letter) {
        case 'S':
            arguments.format.absolute = true;
            break;
        case 'q':
            arguments.format.quiet = true;
            break;
        case 'v':
            ++arguments.format.verbose;
            break;
        case '#':
            arguments.format.number = true;
            break;
        case 't':
            times = std::min(times + 1, 5U);
            arguments.format.time = kStyles[times];
            break;
        default:
            throw std::runtime_error(std::string("unknown flag ") + letter);
    }
}

Arguments parse(std::span<char*> words) {
    Arguments arguments;
    unsigned times = 0;
    for (std::size_t i = 1; i < words.size(); ++i) {
        const std::string word = words[i];
        if (word == "--late") {
            arguments.late = true;
        } else if (word == "--cut" && i + 1 < words.size()) {
            arguments.cut = words[++i];
        } else if (word.starts_with('-')) {
            for (const char letter : word.substr(1)) {
                take_letter(arguments, letter, times);
            }
        } else {
            arguments.input = word;
        }
    }
    return arguments;
}

Reader open(const std::string& path) {
    char error[PCAP_ERRBUF_SIZE] = "";
    Reader reader(
        pcap_open_offline_with_tstamp_precision(path.c_str(), PCAP_TSTAMP_PRECISION_NANO, error));
    if (!reader) {
        throw std::runtime_error(error);
    }
    return reader;
}

std::size_t link_bytes(pcap_t* reader) {
    switch (pcap_datalink(reader)) {
        case DLT_EN10MB:
            return 14;
        case DLT_LINUX_SLL2:
            return 20;
        case DLT_RAW:
            return 0;
        default:
            throw std::runtime_error("unknown link type");
    }
}

/// Nothing if it is no TCP.
std::optional<Entry> make_entry(const pcap_pkthdr& header, const std::uint8_t* bytes,
                                std::size_t link) {
    if (header.caplen < link) {
        return std::nullopt;
    }
    const std::span packet(bytes + link, header.caplen - link);
    SegmentEntry segment;
    segment.length = static_cast<std::uint32_t>(header.len - link);
    const auto tcp = tcpladder::parse_tcp(packet, segment.length);
    if (!tcp || tcp->header_bytes > segment.headers.size()) {
        return std::nullopt;
    }
    segment.tcp = *tcp;
    segment.captured = tcp->header_bytes;
    std::copy_n(packet.begin(), segment.captured, segment.headers.begin());
    Entry entry;
    entry.time = header.ts.tv_sec * kNsPerSecond + header.ts.tv_usec;  // nanoseconds, in fact
    segment.received = entry.time;
    entry.body = segment;
    return entry;
}

std::vector<Entry> read_all(const Arguments& arguments) {
    const Reader reader = open(arguments.input);
    const std::size_t link = link_bytes(reader.get());
    std::vector<Entry> entries;
    pcap_pkthdr* header = nullptr;
    const std::uint8_t* bytes = nullptr;
    while (pcap_next_ex(reader.get(), &header, &bytes) == 1) {
        if (const auto entry = make_entry(*header, bytes, link)) {
            entries.push_back(*entry);
        }
    }
    return entries;
}

/// Some time passes between the sending of a segment and its receiving.
void send_earlier(std::vector<Entry>& entries) {
    constexpr std::int64_t kMaxDelay = 20'000'000;
    std::int64_t delay = 0;
    for (Entry& entry : entries) {
        delay = (delay * 31 + 7919) % kMaxDelay;
        entry.time -= delay;
        std::get<SegmentEntry>(entry.body).sent = entry.time;
    }
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Entry& a, const Entry& b) { return a.time < b.time; });
}

void show(const Arguments& arguments) {
    std::vector<Entry> entries = read_all(arguments);
    if (arguments.late) {
        send_earlier(entries);
    }
    StandardOutput output;
    tcpladder::TcpdumpView view(output, arguments.format);
    view.begin({});
    for (const Entry& entry : entries) {
        view.entry(entry);
    }
    view.end();
}

void cut(const Arguments& arguments) {
    const Reader reader = open(arguments.input);
    const std::size_t link = link_bytes(reader.get());
    const Reader raw(
        pcap_open_dead_with_tstamp_precision(DLT_RAW, kMaxPacket, PCAP_TSTAMP_PRECISION_NANO));
    const Writer writer(pcap_dump_open(raw.get(), arguments.cut.c_str()));
    if (!writer) {
        throw std::runtime_error(pcap_geterr(raw.get()));
    }
    pcap_pkthdr* header = nullptr;
    const std::uint8_t* bytes = nullptr;
    while (pcap_next_ex(reader.get(), &header, &bytes) == 1) {
        if (const auto entry = make_entry(*header, bytes, link)) {
            const auto& segment = std::get<SegmentEntry>(entry->body);
            pcap_pkthdr shorter = *header;
            shorter.caplen = segment.captured;
            shorter.len = segment.length;
            pcap_dump(reinterpret_cast<u_char*>(writer.get()), &shorter, bytes + link);
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const Arguments arguments = parse(std::span(argv, static_cast<std::size_t>(argc)));
        if (arguments.cut.empty()) {
            show(arguments);
        } else {
            cut(arguments);
        }
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "tcpdump-view-driver: error: %s\n", error.what());
        return 1;
    }
}

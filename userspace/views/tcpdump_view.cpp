// SPDX-License-Identifier: MIT
#include "views/tcpdump_view.h"

#include <algorithm>
#include <ctime>
#include <tuple>

#include "views/tcpdump_ip.h"
#include "views/tcpdump_tcp.h"

namespace tcpladder {
namespace {

/// No IP version fails here: parse_tcp() lets only these two through.
void print_packet(TcpdumpPacket& packet, std::uint32_t length) {
    const bool ipv6 = packet.has(0, 1) && packet.u8(0) >> 4 == 6;
    const auto ip = ipv6 ? print_ipv6(packet, length) : print_ipv4(packet, length);
    if (ip && !packet.truncated()) {
        print_tcp(packet, *ip);
    }
    packet.finish();
}

/// Wraps instead of overflowing: a damaged recording may hold any number.
std::int64_t wall_time(MonoNs time, std::int64_t offset) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(time) +
                                     static_cast<std::uint64_t>(offset));
}

std::span<const std::uint8_t> captured_headers(const SegmentEntry& segment) {
    return std::span(segment.headers)
        .first(std::min<std::size_t>(segment.captured, segment.headers.size()));
}

}  // namespace

TcpdumpView::TcpdumpView(Output& output, const Format& format)
    : output_(output), format_(format), time_(format.time) {}

void TcpdumpView::begin(const TraceInfo& info) {
    wall_offset_ = info.wall_offset;
    tzset();  // localtime_r() need not do it
}

void TcpdumpView::entry(const Entry& entry) {
    advance(entry.time);
    const auto* segment = std::get_if<SegmentEntry>(&entry.body);
    if (segment == nullptr) {
        return;
    }
    const MonoNs stamp = segment->received.value_or(segment->sent.value_or(entry.time));
    if (stamp > entry.time) {
        hold(stamp, *segment);
    } else {
        print(stamp, segment->length, captured_headers(*segment));
    }
}

void TcpdumpView::advance(MonoNs time) {
    while (!waiting_.empty() && waiting_.front().stamp <= time) {
        release_first();
    }
}

void TcpdumpView::end() {
    while (!waiting_.empty()) {
        release_first();
    }
}

bool TcpdumpView::is_later(const Waiting& a, const Waiting& b) {
    return std::tie(a.stamp, a.arrival) > std::tie(b.stamp, b.arrival);
}

void TcpdumpView::hold(MonoNs stamp, const SegmentEntry& segment) {
    if (free_slots_.empty()) {
        free_slots_.push_back(static_cast<std::uint32_t>(slots_.size()));
        slots_.emplace_back();
    }
    const std::uint32_t slot = free_slots_.back();
    free_slots_.pop_back();
    const auto headers = captured_headers(segment);
    Packet& packet = slots_[slot];
    packet.length = segment.length;
    packet.captured = static_cast<std::uint16_t>(headers.size());
    std::copy(headers.begin(), headers.end(), packet.headers.begin());
    waiting_.push_back({stamp, arrivals_++, slot});
    std::push_heap(waiting_.begin(), waiting_.end(), is_later);
}

void TcpdumpView::release_first() {
    std::pop_heap(waiting_.begin(), waiting_.end(), is_later);
    const Waiting first = waiting_.back();
    waiting_.pop_back();
    const Packet& packet = slots_[first.slot];
    print(first.stamp, packet.length, std::span(packet.headers).first(packet.captured));
    free_slots_.push_back(first.slot);
}

void TcpdumpView::print(MonoNs stamp, std::uint32_t length, std::span<const std::uint8_t> headers) {
    line_.clear();
    if (format_.number) {
        line_.put(Spaced{++printed_, 5}, "  ");
    }
    time_.print(line_, wall_time(stamp, wall_offset_));
    TcpdumpPacket packet(headers, format_, line_, numbers_);
    print_packet(packet, length);
    line_.put('\n');
    output_.write(line_.text());
}

}  // namespace tcpladder

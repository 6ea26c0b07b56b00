// SPDX-License-Identifier: MIT
#include "capture/record_queue.h"

#include <algorithm>
#include <cstring>

#include "bpf/events.h"

namespace tcpladder {

void RecordQueue::push(std::span<const std::byte> record) {
    tl_header header{};
    std::memcpy(&header, record.data(), std::min(record.size(), sizeof(header)));
    const auto time = static_cast<MonoNs>(header.ktime_ns);
    if (record.size() >= sizeof(header) && header.lost != lost_seen_) {
        insert({time, 0, 0, header.lost - lost_seen_, previous_time_});
        lost_seen_ = header.lost;
    }
    const auto offset = static_cast<std::uint32_t>(bytes_.size());
    bytes_.insert(bytes_.end(), record.begin(), record.end());
    insert({time, offset, static_cast<std::uint32_t>(record.size()), 0, 0});
    previous_time_ = time;
    if (header.bound_ns != TL_NO_BOUND)
        complete_until_ = std::max(complete_until_, time - header.bound_ns);
}

void RecordQueue::push_final_loss(std::uint32_t lost_total, MonoNs now) {
    if (lost_total == lost_seen_)
        return;
    insert({now, 0, 0, lost_total - lost_seen_, previous_time_});
    lost_seen_ = lost_total;
}

void RecordQueue::insert(const Slot& slot) {
    auto at = slots_.end();
    while (at != slots_.begin() && std::prev(at)->time > slot.time)
        --at;
    slots_.insert(at, slot);
}

// What stays is little (the last moment before the drain), so it moves to the
// front and the memory is used again.
void RecordQueue::forget(std::size_t count) {
    if (count == 0)
        return;
    if (count == slots_.size()) {
        slots_.clear();
        bytes_.clear();
        return;
    }
    slots_.erase(slots_.begin(), slots_.begin() + static_cast<std::ptrdiff_t>(count));
    std::uint32_t first = UINT32_MAX;
    for (const auto& slot : slots_) {
        if (slot.size > 0)
            first = std::min(first, slot.offset);
    }
    if (first == UINT32_MAX)
        first = static_cast<std::uint32_t>(bytes_.size());
    bytes_.erase(bytes_.begin(), bytes_.begin() + first);
    for (auto& slot : slots_) {
        if (slot.size > 0)
            slot.offset -= first;
    }
}

RecordQueue::Item RecordQueue::item(const Slot& slot) const {
    return {
        slot.time, std::span(bytes_).subspan(slot.offset, slot.size), {slot.lost, slot.lost_from}};
}

}  // namespace tcpladder

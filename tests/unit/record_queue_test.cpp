// SPDX-License-Identifier: MIT
#include "capture/record_queue.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <random>

#include "bpf/events.h"

namespace tcpladder::test {
namespace {

struct Record {
    tl_header header{};
    explicit Record(std::uint64_t time, std::uint32_t lost = 0, std::uint16_t bound = TL_NO_BOUND) {
        header.ktime_ns = time;
        header.lost = lost;
        header.bound_ns = bound;
        header.size = sizeof(header);
    }
    std::span<const std::byte> bytes() const { return std::as_bytes(std::span(&header, 1)); }
};

std::vector<MonoNs> release(RecordQueue& queue, MonoNs until) {
    std::vector<MonoNs> times;
    queue.release(until, [&](const RecordQueue::Item& item) {
        times.push_back(item.bytes.empty() ? -static_cast<MonoNs>(item.lost.count) : item.time);
    });
    return times;
}

TEST_CASE("records come out by time, and only those that are complete") {
    RecordQueue queue;
    for (const auto time : {10U, 30U, 20U, 25U, 40U})
        queue.push(Record(time).bytes());
    CHECK(release(queue, 25) == std::vector<MonoNs>{10, 20, 25});
    queue.push(Record(28).bytes());
    CHECK(release(queue, 100) == std::vector<MonoNs>{28, 30, 40});
    CHECK(queue.size() == 0);
}

TEST_CASE("a gap stands in front of the first record behind it") {
    RecordQueue queue;
    queue.push(Record(10, 0).bytes());
    queue.push(Record(20, 5).bytes());
    queue.push(Record(15, 5).bytes());
    queue.push(Record(30, 7).bytes());
    CHECK(release(queue, 100) == std::vector<MonoNs>{10, 15, -5, 20, -2, 30});
}

TEST_CASE("what was lost after the last record is a gap at the end") {
    RecordQueue queue;
    queue.push(Record(10, 1).bytes());
    queue.push_final_loss(4, 99);
    CHECK(release(queue, 100) == std::vector<MonoNs>{-1, 10, -3});
}

TEST_CASE("the loss counter may wrap") {
    RecordQueue queue;
    queue.push(Record(10, 0xfffffffe).bytes());
    queue.push(Record(20, 3).bytes());
    CHECK(release(queue, 100) == std::vector<MonoNs>{-0xfffffffeLL, 10, -5, 20});
}

TEST_CASE("a record's bound tells how far the stream is complete") {
    RecordQueue queue;
    CHECK(queue.complete_until() == INT64_MIN);
    queue.push(Record(1000, 0, 30).bytes());
    CHECK(queue.complete_until() == 970);
    queue.push(Record(990, 0, 500).bytes());
    CHECK(queue.complete_until() == 970);
}

TEST_CASE("released by the records' own bounds, nearly sorted streams come out sorted") {
    std::mt19937 random(1);
    RecordQueue queue;
    std::vector<MonoNs> all;
    std::uint64_t reserved = 1000;
    for (int i = 0; i < 20000; ++i) {
        reserved += random() % 100;
        const auto delay = random() % 10 == 0 ? random() % 60000 : random() % 50;
        queue.push(Record(reserved + delay, 0, static_cast<std::uint16_t>(delay)).bytes());
        const auto times = release(queue, queue.complete_until());
        all.insert(all.end(), times.begin(), times.end());
    }
    const auto rest = release(queue, INT64_MAX);
    all.insert(all.end(), rest.begin(), rest.end());
    CHECK(all.size() == 20000);
    CHECK(std::is_sorted(all.begin(), all.end()));
}

TEST_CASE("a record too short for a header is kept for the decoder to refuse") {
    RecordQueue queue;
    const std::array<std::byte, 3> junk{};
    queue.push(junk);
    int seen = 0;
    queue.release(INT64_MAX,
                  [&](const RecordQueue::Item& item) { seen += item.bytes.size() == 3; });
    CHECK(seen == 1);
}

}  // namespace
}  // namespace tcpladder::test

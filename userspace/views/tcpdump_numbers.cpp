// SPDX-License-Identifier: MIT
#include "views/tcpdump_numbers.h"

#include <bit>
#include <tuple>
#include <utility>

namespace tcpladder {
namespace {

std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
    constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio
    hash = (hash ^ word) * kOdd;
    return hash ^ hash >> 32;
}

using Words = std::array<std::uint64_t, 2>;

}  // namespace

std::size_t TcpdumpNumbers::Hash::operator()(const Key& key) const {
    std::uint64_t hash = mix(key.version, key.ports);
    for (const Words& words : {key.low, key.high}) {
        hash = mix(mix(hash, words[0]), words[1]);
    }
    return hash;
}

TcpdumpNumbers::Key TcpdumpNumbers::make_key(const Endpoint& low, const Endpoint& high) {
    return {std::bit_cast<Words>(low.address.bytes), std::bit_cast<Words>(high.address.bytes),
            std::uint32_t{low.port} << 16 | high.port, low.address.version};
}

std::pair<TcpdumpNumbers::Bases&, bool> TcpdumpNumbers::find_or_add(const Key& key) {
    if (latest_ != nullptr && latest_->first == key) {
        return {latest_->second, false};
    }
    if (const auto known = recent_.find(key); known != recent_.end()) {
        latest_ = &*known;
        return {known->second, false};
    }
    if (recent_.size() == kGeneration) {
        std::swap(recent_, older_);
        recent_.clear();
    }
    const auto remembered = older_.find(key);
    const bool is_new = remembered == older_.end();
    latest_ = &*recent_.try_emplace(key).first;
    if (!is_new) {
        latest_->second = remembered->second;
    }
    return {latest_->second, is_new};
}

TcpdumpNumbers::Relative TcpdumpNumbers::relate(const Endpoint& source, const Endpoint& destination,
                                                Seq seq, Seq ack, bool syn) {
    const bool from_high = std::tie(source.port, source.address.bytes) >
                           std::tie(destination.port, destination.address.bytes);
    const auto [bases, is_new] =
        find_or_add(from_high ? make_key(destination, source) : make_key(source, destination));
    Seq& sender = from_high ? bases.high : bases.low;
    Seq& receiver = from_high ? bases.low : bases.high;
    if (is_new || syn) {
        sender = seq;
        receiver = ack - 1;
        return {seq, ack, receiver};
    }
    return {seq - sender, ack - receiver, receiver};
}

}  // namespace tcpladder

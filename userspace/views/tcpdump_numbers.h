// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "model/address.h"
#include "model/seq.h"

namespace tcpladder {

/// Which sequence numbers tcpdump subtracts to print relative ones. Its rules
/// know nothing of connections: the first segment with ACK between two endpoints
/// (and each SYN with ACK) is printed as it is and sets the base of both
/// directions; a segment without ACK is printed as it is and sets nothing.
///
/// tcpdump keeps each conversation for ever. Here one is forgotten at the latest
/// when twice kGeneration others, and at the earliest when kGeneration others,
/// were seen since its last segment: it then starts anew.
class TcpdumpNumbers {
public:
    static constexpr std::size_t kGeneration = 131072;

    struct Relative {
        Seq seq = 0;
        Seq ack = 0;
        Seq sack_base = 0;  ///< to subtract from the blocks of a SACK option
    };

    /// Of a segment with ACK.
    Relative relate(const Endpoint& source, const Endpoint& destination, Seq seq, Seq ack,
                    bool syn);

private:
    /// The endpoint with the lower port (then address) is `low`, whichever sends.
    struct Key {
        std::array<std::uint64_t, 2> low{};
        std::array<std::uint64_t, 2> high{};
        std::uint32_t ports = 0;
        std::uint32_t version = 0;
        bool operator==(const Key&) const = default;
    };
    struct Hash {
        std::size_t operator()(const Key& key) const;
    };
    /// One less than the first byte of each direction, or its SYN.
    struct Bases {
        Seq low = 0;
        Seq high = 0;
    };
    using Table = std::unordered_map<Key, Bases, Hash>;

    static Key make_key(const Endpoint& low, const Endpoint& high);
    /// Default bases and true if the conversation is new.
    std::pair<Bases&, bool> find_or_add(const Key& key);

    Table recent_;
    Table::value_type* latest_ = nullptr;  ///< of them: segments of one come one after the other
    Table older_;
};

}  // namespace tcpladder

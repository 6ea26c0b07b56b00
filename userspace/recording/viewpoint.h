// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "model/connections.h"
#include "recording/foreign_packet.h"

namespace tcpladder {

/// Where a capture was taken: which addresses are those of the capturing host.
///
/// The link layer may tell the direction of every packet (Linux cooked captures,
/// loopback). Otherwise the handshakes do: the SYN+ACK comes at once after the SYN
/// at the server, and a round trip later at the client, where it is the third
/// segment that comes at once. Where neither is clear, a hop limit that no router
/// has lowered tells of a host on this link.
class Viewpoint {
public:
    /// Evidence, in the order of the capture.
    void note(const ForeignPacket& packet);
    /// There is at least one complete handshake, or the link layer has spoken.
    bool is_clear() const { return direct_ || handshakes_ != 0; }
    /// No more evidence: what was decided stays.
    void settle();

    /// Which end of the packet's connection is near: the same for both directions.
    /// Between hosts of which none is (or both are) near, it is the end with the
    /// larger port, which nearly always is the client.
    const Endpoint& near_end(const ForeignPacket& packet);

    /// `captured near 192.0.2.1 (client side)`, `captured somewhere between the hosts`.
    std::string text() const;

private:
    /// What speaks for and against an address being that of the capturing host.
    struct Host {
        std::uint32_t here = 0;       ///< packets that the link layer calls its own
        std::uint32_t elsewhere = 0;  ///< packets that speak against it
        std::int32_t handshakes = 0;  ///< those for it less those against it
        std::uint32_t hops_none = 0;  ///< packets from it that no router has passed on
        std::uint32_t packets = 0;    ///< from it
        std::uint32_t as_client = 0;
        std::uint32_t as_server = 0;
        std::optional<bool> near;
    };
    struct AddressHash {
        std::size_t operator()(const Address& address) const {
            return FlowKeyHash{}({0, {address, 0}, {}});
        }
    };
    struct Handshake {
        Seq syn = 0;
        Seq syn_ack = 0;
        MonoNs syn_time = 0;
        MonoNs syn_ack_time = 0;
        std::uint8_t step = 0;  ///< 1: SYN, 2: SYN+ACK, 3: ACK seen; 4: not clear
    };

    void note_direction(const ForeignPacket& packet);
    void note_handshake(const ForeignPacket& packet);
    void judge(const TcpHeader& third, const Handshake& handshake, MonoNs time);
    bool is_near(const Host& host) const;
    bool has_full_hops(const Host& host) const;
    void compare_hops();
    bool near(const ForeignPacket& packet, bool source);

    std::unordered_map<Address, Host, AddressHash> hosts_;
    std::unordered_map<FlowKey, Handshake, FlowKeyHash> opening_;  ///< client's end first
    std::unordered_map<FlowKey, bool, FlowKeyHash> pairs_;         ///< of addresses
    std::uint64_t handshakes_ = 0;
    std::uint64_t packets_ = 0;
    std::uint64_t over_loopback_ = 0;
    bool direct_ = false;
};

}  // namespace tcpladder

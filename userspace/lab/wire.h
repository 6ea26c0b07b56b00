// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <random>
#include <span>
#include <vector>

#include "lab/scenario.h"
#include "model/event.h"

namespace tcpladder::lab {

using Packet = std::vector<std::uint8_t>;

/// The wire between the hosts, without hosts: packets in, packets out, each a
/// while later; the rules decide which. Knows no clock: the time is told.
class Wire {
public:
    /// Default one-way delay: rails and times shall look like a network.
    static constexpr MonoNs kDelay = 10'000'000;

    /// `version`: 4 or 6, of segments of our own.
    explicit Wire(std::uint8_t version) : version_(version) {}

    void delay(MonoNs one_way) { delay_ = one_way; }
    void add(const WireRule& rule) {
        rules_.push_back({rule, 0, std::minstd_rand(rule.which.seed)});
    }
    void forget_rules() { rules_.clear(); }
    /// Lets go the first `count` of those that it holds, 0: all.
    void release(std::uint32_t count, MonoNs now);
    /// Puts a segment of our own on the wire. Throws Error: it is to have numbers of
    /// a connection, and there is none.
    void inject(const Forged& forged, MonoNs now);

    /// `host` has sent this IP packet at `now`.
    void take(Host host, Packet packet, MonoNs now);
    /// Calls `deliver(receiver, packet)` for all that are due.
    void deliver(MonoNs now, const std::function<void(Host, const Packet&)>& deliver);
    /// When the next one is due; nothing: the wire is empty.
    std::optional<MonoNs> next_due() const;

    std::size_t held() const { return held_.size(); }
    std::uint64_t dropped() const { return dropped_; }
    /// How many segments the host has sent.
    std::uint64_t taken(Host host) const { return taken_[static_cast<std::size_t>(host)]; }

private:
    struct Rule {
        WireRule what;
        std::uint32_t matched = 0;
        std::minstd_rand chance;  ///< the standard says which numbers it gives

        /// Whether the rule is about this one of those that fit.
        bool chooses();
    };
    struct Moving {
        Host to;
        Packet packet;
        MonoNs due;
        bool intact = true;
    };
    /// What one host's segments have said so far, of the connection seen last.
    struct Numbers {
        bool known = false;
        Seq start = 0;
        Seq next = 0;  ///< one past all that it has sent
        Seq ack = 0;   ///< what it has said that it waits for next
        bool acks = false;
        Seq arrived = 0;  ///< one past what has arrived at the peer, in order
        bool arrives = false;
        std::uint16_t port = 0;
    };

    void send(Host to, Packet packet, MonoNs now, bool intact = true);
    void obey(const WireRule& rule, Host from, Packet packet, const TcpHeader& tcp, MonoNs now);
    void release_swapped(Host to, MonoNs now);
    void arrived(const Moving& moving);
    const WireRule* rule_for(const TcpHeader& tcp, Host from);
    void learn(const TcpHeader& tcp, Host from);
    Seq number(const Place& place, Host of) const;
    Numbers& of(Host host) { return numbers_[static_cast<std::size_t>(host)]; }
    const Numbers& of(Host host) const { return numbers_[static_cast<std::size_t>(host)]; }

    MonoNs delay_ = kDelay;
    std::vector<Rule> rules_;
    std::deque<Moving> moving_;  ///< by time
    std::deque<Moving> held_;
    std::deque<Moving> swapped_;  ///< each waits for the next one of its direction
    std::array<Numbers, 2> numbers_;
    std::array<Packet, 2> last_;  ///< the newest that each host has sent
    std::uint8_t version_;
    std::array<std::uint64_t, 2> taken_{};
    std::uint64_t dropped_ = 0;
};

}  // namespace tcpladder::lab

// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "lab/scenario.h"
#include "lab/verdict.h"
#include "lab/wire.h"
#include "support/unique_fd.h"

namespace tcpladder::lab {

/// Two network namespaces, each with a TUN device, and nothing else: no route
/// leads out of them. They have no name and no mount; only our descriptors and
/// the processes inside keep them, so nothing is left when we are gone, however
/// we go.
class Network {
public:
    /// Makes both. Throws Error: no privilege, no /dev/net/tun.
    explicit Network(std::uint8_t version);

    /// Of the namespace, to setns() into it.
    int netns_fd(Host host) const { return hosts_[index(host)].netns.get(); }
    /// The namespace's inode number.
    std::uint32_t netns(Host host) const { return hosts_[index(host)].inode; }

    /// The TUN device, non-blocking: one packet a read.
    int tun_fd(Host host) const { return hosts_[index(host)].tun.get(); }
    /// What the host has sent; empty: nothing more now.
    Packet read(Host host);
    /// Hands a packet to the host's kernel.
    void write(Host host, const Packet& packet);

    /// Sets `net.ipv4.…`, in this host only. Throws Error: there is none, or the
    /// value is refused.
    void set_sysctl(Host host, const std::string& name, const std::string& value);
    bool has_sysctl(Host host, const std::string& name);

    /// What the host's kernel has counted itself (/proc/net/snmp, RFC 4022).
    TcpCounters counters(Host host) const;

    /// SOCK_DESTROY of the socket of that namespace with these ends, as `ss -K`.
    void destroy_socket(Host host, const Endpoint& local, const Endpoint& remote);
    /// Whether this kernel can do that at all.
    bool can_destroy_sockets();

private:
    struct End {
        UniqueFd netns;
        UniqueFd tun;
        std::uint32_t inode = 0;
    };
    static std::size_t index(Host host) { return static_cast<std::size_t>(host); }
    void make(Host host, std::uint8_t version);

    std::array<End, 2> hosts_;
};

/// The calling thread is in that namespace for as long as this lives.
class InNamespace {
public:
    explicit InNamespace(int netns_fd);
    ~InNamespace();
    InNamespace(const InNamespace&) = delete;
    InNamespace& operator=(const InNamespace&) = delete;

private:
    UniqueFd home_;
};

}  // namespace tcpladder::lab

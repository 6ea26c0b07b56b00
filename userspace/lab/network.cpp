// SPDX-License-Identifier: MIT
#include "lab/network.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/ipv6.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab/addresses.h"
#include "support/error.h"
#include "support/net_namespace.h"

namespace tcpladder::lab {
namespace {

constexpr const char* kDevice = "wire";
constexpr std::size_t kLargestPacket = 65536;

UniqueFd own_namespace() {
    UniqueFd fd(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    if (!fd)
        throw system_error("cannot open /proc/thread-self/ns/net", errno);
    return fd;
}

ifreq request(const char* device) {
    ifreq wanted{};
    std::strncpy(wanted.ifr_name, device, IFNAMSIZ - 1);
    return wanted;
}

void control(int fd, unsigned long what, void* argument, const char* doing) {
    if (::ioctl(fd, what, argument) != 0)
        throw system_error(std::string("cannot ") + doing, errno);
}

UniqueFd socket_of(int family) {
    UniqueFd fd(::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!fd)
        throw system_error("cannot make a socket", errno);
    return fd;
}

UniqueFd make_tun() {
    UniqueFd tun(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (!tun)
        throw Error(std::string("cannot open /dev/net/tun: ") + std::strerror(errno),
                    "the lab's wire is a TUN device: modprobe tun, or give the container the "
                    "device");
    auto wanted = request(kDevice);
    wanted.ifr_flags = IFF_TUN | IFF_NO_PI;
    control(tun.get(), TUNSETIFF, &wanted, "make a TUN device");
    return tun;
}

void bring_up(const char* device) {
    const auto fd = socket_of(AF_INET);
    auto wanted = request(device);
    wanted.ifr_flags = IFF_UP | IFF_RUNNING;
    control(fd.get(), SIOCSIFFLAGS, &wanted, "bring a device up");
}

void set_ipv4(Host host) {
    const auto fd = socket_of(AF_INET);
    auto wanted = request(kDevice);
    auto& address = reinterpret_cast<sockaddr_in&>(wanted.ifr_addr);
    address.sin_family = AF_INET;
    std::memcpy(&address.sin_addr, address_of(host, 4).bytes.data(), sizeof(address.sin_addr));
    control(fd.get(), SIOCSIFADDR, &wanted, "set an IPv4 address");
    address.sin_addr.s_addr = htonl(0xffffff00);
    control(fd.get(), SIOCSIFNETMASK, &wanted, "set an IPv4 netmask");
}

void set_ipv6(Host host) {
    const auto fd = socket_of(AF_INET6);
    auto device = request(kDevice);
    control(fd.get(), SIOCGIFINDEX, &device, "find the TUN device");
    in6_ifreq wanted{};
    std::memcpy(&wanted.ifr6_addr, address_of(host, 6).bytes.data(), sizeof(wanted.ifr6_addr));
    wanted.ifr6_prefixlen = 32;
    wanted.ifr6_ifindex = device.ifr_ifindex;
    control(fd.get(), SIOCSIFADDR, &wanted, "set an IPv6 address");
}

std::string sysctl_path(const std::string& name) {
    std::string path = "/proc/sys/" + name;
    std::replace(path.begin(), path.end(), '.', '/');
    return path;
}

void write_sysctl(const std::string& name, const std::string& value) {
    const UniqueFd file(::open(sysctl_path(name).c_str(), O_WRONLY | O_CLOEXEC));
    if (!file)
        throw system_error("cannot open sysctl " + name, errno);
    if (::write(file.get(), value.data(), value.size()) != static_cast<ssize_t>(value.size()))
        throw system_error("cannot set sysctl " + name + " to " + value, errno);
}

// What would put segments of its own on the wire, or delay ours.
void calm_ipv6() {
    write_sysctl("net.ipv6.conf.all.accept_dad", "0");
    write_sysctl("net.ipv6.conf.default.accept_dad", "0");
    write_sysctl("net.ipv6.conf." + std::string(kDevice) + ".accept_dad", "0");
    write_sysctl("net.ipv6.conf." + std::string(kDevice) + ".router_solicitations", "0");
    write_sysctl("net.ipv6.conf." + std::string(kDevice) + ".addr_gen_mode", "1");
}

// The textbook's, which is in every kernel, so that a scenario goes the same way on every machine.
// (BBR would send by a timer of its own, as it thinks the path can bear.)
void choose_congestion_control() {
    write_sysctl("net.ipv4.tcp_congestion_control", "reno");
}

}  // namespace

Network::Network(std::uint8_t version) {
    for (const auto host : {Host::kClient, Host::kServer})
        make(host, version);
}

void Network::make(Host host, std::uint8_t version) {
    auto& end = hosts_[index(host)];
    const auto home = own_namespace();
    const InNamespace inside(home.get());  // brings us home again
    if (::unshare(CLONE_NEWNET) != 0)
        throw Error(std::string("cannot make a network namespace: ") + std::strerror(errno),
                    "the lab needs root: sudo tcpladder lab …");
    end.netns = own_namespace();
    end.inode = own_netns();
    end.tun = make_tun();
    choose_congestion_control();
    if (version == 6)
        calm_ipv6();
    set_ipv4(host);
    bring_up("lo");
    bring_up(kDevice);
    if (version == 6)
        set_ipv6(host);
}

Packet Network::read(Host host) {
    Packet packet(kLargestPacket);
    const auto size = ::read(tun_fd(host), packet.data(), packet.size());
    if (size < 0 && errno != EAGAIN && errno != EINTR)
        throw system_error("cannot read from the wire", errno);
    packet.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return packet;
}

void Network::write(Host host, const Packet& packet) {
    const auto written = ::write(tun_fd(host), packet.data(), packet.size());
    if (written < 0 && errno != EAGAIN && errno != EINVAL)
        throw system_error("cannot write to the wire", errno);
}

void Network::set_sysctl(Host host, const std::string& name, const std::string& value) {
    const InNamespace inside(netns_fd(host));
    write_sysctl(name, value);
}

bool Network::has_sysctl(Host host, const std::string& name) {
    const InNamespace inside(netns_fd(host));
    return ::access(sysctl_path(name).c_str(), F_OK) == 0;
}

TcpCounters Network::counters(Host host) const {
    const InNamespace inside(netns_fd(host));
    return read_tcp_counters();
}

InNamespace::InNamespace(int netns_fd) : home_(own_namespace()) {
    if (::setns(netns_fd, CLONE_NEWNET) != 0)
        throw system_error("cannot enter a network namespace", errno);
}

// Back home: it was open all the time, so this cannot fail for a reason of its own.
InNamespace::~InNamespace() {
    if (::setns(home_.get(), CLONE_NEWNET) != 0)
        std::abort();
}

}  // namespace tcpladder::lab

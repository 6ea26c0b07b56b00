// SPDX-License-Identifier: MIT
#include <array>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "lab/addresses.h"
#include "lab/network.h"
#include "support/error.h"

namespace tcpladder::lab {

namespace {

// The kernel's answer: 0, or an errno. In the namespace of the caller.
int ask_to_destroy(const Endpoint& local, const Endpoint& remote) {
    const UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
    struct {
        nlmsghdr header;
        inet_diag_req_v2 request;
    } message{};
    message.header.nlmsg_len = sizeof(message);
    message.header.nlmsg_type = SOCK_DESTROY;
    message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    auto& request = message.request;
    request.sdiag_family = local.address.version == 4 ? AF_INET : AF_INET6;
    request.sdiag_protocol = IPPROTO_TCP;
    request.idiag_states = ~0U;
    request.id.idiag_sport = htons(local.port);
    request.id.idiag_dport = htons(remote.port);
    std::memcpy(request.id.idiag_src, local.address.bytes.data(), 16);
    std::memcpy(request.id.idiag_dst, remote.address.bytes.data(), 16);
    request.id.idiag_cookie[0] = request.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    if (!fd || ::send(fd.get(), &message, sizeof(message), 0) < 0)
        throw system_error("cannot ask the kernel to destroy a socket", errno);
    struct {
        nlmsghdr header;
        nlmsgerr error;
        std::array<char, 512> rest;
    } reply{};
    if (::recv(fd.get(), &reply, sizeof(reply), 0) < static_cast<ssize_t>(sizeof(nlmsghdr)))
        throw system_error("the kernel does not say whether it destroyed a socket", errno);
    return reply.header.nlmsg_type == NLMSG_ERROR ? -reply.error.error : 0;
}

}  // namespace

void Network::destroy_socket(Host host, const Endpoint& local, const Endpoint& remote) {
    const InNamespace inside(netns_fd(host));
    if (const int error = ask_to_destroy(local, remote); error != 0)
        throw system_error("cannot destroy a socket (SOCK_DESTROY)", error);
}

// Of no socket: ENOENT, unless the kernel was built without CONFIG_INET_DIAG_DESTROY.
bool Network::can_destroy_sockets() {
    const InNamespace inside(netns_fd(Host::kClient));
    const Endpoint nobody{address_of(Host::kClient, 4), 1};
    return ask_to_destroy(nobody, nobody) != EOPNOTSUPP;
}

}  // namespace tcpladder::lab

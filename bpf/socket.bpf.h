/* SPDX-License-Identifier: GPL-2.0-only */
/* From a kernel socket of any size (full, request, TIME_WAIT) to its ends. */
#pragma once

#include "events.h"
#include "kernel.bpf.h"

#define TL_IPV4_MAPPED bpf_htonl(0x0000ffff)

/* A dual-stack socket that talks IPv4 has IPv4 packets: show it as such. */
static __always_inline void tl_unmap_ipv4(struct tl_tuple *tuple)
{
	__u32 *local = (__u32 *)tuple->local;
	__u32 *remote = (__u32 *)tuple->remote;

	if (tuple->family != AF_INET6 || remote[2] != TL_IPV4_MAPPED || remote[0] || remote[1])
		return;
	tuple->family = AF_INET;
	local[0] = local[3];
	remote[0] = remote[3];
	local[1] = local[2] = local[3] = 0;
	remote[1] = remote[2] = remote[3] = 0;
}

/*
 * The ends of a mini-socket or of a socket that the verifier does not trust:
 * every field is read through a helper. The local port comes from the caller,
 * as each kind of socket keeps it elsewhere. The addresses of an IPv4 socket are
 * not valid in its IPv6 fields, nor the other way round.
 */
static __always_inline void tl_tuple_of(struct tl_tuple *tuple, const struct sock_common *common,
					__u16 local_port)
{
	tuple->family = BPF_CORE_READ(common, skc_family);
	tuple->local_port = local_port;
	tuple->remote_port = bpf_ntohs(BPF_CORE_READ(common, skc_dport));
	tuple->reserved = 0;
	__builtin_memset(tuple->local, 0, sizeof(tuple->local));
	__builtin_memset(tuple->remote, 0, sizeof(tuple->remote));
	if (tuple->family == AF_INET) {
		BPF_CORE_READ_INTO((__be32 *)tuple->local, common, skc_rcv_saddr);
		BPF_CORE_READ_INTO((__be32 *)tuple->remote, common, skc_daddr);
		return;
	}
	BPF_CORE_READ_INTO((struct in6_addr *)tuple->local, common, skc_v6_rcv_saddr);
	BPF_CORE_READ_INTO((struct in6_addr *)tuple->remote, common, skc_v6_daddr);
	tl_unmap_ipv4(tuple);
}

/*
 * The same for a socket that is a tracepoint's argument: plain loads. The port
 * is inet_sport: skc_num is 0 for every auto-bound socket once it is unhashed
 * (seen at CLOSE).
 */
static __always_inline void tl_tuple_of_sock(struct tl_tuple *tuple, const struct sock *sk,
					     const struct tcp_sock *tcp)
{
	const struct sock_common *common = &sk->__sk_common;

	__builtin_memset(tuple, 0, sizeof(*tuple));
	tuple->family = common->skc_family;
	tuple->local_port = bpf_ntohs(tcp->inet_conn.icsk_inet.inet_sport);
	tuple->remote_port = bpf_ntohs(common->skc_dport);
	if (tuple->family == AF_INET) {
		*(__be32 *)tuple->local = common->skc_rcv_saddr;
		*(__be32 *)tuple->remote = common->skc_daddr;
		return;
	}
	for (int i = 0; i < 4; i++) {
		((__be32 *)tuple->local)[i] = common->skc_v6_rcv_saddr.in6_u.u6_addr32[i];
		((__be32 *)tuple->remote)[i] = common->skc_v6_daddr.in6_u.u6_addr32[i];
	}
	tl_unmap_ipv4(tuple);
}

static __always_inline __u32 tl_netns_of(const struct sock_common *common)
{
	return BPF_CORE_READ(common, skc_net.net, ns.inum);
}

static __always_inline __u16 tl_local_port_of(const struct sock *sk)
{
	return bpf_ntohs(BPF_CORE_READ((const struct inet_sock *)sk, inet_sport));
}

/* Who is on the CPU. True as the actor only when the kernel runs for a process. */
static __always_inline void tl_current_task(struct tl_task *task)
{
	struct task_struct *current_task = (struct task_struct *)bpf_get_current_task_btf();
	__u64 id = bpf_get_current_pid_tgid();

	task->pid = id >> 32;
	task->tid = (__u32)id;
	task->uid = (__u32)bpf_get_current_uid_gid();
	task->flags = current_task->flags & PF_EXITING ? TL_TASK_EXITING : 0;
	bpf_get_current_comm(task->comm, sizeof(task->comm));
}

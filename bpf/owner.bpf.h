/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whose socket is it? The task on the CPU at a state change often is the peer
 * or nobody. An accepted socket's owner shows at its first send or receive;
 * that of a socket older than the trace in the table of open files.
 */
#pragma once

#include "filter.bpf.h"
#include "output.bpf.h"
#include "select.bpf.h"
#include "socket.bpf.h"

/*
 * The owners that user space was told last. A slot may be taken by another
 * socket: then the owner is told once more, which does no harm.
 */
#define TL_TOLD_SLOTS 4096

struct tl_told {
	__u64 cookie;
	__u64 pid;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, TL_TOLD_SLOTS);
	__type(key, __u32);
	__type(value, struct tl_told);
} tl_told SEC(".maps");

static __always_inline struct tl_told *tl_told_of(__u64 cookie)
{
	__u32 slot = cookie & (TL_TOLD_SLOTS - 1);

	return bpf_map_lookup_elem(&tl_told, &slot);
}

static __always_inline bool tl_is_news(__u64 cookie, __u64 pid)
{
	const struct tl_told *told = tl_told_of(cookie);

	return !told || told->cookie != cookie || told->pid != pid;
}

/* To be called when the record has found its place. */
static __always_inline void tl_told_owner(__u64 cookie, __u64 pid)
{
	struct tl_told *told = tl_told_of(cookie);

	if (!told)
		return;
	told->cookie = cookie;
	told->pid = pid;
}

static __always_inline void tl_emit_owner(struct sock *sk, __u64 cookie)
{
	const struct tcp_sock *tcp = bpf_skc_to_tcp_sock(sk);
	const __u32 netns = sk->__sk_common.skc_net.net->ns.inum;
	struct tl_tuple tuple;
	struct tl_owner *event;

	if (!tcp)
		return;
	tl_tuple_of_sock(&tuple, sk, tcp);
	if (!tl_wanted(&tuple, netns))
		return;
	if (!tl_select_use(&tuple, netns, cookie)) {
		tl_told_owner(cookie, bpf_get_current_pid_tgid() >> 32); /* do not ask again */
		return;
	}
	event = tl_reserve(sizeof(*event), TL_OWNER, netns);
	if (!event)
		return;
	event->tuple = tuple;
	tl_current_task(&event->task);
	event->cookie = cookie;
	event->how = TL_OWNER_USE;
	event->state = sk->__sk_common.skc_state;
	__builtin_memset(event->reserved, 0, sizeof(event->reserved));
	tl_submit(event, TL_OWNER);
	tl_told_owner(cookie, bpf_get_current_pid_tgid() >> 32);
}

/* sock_send_length and sock_recv_length (since 6.3) fire when the call returns. */
static __always_inline int tl_handle_use(struct sock *sk)
{
	__u64 cookie;

	if (sk->sk_protocol != IPPROTO_TCP)
		return 0;
	if (sk->__sk_common.skc_family != AF_INET && sk->__sk_common.skc_family != AF_INET6)
		return 0;
	cookie = bpf_get_socket_cookie(sk);
	if (tl_is_news(cookie, bpf_get_current_pid_tgid() >> 32))
		tl_emit_owner(sk, cookie);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whose socket is it? The task on the CPU at a state change often is the peer
 * or nobody. An accepted socket's owner shows at accept(), and at the first
 * send or receive; that of an older socket in the table of open files.
 */
#pragma once

#include "filter.bpf.h"
#include "output.bpf.h"
#include "socket.bpf.h"

/* The owner that user space was told last; freed with the socket. */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u32);
} tl_told SEC(".maps");

static __always_inline void tl_emit_owner(const struct sock *sk, __u64 cookie, __u8 how)
{
	__u32 netns = tl_netns_of((const struct sock_common *)sk);
	struct tl_tuple tuple;
	struct tl_owner *event;

	tl_tuple_of(&tuple, (const struct sock_common *)sk, tl_local_port_of(sk));
	if (!tl_wanted(&tuple, netns))
		return;
	event = tl_reserve(sizeof(*event), TL_OWNER, netns);
	if (!event)
		return;
	event->tuple = tuple;
	tl_current_task(&event->task);
	event->cookie = cookie;
	event->how = how;
	event->state = BPF_CORE_READ(sk, __sk_common.skc_state);
	__builtin_memset(event->reserved, 0, sizeof(event->reserved));
	tl_submit(event, TL_OWNER);
}

/* sock_send_length and sock_recv_length (since 6.3) fire when the call returns. */
static __always_inline int tl_handle_use(struct sock *sk)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	__u32 *told;

	if (sk->sk_protocol != IPPROTO_TCP)
		return 0;
	if (sk->__sk_common.skc_family != AF_INET && sk->__sk_common.skc_family != AF_INET6)
		return 0;
	told = bpf_sk_storage_get(&tl_told, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (!told || *told == pid)
		return 0;
	*told = pid;
	tl_emit_owner(sk, bpf_get_socket_cookie(sk), TL_OWNER_USE);
	return 0;
}

/* accept() has put the new socket's file into the table: follow it to the socket. */
static __always_inline int tl_handle_accept(long fd)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task_btf();
	struct file **table = BPF_CORE_READ(task, files, fdt, fd);
	struct file *file = NULL;
	struct socket *socket;
	struct sock *sk;

	if (fd < 0 || bpf_probe_read_kernel(&file, sizeof(file), table + fd) || !file)
		return 0;
	socket = BPF_CORE_READ(file, private_data);
	sk = BPF_CORE_READ(socket, sk);
	if (!sk || BPF_CORE_READ(sk, sk_protocol) != IPPROTO_TCP)
		return 0;
	tl_emit_owner(sk, BPF_CORE_READ(sk, __sk_common.skc_cookie.counter), TL_OWNER_ACCEPT);
	return 0;
}

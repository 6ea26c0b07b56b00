/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whose connections: those of some processes, from the first segment to the last,
 * and of both ends where both are here.
 *
 * A process is known by its thread group, which its children inherit; a socket by
 * its cookie, from the moment when such a process connects, listens or uses it; a
 * connection by its two ends, from the moment when such a socket sends, or a SYN
 * comes for such a listener. Two things come too early to be judged: a connect()
 * of another process, and the SYN that it sends, which may be meant for a listener
 * of ours in another namespace. They go to user space undecided. All else of others
 * is cut here, at the cost of a lookup.
 */
#pragma once

#include "events.h"
#include "kernel.bpf.h"
#include "socket.bpf.h"

#define TL_SELECTED 65536 /* entries; user space makes the maps small if there is no choice */

const volatile bool tl_select = false;
const volatile bool tl_select_comm = false; /* by name; else by tl_processes */
const volatile __u64 tl_comm[TL_COMM_LEN / 8] = {};

enum tl_choice { TL_OTHERS, TL_OURS, TL_OPEN };

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, TL_SELECTED);
	__type(key, __u32); /* thread group */
	__type(value, __u8);
} tl_processes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, TL_SELECTED);
	__type(key, __u64); /* cookie */
	__type(value, __u8);
} tl_sockets SEC(".maps");

struct tl_listener {
	__u32 netns;
	__u16 port;
	__u16 reserved;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, TL_SELECTED);
	__type(key, struct tl_listener);
	__type(value, __u64); /* cookie of the latest */
} tl_listeners SEC(".maps");

/* Both directions are one. Addresses of loopback mean something in one namespace only. */
struct tl_flow {
	__u64 low[2];
	__u64 high[2];
	__u32 netns; /* 0: none of the addresses is loopback's */
	__u16 low_port;
	__u16 high_port;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, TL_SELECTED);
	__type(key, struct tl_flow);
	__type(value, __u8);
} tl_flows SEC(".maps");

static __always_inline bool tl_is_loopback(const __u8 *address, __u16 family)
{
	const __u32 *words = (const __u32 *)address;

	if (family == AF_INET)
		return address[0] == 127;
	return !words[0] && !words[1] && !words[2] && words[3] == bpf_htonl(1);
}

static __always_inline void tl_flow_of(struct tl_flow *flow, const struct tl_tuple *tuple,
				       __u32 netns)
{
	__u64 local[2], remote[2];
	bool swap;

	__builtin_memcpy(local, tuple->local, sizeof(local));
	__builtin_memcpy(remote, tuple->remote, sizeof(remote));
	swap = tuple->local_port > tuple->remote_port;
	if (tuple->local_port == tuple->remote_port)
		swap = local[0] > remote[0] || (local[0] == remote[0] && local[1] > remote[1]);
	flow->low[0] = swap ? remote[0] : local[0];
	flow->low[1] = swap ? remote[1] : local[1];
	flow->high[0] = swap ? local[0] : remote[0];
	flow->high[1] = swap ? local[1] : remote[1];
	flow->low_port = swap ? tuple->remote_port : tuple->local_port;
	flow->high_port = swap ? tuple->local_port : tuple->remote_port;
	flow->netns = tl_is_loopback(tuple->local, tuple->family) ||
				      tl_is_loopback(tuple->remote, tuple->family)
			      ? netns
			      : 0;
}

static __always_inline bool tl_our_flow(const struct tl_tuple *tuple, __u32 netns)
{
	struct tl_flow flow;

	tl_flow_of(&flow, tuple, netns);
	return bpf_map_lookup_elem(&tl_flows, &flow);
}

static __always_inline void tl_add_flow(const struct tl_tuple *tuple, __u32 netns)
{
	const __u8 one = 1;
	struct tl_flow flow;

	if (!tuple->local_port || !tuple->remote_port)
		return;
	tl_flow_of(&flow, tuple, netns);
	bpf_map_update_elem(&tl_flows, &flow, &one, BPF_ANY);
}

static __always_inline bool tl_our_socket(__u64 cookie)
{
	return cookie && bpf_map_lookup_elem(&tl_sockets, &cookie);
}

static __always_inline void tl_add_socket(__u64 cookie)
{
	const __u8 one = 1;

	if (cookie)
		bpf_map_update_elem(&tl_sockets, &cookie, &one, BPF_ANY);
}

static __always_inline bool tl_our_listener(__u32 netns, __u16 port)
{
	const struct tl_listener key = {.netns = netns, .port = port};

	return bpf_map_lookup_elem(&tl_listeners, &key);
}

static __always_inline void tl_add_listener(const struct tl_tuple *tuple, __u32 netns, __u64 cookie)
{
	const struct tl_listener key = {.netns = netns, .port = tuple->local_port};

	bpf_map_update_elem(&tl_listeners, &key, &cookie, BPF_ANY);
}

static __always_inline void tl_remove_listener(const struct tl_tuple *tuple, __u32 netns,
					       __u64 cookie)
{
	const struct tl_listener key = {.netns = netns, .port = tuple->local_port};
	const __u64 *latest = bpf_map_lookup_elem(&tl_listeners, &key);

	if (latest && *latest == cookie)
		bpf_map_delete_elem(&tl_listeners, &key);
}

static __always_inline bool tl_has_comm(struct task_struct *task)
{
	__u64 comm[TL_COMM_LEN / 8] = {};

	bpf_probe_read_kernel_str(comm, sizeof(comm), task->comm);
	return comm[0] == tl_comm[0] && comm[1] == tl_comm[1];
}

/* A thread may have a name of its own. */
static __always_inline bool tl_our_task(struct task_struct *task)
{
	const __u32 tgid = task->tgid;

	if (tl_select_comm)
		return tl_has_comm(task) || tl_has_comm(task->group_leader);
	return bpf_map_lookup_elem(&tl_processes, &tgid);
}

static __always_inline bool tl_we_act(void)
{
	return tl_our_task((struct task_struct *)bpf_get_current_task_btf());
}

/* Of retransmissions, resets and timers: their connection is known by then. */
static __always_inline bool tl_selected(const struct tl_tuple *tuple, __u32 netns)
{
	return !tl_select || tl_our_flow(tuple, netns);
}

/* The task is the actor where a socket begins to connect or to listen. */
static __always_inline enum tl_choice tl_select_state(const struct tl_tuple *tuple, __u32 netns,
						      __u64 cookie, int old_state, int new_state)
{
	const bool begins = new_state == TCP_SYN_SENT || new_state == TCP_LISTEN;
	bool ours;

	if (!tl_select)
		return TL_OURS;
	ours = tl_our_socket(cookie) || (begins && tl_we_act());
	if (!ours && new_state == TCP_SYN_SENT)
		return TL_OPEN;
	if (!ours)
		return tl_our_flow(tuple, netns) ? TL_OURS : TL_OTHERS;
	if (begins)
		tl_add_socket(cookie);
	if (new_state == TCP_LISTEN)
		tl_add_listener(tuple, netns, cookie);
	else if (old_state == TCP_LISTEN && new_state == TCP_CLOSE)
		tl_remove_listener(tuple, netns, cookie);
	return TL_OURS;
}

/* Somebody sends or receives through it. A socket may have been handed to us. */
static __always_inline bool tl_select_use(const struct tl_tuple *tuple, __u32 netns, __u64 cookie)
{
	if (!tl_select)
		return true;
	if (!tl_we_act())
		return tl_our_socket(cookie) || tl_our_flow(tuple, netns);
	tl_add_socket(cookie);
	tl_add_flow(tuple, netns);
	return true;
}

/*
 * `tuple` is the receiver's. A SYN starts a new connection, maybe between the same
 * ends. `arrives_here`: it is received, or sent over loopback.
 */
static __always_inline enum tl_choice tl_select_segment(const struct tl_tuple *tuple, __u32 netns,
							__u64 sender, bool syn, bool sent,
							bool arrives_here)
{
	struct tl_flow flow;

	if (!tl_select)
		return TL_OURS;
	tl_flow_of(&flow, tuple, netns);
	if (!syn && bpf_map_lookup_elem(&tl_flows, &flow))
		return TL_OURS;
	if (tl_our_socket(sender) ||
	    (syn && arrives_here && tl_our_listener(netns, tuple->local_port))) {
		tl_add_flow(tuple, netns);
		return TL_OURS;
	}
	if (!syn)
		return TL_OTHERS;
	if (!sent)
		return bpf_map_lookup_elem(&tl_flows, &flow) ? TL_OURS : TL_OTHERS;
	bpf_map_delete_elem(&tl_flows, &flow);
	return TL_OPEN;
}

/* A socket that was there before the trace. */
static __always_inline bool tl_select_seed(const struct tl_tuple *tuple, __u32 netns, __u64 cookie,
					   struct task_struct *owner, bool listens)
{
	if (!tl_select)
		return true;
	if (!tl_our_task(owner))
		return listens || tl_our_flow(tuple, netns);
	tl_add_socket(cookie);
	if (listens)
		tl_add_listener(tuple, netns, cookie);
	else
		tl_add_flow(tuple, netns);
	return true;
}

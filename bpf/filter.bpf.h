/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the user asked for, cut as early as possible. Set between open and load;
 * the verifier drops the tests of filters that are off.
 */
#pragma once

#include "events.h"
#include "kernel.bpf.h"

const volatile __u16 tl_port = 0;        /* host order, either end; 0: any */
const volatile __u16 tl_family = 0;      /* of the packets: AF_INET, AF_INET6; 0: any */
const volatile __u16 tl_host_family = 0; /* 0: any host */
const volatile __u32 tl_host[4] = {};    /* bytes of the wire, either end */
const volatile __u32 tl_netns = 0;       /* inode number; 0: any */
const volatile __u32 tl_other_netns = 0; /* beside tl_netns: this one, too */
const volatile __u32 tl_ifindex = 0;     /* segments only; 0: any */

static __always_inline bool tl_is_host(const __u8 *address, __u16 family)
{
	const __u32 *words = (const __u32 *)address;

	if (family != tl_host_family)
		return false;
	if (words[0] != tl_host[0])
		return false;
	return family == AF_INET ||
	       (words[1] == tl_host[1] && words[2] == tl_host[2] && words[3] == tl_host[3]);
}

static __always_inline bool tl_wanted_family(__u16 family)
{
	return !tl_family || family == tl_family;
}

static __always_inline bool tl_wanted_ports(__u16 one, __u16 other)
{
	return !tl_port || one == tl_port || other == tl_port;
}

static __always_inline bool tl_wanted_hosts(const __u8 *one, const __u8 *other, __u16 family)
{
	return !tl_host_family || tl_is_host(one, family) || tl_is_host(other, family);
}

static __always_inline bool tl_wanted_netns(__u32 netns)
{
	return !tl_netns || netns == tl_netns || (tl_other_netns && netns == tl_other_netns);
}

/*
 * A port that the kernel has not chosen yet may still become the right one, so
 * a 0 passes; user space looks again when it knows the connection.
 */
static __always_inline bool tl_wanted(const struct tl_tuple *tuple, __u32 netns)
{
	return tl_wanted_family(tuple->family) && tl_wanted_netns(netns) &&
	       (!tuple->local_port || tl_wanted_ports(tuple->local_port, tuple->remote_port)) &&
	       tl_wanted_hosts(tuple->local, tuple->remote, tuple->family);
}

/*
 * A listener on all addresses accepts for the one that was asked for, and one on
 * :: mostly IPv4, too.
 */
static __always_inline bool tl_wanted_listener(const struct tl_tuple *tuple, __u32 netns)
{
	const __u32 *local = (const __u32 *)tuple->local;

	if (!local[0] && !local[1] && !local[2] && !local[3])
		return tl_wanted_netns(netns) &&
		       tl_wanted_ports(tuple->local_port, tuple->remote_port);
	return tl_wanted(tuple, netns);
}

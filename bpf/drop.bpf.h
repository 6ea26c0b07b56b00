/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Segments that the kernel throws away. kfree_skb alone does not mean that: it
 * also frees a good FIN in TIME_WAIT (NOT_SPECIFIED) and what a closed socket had
 * not read (QUEUE_PURGE). So the reason decides, and user space says which.
 */
#pragma once

#include "filter.bpf.h"
#include "output.bpf.h"
#include "segment.bpf.h"
#include "socket.bpf.h"

#define TL_DROP_WORDS 4

/* A set of enum skb_drop_reason: those of a segment on its way. */
const volatile __u64 tl_drop_reasons[TL_DROP_WORDS] = {};
const volatile bool tl_drop_has_socket = false;

static __always_inline bool tl_is_drop(__u32 reason)
{
	__u32 word = reason / 64;

	if (word >= TL_DROP_WORDS)
		return false;
	barrier_var(word); /* or the compiler leaves out what the verifier wants to see */
	return tl_drop_reasons[word & (TL_DROP_WORDS - 1)] >> (reason % 64) & 1;
}

/*
 * Where it happened. A queue of TCP may have overwritten skb->dev, so whose
 * receiver is known is where that is. skb->sk may be either end's.
 */
static __always_inline __u32 tl_netns_of_drop(const struct sk_buff *skb, const struct sock *owner,
					      const struct sock *receiver,
					      const struct tl_packet *packet)
{
	if (receiver)
		return tl_netns_of(&receiver->__sk_common);
	if (owner &&
	    BPF_CORE_READ(owner, __sk_common.skc_dport) == bpf_htons(tl_source_port(packet)))
		return tl_netns_of(&owner->__sk_common);
	return BPF_CORE_READ(skb, dev, nd_net.net, ns.inum);
}

static __always_inline bool tl_drop_on_device(const struct sk_buff *skb)
{
	return !tl_ifindex || skb->skb_iif == (int)tl_ifindex ||
	       BPF_CORE_READ(skb, dev, ifindex) == (int)tl_ifindex;
}

static __always_inline int tl_handle_drop(struct sk_buff *skb, __u32 reason,
					  const struct sock *receiver)
{
	const __u16 protocol = skb->protocol;
	const struct sock *owner = skb->sk;
	struct tl_packet packet;
	struct tl_tuple tuple;
	struct tl_drop *event;
	__u32 offset, netns, bytes;
	__u64 cookie;

	if (protocol != bpf_htons(ETH_P_IP) && protocol != bpf_htons(ETH_P_IPV6))
		return 0;
	/* not set yet before the packet has reached the protocols */
	offset = skb->network_header ? skb->network_header : skb->data - skb->head;
	if (tl_read_packet(&packet, skb->head + offset, skb->tail - offset) <= 0)
		return 0;
	if (packet.tcp[12] >> 4 < TL_TCP_BYTES / 4 || !tl_drop_on_device(skb))
		return 0;
	netns = tl_netns_of_drop(skb, owner, receiver, &packet);
	if (!tl_wanted_packet(&packet, netns))
		return 0;
	tl_receiver_tuple(&tuple, &packet);
	cookie = owner ? BPF_CORE_READ(owner, __sk_common.skc_cookie.counter) : 0;
	if (!tl_selected(&tuple, netns) && !tl_our_socket(cookie))
		return 0;
	event = tl_reserve(sizeof(*event), TL_DROP, netns);
	if (!event)
		return 0;
	bytes = packet.header_bytes;
	event->skb = (__u64)skb;
	event->cookie = cookie;
	event->length = skb->len - (packet.start - skb->data);
	event->reason = reason;
	event->captured = bytes < TL_HEADERS_LARGE ? bytes : TL_HEADERS_LARGE;
	__builtin_memset(event->reserved, 0, sizeof(event->reserved));
	bpf_probe_read_kernel(event->headers, sizeof(event->headers), packet.start);
	tl_submit(event, TL_DROP);
	return 0;
}

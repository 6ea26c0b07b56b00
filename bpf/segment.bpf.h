/* SPDX-License-Identifier: GPL-2.0-only */
/* From a packet on its way to the bytes of its IP and TCP headers. */
#pragma once

#include "filter.bpf.h"
#include "output.bpf.h"
#include "select.bpf.h"
#include "socket.bpf.h"

#define TL_IPV4_BYTES 20
#define TL_IPV6_BYTES 40
#define TL_TCP_BYTES 20
#define TL_MAX_EXTENSIONS 4
#define TL_LOOPBACK 1       /* number of the device lo in every namespace */
#define TL_SMALLEST_GSO 500 /* no MSS that Linux uses by itself is below 536 */

/* The start of the packet, as far as the filter needs it. */
struct tl_packet {
	union {
		__u8 bytes[TL_HEADERS_SMALL];
		__u64 words[TL_HEADERS_SMALL / 8];
	};
	__u8 tcp[16];               /* the start of the TCP header */
	const unsigned char *start; /* of the IP header */
	__u32 tcp_offset;           /* from start */
	__u32 header_bytes;         /* IP and TCP, options included */
};

/* Hop-by-hop, routing, fragment, destination options: none in ordinary TCP. */
static __always_inline bool tl_skip_extensions(struct tl_packet *packet)
{
	__u8 next = packet->bytes[6];
	__u32 offset = TL_IPV6_BYTES;
	__u8 extension[4] = {};

	for (int i = 0; i < TL_MAX_EXTENSIONS; i++) {
		if (next == IPPROTO_TCP) {
			packet->tcp_offset = offset;
			return true;
		}
		if (next != 0 && next != 43 && next != 44 && next != 60)
			return false;
		if (bpf_probe_read_kernel(extension, sizeof(extension), packet->start + offset))
			return false;
		if (next == 44 && ((extension[2] << 8 | extension[3]) & 0xfff8))
			return false; /* not the first fragment: no TCP header in it */
		offset += next == 44 ? 8 : (extension[1] + 1) * 8;
		next = extension[0];
	}
	return false;
}

static __always_inline bool tl_find_tcp(struct tl_packet *packet)
{
	__u8 version = packet->bytes[0] >> 4;

	if (version == 4) {
		packet->tcp_offset = (packet->bytes[0] & 0xf) * 4;
		return packet->bytes[9] == IPPROTO_TCP &&
		       !((packet->bytes[6] << 8 | packet->bytes[7]) & 0x1fff);
	}
	if (version != 6)
		return false;
	packet->tcp_offset = TL_IPV6_BYTES;
	return packet->bytes[6] == IPPROTO_TCP || tl_skip_extensions(packet);
}

/*
 * Reads from `start` on. The read has a fixed size and may run past the packet
 * into the rest of its buffer; user space takes the header bytes only.
 * 1: TCP, 0: something else, -1: TCP headers not in the linear part.
 */
static __always_inline int tl_read_packet(struct tl_packet *packet, const unsigned char *start,
					  __u32 linear)
{
	packet->start = start;
	if (bpf_probe_read_kernel(packet->bytes, sizeof(packet->bytes), start))
		return -1;
	if (!tl_find_tcp(packet))
		return 0;
	if (packet->tcp_offset == TL_IPV4_BYTES)
		__builtin_memcpy(packet->tcp, packet->bytes + TL_IPV4_BYTES, sizeof(packet->tcp));
	else if (packet->tcp_offset == TL_IPV6_BYTES)
		__builtin_memcpy(packet->tcp, packet->bytes + TL_IPV6_BYTES, sizeof(packet->tcp));
	else if (bpf_probe_read_kernel(packet->tcp, sizeof(packet->tcp),
				       start + packet->tcp_offset))
		return -1;
	packet->header_bytes = packet->tcp_offset + (packet->tcp[12] >> 4) * 4;
	return packet->header_bytes <= linear ? 1 : -1;
}

static __always_inline __u16 tl_packet_family(const struct tl_packet *packet)
{
	return packet->bytes[0] >> 4 == 4 ? AF_INET : AF_INET6;
}

static __always_inline __u16 tl_source_port(const struct tl_packet *packet)
{
	return packet->tcp[0] << 8 | packet->tcp[1];
}

static __always_inline __u16 tl_destination_port(const struct tl_packet *packet)
{
	return packet->tcp[2] << 8 | packet->tcp[3];
}

static __always_inline bool tl_wanted_packet(const struct tl_packet *packet, __u32 netns)
{
	const __u16 family = tl_packet_family(packet);
	const __u8 *source = packet->bytes + (family == AF_INET ? 12 : 8);
	const __u8 *destination = packet->bytes + (family == AF_INET ? 16 : 24);

	return tl_wanted_ports(tl_source_port(packet), tl_destination_port(packet)) &&
	       tl_wanted_family(family) && tl_wanted_netns(netns) &&
	       tl_wanted_hosts(source, destination, family);
}

/* The ends as the receiver sees them. */
static __always_inline void tl_receiver_tuple(struct tl_tuple *tuple,
					      const struct tl_packet *packet)
{
	__builtin_memset(tuple, 0, sizeof(*tuple));
	tuple->family = tl_packet_family(packet);
	if (tuple->family == AF_INET) {
		__builtin_memcpy(tuple->remote, packet->bytes + 12, 4);
		__builtin_memcpy(tuple->local, packet->bytes + 16, 4);
	} else {
		__builtin_memcpy(tuple->remote, packet->bytes + 8, 16);
		__builtin_memcpy(tuple->local, packet->bytes + 24, 16);
	}
	tuple->remote_port = tl_source_port(packet);
	tuple->local_port = tl_destination_port(packet);
}

/*
 * Sent: the socket that sends, also where it is only a request (SYN+ACK) or a
 * TIME_WAIT socket: both are short structs, so nothing past sock_common is read
 * before the state is known. Received: skb->sk is nobody's (on veth it is the
 * sender's), so it is left alone.
 */
static __always_inline void tl_sender(struct tl_segment *segment, struct sk_buff *skb)
{
	struct sock *sk = skb->sk;

	segment->cookie = 0;
	segment->sk_state = 0;
	segment->tw_substate = 0;
	if (!(segment->direction & TL_SENT) || !sk)
		return;
	segment->cookie = sk->__sk_common.skc_cookie.counter;
	segment->sk_state = sk->__sk_common.skc_state;
	if (segment->sk_state == TCP_TIME_WAIT)
		segment->tw_substate = BPF_CORE_READ((struct inet_timewait_sock *)sk, tw_substate);
}

static __always_inline void tl_aggregate(struct tl_segment *segment, struct sk_buff *skb)
{
	struct skb_shared_info *shared = (void *)(skb->head + skb->end);

	segment->gso_size = 0;
	segment->gso_segs = 0;
	if (segment->length < TL_SMALLEST_GSO)
		return;
	segment->gso_size = BPF_CORE_READ(shared, gso_size);
	segment->gso_segs = BPF_CORE_READ(shared, gso_segs);
}

static __always_inline void tl_fill_segment(struct tl_segment *segment, struct sk_buff *skb,
					    struct tl_packet *packet, __u8 direction)
{
	segment->direction = direction; /* and TL_UNDECIDED */
	segment->skb = (__u64)skb;
	segment->length = skb->len - (packet->start - skb->data);
	segment->ifindex = skb->dev->ifindex;
	tl_sender(segment, skb);
	tl_aggregate(segment, skb);
}

static __always_inline void tl_emit_small(struct sk_buff *skb, struct tl_packet *packet,
					  __u8 direction, __u32 netns)
{
	struct tl_segment *segment = tl_reserve(sizeof(*segment), TL_SEGMENT, netns);

	if (!segment)
		return;
	tl_fill_segment(segment, skb, packet, direction);
	segment->captured = packet->header_bytes;
	__builtin_memcpy(segment->headers, packet->bytes, TL_HEADERS_SMALL);
	tl_submit(segment, TL_SEGMENT);
}

static __always_inline void tl_emit_large(struct sk_buff *skb, struct tl_packet *packet,
					  __u8 direction, __u32 netns)
{
	struct tl_segment_large *large = tl_reserve(sizeof(*large), TL_SEGMENT, netns);
	__u32 bytes = packet->header_bytes;

	if (!large)
		return;
	if (bytes > TL_HEADERS_LARGE)
		bytes = TL_HEADERS_LARGE;
	tl_fill_segment(&large->segment, skb, packet, direction);
	large->segment.captured = bytes;
	bpf_probe_read_kernel(large->segment.headers, TL_HEADERS_LARGE, packet->start);
	tl_submit(large, TL_SEGMENT);
}

/* Whether it is one of a connection that was asked for. */
static __always_inline enum tl_choice tl_choose(struct sk_buff *skb, struct tl_packet *packet,
						bool sent, __u32 netns)
{
	const bool syn = (packet->tcp[13] & 0x12) == 0x02;
	struct tl_tuple tuple;
	struct sock *sk = skb->sk;
	__u64 sender = 0;

	if (!tl_select)
		return TL_OURS;
	if (sent && sk)
		sender = sk->__sk_common.skc_cookie.counter;
	tl_receiver_tuple(&tuple, packet);
	return tl_select_segment(&tuple, netns, sender, syn, sent,
				 !sent || skb->dev->ifindex == TL_LOOPBACK);
}

/*
 * net_dev_queue fires in dev_queue_xmit(), above the queueing discipline and
 * before segmentation: a large send is one event. netif_receive_skb fires in
 * __netif_receive_skb_core() before the protocol handlers, when skb->data is at
 * the network header and network_header is not set yet.
 */
static __always_inline int tl_handle_segment(struct sk_buff *skb, __u8 direction)
{
	const bool sent = direction == TL_SENT;
	const __u16 protocol = skb->protocol;
	struct tl_packet packet;
	const unsigned char *start;
	enum tl_choice choice;
	__u32 offset, netns;
	int kind;

	if (protocol != bpf_htons(ETH_P_IP) && protocol != bpf_htons(ETH_P_IPV6))
		return 0;
	if (tl_ifindex && skb->dev->ifindex != (int)tl_ifindex)
		return 0;
	start = sent ? skb->head + skb->network_header : skb->data;
	offset = start - skb->head;
	kind = tl_read_packet(&packet, start, skb->tail - offset);
	if (kind == 0)
		return 0;
	netns = skb->dev->nd_net.net->ns.inum;
	if (kind < 0) {
		struct tl_counters *counters = tl_my_counters();

		if (counters)
			__sync_fetch_and_add(&counters->unreadable, 1);
		return 0;
	}
	if (!tl_wanted_packet(&packet, netns))
		return 0;
	choice = tl_choose(skb, &packet, sent, netns);
	if (choice == TL_OTHERS)
		return 0;
	if (choice == TL_OPEN)
		direction |= TL_UNDECIDED;
	if (packet.header_bytes <= TL_HEADERS_SMALL)
		tl_emit_small(skb, &packet, direction, netns);
	else
		tl_emit_large(skb, &packet, direction, netns);
	return 0;
}

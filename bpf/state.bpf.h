/* SPDX-License-Identifier: GPL-2.0-only */
/* State changes, retransmissions and resets: what a socket goes through. */
#pragma once

#include "filter.bpf.h"
#include "output.bpf.h"
#include "socket.bpf.h"

const volatile bool tl_take_stack = true;
const volatile __u32 tl_skip_frames = 0; /* of the tracing machinery itself */
const volatile bool tl_reset_has_reason = false;
const volatile bool tl_retransmit_has_error = false;

/*
 * The call chain is asked for only where more than one thing can make the
 * transition. The others have one way in the kernel: SYN_SENT is connect(),
 * CLOSE_WAIT a FIN, and so on.
 */
static __always_inline bool tl_needs_stack(int old_state, int new_state)
{
	return tl_take_stack && (new_state == TCP_CLOSE || new_state == TCP_FIN_WAIT1 ||
				 new_state == TCP_LAST_ACK);
}

static __always_inline void tl_sequence_numbers(struct tl_state *event, const struct sock *sk)
{
	struct tcp_sock *tcp = bpf_skc_to_tcp_sock((void *)sk);

	event->snd_una = tcp ? tcp->snd_una : 0;
	event->snd_nxt = tcp ? tcp->snd_nxt : 0;
	event->rcv_nxt = tcp ? tcp->rcv_nxt : 0;
}

static __always_inline void tl_fill_state(struct tl_state *event, const struct sock *sk,
					  const struct tl_tuple *tuple, int old_state,
					  int new_state)
{
	event->tuple = *tuple;
	tl_current_task(&event->task);
	event->cookie = bpf_get_socket_cookie((void *)sk);
	event->sk = (__u64)sk;
	tl_sequence_numbers(event, sk);
	event->error = sk->sk_err;
	event->old_state = old_state;
	event->new_state = new_state;
	event->depth = 0;
	__builtin_memset(event->reserved, 0, sizeof(event->reserved));
}

static __always_inline void tl_emit_state(const struct sock *sk, const struct tl_tuple *tuple,
					  __u32 netns, int old_state, int new_state)
{
	struct tl_state *event = tl_reserve(sizeof(*event), TL_STATE, netns);

	if (!event)
		return;
	tl_fill_state(event, sk, tuple, old_state, new_state);
	tl_submit(event, TL_STATE);
}

static __always_inline void tl_emit_state_stack(void *ctx, const struct sock *sk,
						const struct tl_tuple *tuple, __u32 netns,
						int old_state, int new_state)
{
	struct tl_state_stack *event = tl_reserve(sizeof(*event), TL_STATE, netns);
	long bytes;

	if (!event)
		return;
	tl_fill_state(&event->state, sk, tuple, old_state, new_state);
	bytes = bpf_get_stack(ctx, event->stack, sizeof(event->stack),
			      tl_skip_frames & BPF_F_SKIP_FIELD_MASK);
	event->state.depth = bytes > 0 ? bytes / sizeof(event->stack[0]) : 0;
	tl_submit(event, TL_STATE);
}

/*
 * Fires before the store, so sk_state still is the old state. Also fires for
 * MPTCP (262) and SCTP (132) sockets, and with old == new when shutdown() and
 * then close() are called: no change. The cookie is generated here, at the
 * first state change, and TIME_WAIT inherits it.
 */
static __always_inline int tl_handle_state(void *ctx, const struct sock *sk, int old_state,
					   int new_state)
{
	struct tl_tuple tuple;
	__u32 netns;

	if (sk->sk_protocol != IPPROTO_TCP || old_state == new_state)
		return 0;
	tl_tuple_of(&tuple, &sk->__sk_common, tl_local_port_of(sk));
	netns = tl_netns_of(&sk->__sk_common);
	if (!tl_wanted(&tuple, netns))
		return 0;
	if (tl_needs_stack(old_state, new_state))
		tl_emit_state_stack(ctx, sk, &tuple, netns, old_state, new_state);
	else
		tl_emit_state(sk, &tuple, netns, old_state, new_state);
	return 0;
}

/* Fires in __tcp_retransmit_skb() after the copy has gone down. */
static __always_inline int tl_handle_retransmit(const struct sock *sk, const struct sk_buff *skb,
						__s32 error)
{
	const struct tcp_skb_cb *sent = (const void *)&skb->cb[0];
	const struct inet_connection_sock *icsk = (const void *)sk;
	struct tl_tuple tuple;
	struct tl_retransmit *event;
	__u32 netns = tl_netns_of(&sk->__sk_common);

	tl_tuple_of(&tuple, &sk->__sk_common, tl_local_port_of(sk));
	if (!tl_wanted(&tuple, netns))
		return 0;
	event = tl_reserve(sizeof(*event), TL_RETRANSMIT, netns);
	if (!event)
		return 0;
	event->tuple = tuple;
	event->cookie = bpf_get_socket_cookie((void *)sk);
	event->seq = BPF_CORE_READ(sent, seq);
	event->end_seq = BPF_CORE_READ(sent, end_seq);
	event->error = error;
	event->state = sk->__sk_common.skc_state;
	event->timer = BPF_CORE_READ(icsk, icsk_pending);
	event->ca_state = BPF_CORE_READ_BITFIELD_PROBED(icsk, icsk_ca_state);
	event->count = BPF_CORE_READ(icsk, icsk_retransmits);
	tl_submit(event, TL_RETRANSMIT);
	return 0;
}

/* Fires in tcp_rtx_synack(), for the request socket that nobody else speaks of. */
static __always_inline int tl_handle_synack_retransmit(const struct request_sock *request)
{
	const struct tcp_request_sock *tcp_request = (const void *)request;
	struct tl_tuple tuple;
	struct tl_retransmit *event;
	__u32 netns = tl_netns_of(&request->__req_common);

	tl_tuple_of(&tuple, &request->__req_common,
		    BPF_CORE_READ(request, __req_common.skc_num));
	if (!tl_wanted(&tuple, netns))
		return 0;
	event = tl_reserve(sizeof(*event), TL_SYNACK_RETRANSMIT, netns);
	if (!event)
		return 0;
	event->tuple = tuple;
	event->cookie = BPF_CORE_READ(request, __req_common.skc_cookie.counter);
	event->seq = BPF_CORE_READ(tcp_request, snt_isn);
	event->end_seq = event->seq + 1;
	event->error = 0;
	event->state = TCP_NEW_SYN_RECV;
	event->timer = 0;
	event->ca_state = 0;
	event->count = BPF_CORE_READ_BITFIELD_PROBED(request, num_timeout);
	tl_submit(event, TL_SYNACK_RETRANSMIT);
	return 0;
}

static __always_inline void tl_emit_reset(const struct tl_tuple *tuple, __u32 netns, __u64 cookie,
					  __u8 state, __u8 direction, __u32 reason)
{
	struct tl_reset *event;

	if (!tl_wanted(tuple, netns))
		return;
	event = tl_reserve(sizeof(*event), TL_RESET, netns);
	if (!event)
		return;
	event->tuple = *tuple;
	event->cookie = cookie;
	event->reason = reason;
	event->direction = direction;
	event->state = state;
	event->has_reason = tl_reset_has_reason && direction == TL_SENT;
	event->reserved = 0;
	tl_submit(event, TL_RESET);
}

/* tcp_reset() ran: not for request or TIME_WAIT sockets, nor for refused RSTs. */
static __always_inline int tl_handle_receive_reset(struct sock *sk)
{
	struct tl_tuple tuple;

	tl_tuple_of(&tuple, &sk->__sk_common, tl_local_port_of(sk));
	tl_emit_reset(&tuple, tl_netns_of(&sk->__sk_common), bpf_get_socket_cookie(sk),
		      sk->__sk_common.skc_state, TL_RECEIVED, 0);
	return 0;
}

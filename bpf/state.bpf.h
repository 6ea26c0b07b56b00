/* SPDX-License-Identifier: GPL-2.0-only */
/* State changes, retransmissions and resets: what a socket goes through. */
#pragma once

#include "filter.bpf.h"
#include "output.bpf.h"
#include "select.bpf.h"
#include "owner.bpf.h"
#include "socket.bpf.h"

const volatile bool tl_take_stack = true;
const volatile __u32 tl_skip_frames = 0; /* of the tracing machinery itself */
const volatile bool tl_reset_has_reason = false;
const volatile bool tl_retransmit_has_error = false;

/* A state change on its way into a record. */
struct tl_change {
	const struct sock *sk;
	const struct tcp_sock *tcp;
	struct tl_tuple tuple;
	__u64 cookie;
	__u32 netns;
	__u8 undecided;
	int old_state;
	int new_state;
};

/* The system call that the process on the CPU is in; -1 outside of any. */
static __always_inline __u32 tl_current_syscall(void)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task_btf();
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);

	return (__u32)TL_SYSCALL_NR(regs);
}

/*
 * A connection ends in order when our FIN is acknowledged or, in FIN_WAIT2, the
 * peer's has come: then a segment did it, and nobody on the CPU.
 */
static __always_inline bool tl_ends_in_order(const struct tl_change *change)
{
	if (change->new_state != TCP_CLOSE || change->sk->sk_err)
		return false;
	if (change->old_state == TCP_LAST_ACK || change->old_state == TCP_CLOSING)
		return change->tcp->snd_una == change->tcp->snd_nxt;
	return change->old_state == TCP_FIN_WAIT2 &&
	       (change->sk->__sk_common.skc_flags >> SOCK_DONE & 1);
}

/* Whether the task on the CPU may be the one that makes the transition. */
static __always_inline bool tl_by_process(const struct tl_change *change)
{
	switch (change->new_state) {
	case TCP_LISTEN:
	case TCP_SYN_SENT:
	case TCP_FIN_WAIT1:
	case TCP_LAST_ACK:
		return true;
	case TCP_CLOSE:
		return !tl_ends_in_order(change);
	default:
		return false;
	}
}

/*
 * The call chain (1.3 us) is taken only where nothing cheaper tells the cause:
 * at a CLOSE out of order, and at a FIN that is sent from no plain call. The
 * other transitions have one way in the kernel.
 */
static __always_inline bool tl_needs_stack(const struct tl_change *change)
{
	struct task_struct *task;
	__u32 syscall;

	if (!tl_take_stack)
		return false;
	if (change->new_state == TCP_CLOSE)
		return !tl_ends_in_order(change);
	if (change->new_state != TCP_FIN_WAIT1 && change->new_state != TCP_LAST_ACK)
		return false;
	syscall = tl_current_syscall();
	if (syscall == TL_NR_CLOSE || syscall == TL_NR_SHUTDOWN)
		return false;
	task = (struct task_struct *)bpf_get_current_task_btf();
	return !(task->flags & PF_EXITING);
}

static __always_inline void tl_fill_state(struct tl_state *event, const struct tl_change *change)
{
	event->tuple = change->tuple;
	event->cookie = change->cookie;
	event->snd_una = change->tcp->snd_una;
	event->snd_nxt = change->tcp->snd_nxt;
	event->rcv_nxt = change->tcp->rcv_nxt;
	event->error = change->sk->sk_err;
	event->old_state = change->old_state;
	event->new_state = change->new_state;
	event->depth = 0;
	event->undecided = change->undecided;
	if (tl_by_process(change)) {
		tl_current_task(&event->task);
		if (change->new_state == TCP_SYN_SENT)
			tl_told_owner(event->cookie, event->task.pid);
		event->syscall = tl_current_syscall();
	} else {
		__builtin_memset(&event->task, 0, sizeof(event->task));
		event->syscall = TL_NO_SYSCALL;
	}
}

static __always_inline void tl_emit_state(const struct tl_change *change)
{
	struct tl_state *event = tl_reserve(sizeof(*event), TL_STATE, change->netns);

	if (!event)
		return;
	tl_fill_state(event, change);
	tl_submit(event, TL_STATE);
}

static __always_inline void tl_emit_state_stack(void *ctx, const struct tl_change *change)
{
	struct tl_state_stack *event = tl_reserve(sizeof(*event), TL_STATE, change->netns);
	long bytes;

	if (!event)
		return;
	tl_fill_state(&event->state, change);
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
	struct tl_change change = {.sk = sk, .old_state = old_state, .new_state = new_state};
	enum tl_choice choice;

	if (sk->sk_protocol != IPPROTO_TCP || old_state == new_state)
		return 0;
	change.tcp = bpf_skc_to_tcp_sock((void *)sk);
	if (!change.tcp)
		return 0;
	tl_tuple_of_sock(&change.tuple, sk, change.tcp);
	/* A socket that is used again still has its old inet_sport: only skc_num is bound. */
	if (new_state == TCP_SYN_SENT)
		change.tuple.local_port = sk->__sk_common.skc_num;
	change.netns = sk->__sk_common.skc_net.net->ns.inum;
	if (old_state == TCP_LISTEN || new_state == TCP_LISTEN
		    ? !tl_wanted_listener(&change.tuple, change.netns)
		    : !tl_wanted(&change.tuple, change.netns))
		return 0;
	change.cookie = bpf_get_socket_cookie((void *)sk);
	choice = tl_select_state(&change.tuple, change.netns, change.cookie, old_state, new_state);
	if (choice == TL_OTHERS)
		return 0;
	change.undecided = choice == TL_OPEN ? TL_UNDECIDED : 0;
	if (tl_needs_stack(&change))
		tl_emit_state_stack(ctx, &change);
	else
		tl_emit_state(&change);
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
	if (!tl_wanted(&tuple, netns) || !tl_selected(&tuple, netns))
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

	tl_tuple_of(&tuple, &request->__req_common, BPF_CORE_READ(request, __req_common.skc_num));
	if (!tl_wanted(&tuple, netns) || !tl_selected(&tuple, netns))
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

	if (!tl_wanted(tuple, netns) || !tl_selected(tuple, netns))
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

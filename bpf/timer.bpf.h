/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The timers of the mini-sockets. Linux keeps SYN_RECV in a request socket and
 * TIME_WAIT (often FIN_WAIT2, too) in a TIME_WAIT socket, and neither makes a
 * state event. Both have a timer, and the timer's life is theirs.
 *
 * These hooks fire for every timer of the machine: first compare the function.
 */
#pragma once

#include "filter.bpf.h"
#include "output.bpf.h"
#include "socket.bpf.h"

/* Static functions, found by user space in kallsyms; 1: not found, never equal. */
const volatile __u64 tl_request_timer = 1;
const volatile __u64 tl_time_wait_timer = 1;

static __always_inline void tl_emit_ministate(struct tl_tuple *tuple,
					      const struct sock_common *common,
					      struct timer_list *timer, __u8 mini, __u8 what,
					      __u8 substate, __u8 timeouts)
{
	__u32 netns = tl_netns_of(common);
	struct tl_ministate *event;

	if (!tl_wanted(tuple, netns))
		return;
	event = tl_reserve(sizeof(*event), TL_MINISTATE, netns);
	if (!event)
		return;
	event->tuple = *tuple;
	event->cookie = BPF_CORE_READ(common, skc_cookie.counter);
	event->timer = (__u64)timer;
	event->mini = mini;
	event->what = what;
	event->substate = substate;
	event->timeouts = timeouts;
	event->reserved = 0;
	tl_submit(event, TL_MINISTATE);
}

static __always_inline void tl_request(struct timer_list *timer, __u8 what)
{
	struct request_sock *request =
		(void *)timer - bpf_core_field_offset(struct request_sock, rsk_timer);
	const struct sock_common *common = (const void *)request;
	struct tl_tuple tuple;

	tl_tuple_of(&tuple, common, BPF_CORE_READ(common, skc_num));
	tl_emit_ministate(&tuple, common, timer, TL_MINI_REQUEST, what, 0,
			  BPF_CORE_READ_BITFIELD_PROBED(request, num_timeout));
}

static __always_inline void tl_time_wait(struct timer_list *timer, __u8 what)
{
	struct inet_timewait_sock *tw =
		(void *)timer - bpf_core_field_offset(struct inet_timewait_sock, tw_timer);
	const struct sock_common *common = (const void *)tw;
	struct tl_tuple tuple;

	tl_tuple_of(&tuple, common, bpf_ntohs(BPF_CORE_READ(tw, tw_sport)));
	tl_emit_ministate(&tuple, common, timer, TL_MINI_TIME_WAIT, what,
			  BPF_CORE_READ(tw, tw_substate), 0);
}

static __always_inline int tl_handle_timer(struct timer_list *timer, __u8 what)
{
	const __u64 function = (__u64)timer->function;

	if (function == tl_time_wait_timer)
		tl_time_wait(timer, what);
	else if (function == tl_request_timer)
		tl_request(timer, what);
	return 0;
}

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
#include "select.bpf.h"
#include "socket.bpf.h"

/* Static functions, found by user space in kallsyms; 1: not found, never equal. */
const volatile __u64 tl_request_timer = 1;
const volatile __u64 tl_time_wait_timer = 1;

/* With what both kinds have filled in; NULL: not wanted, or no room. */
static __always_inline struct tl_ministate *tl_reserve_ministate(const struct sock_common *common,
								 __u16 local_port,
								 struct timer_list *timer,
								 __u8 mini, __u8 what)
{
	__u32 netns = tl_netns_of(common);
	struct tl_ministate *event;
	struct tl_tuple tuple;

	tl_tuple_of(&tuple, common, local_port);
	if (!tl_wanted(&tuple, netns) || !tl_selected(&tuple, netns))
		return NULL;
	event = tl_reserve(sizeof(*event), TL_MINISTATE, netns);
	if (!event)
		return NULL;
	event->tuple = tuple;
	event->cookie = BPF_CORE_READ(common, skc_cookie.counter);
	event->timer = (__u64)timer;
	event->mini = mini;
	event->what = what;
	event->substate = 0;
	event->timeouts = 0;
	event->reserved = 0;
	event->listener_cookie = 0;
	return event;
}

static __always_inline void tl_request(struct timer_list *timer, __u8 what)
{
	struct request_sock *request =
		(void *)timer - bpf_core_field_offset(struct request_sock, rsk_timer);
	const struct sock_common *common = (const void *)request;
	struct tl_ministate *event = tl_reserve_ministate(common, BPF_CORE_READ(common, skc_num),
							  timer, TL_MINI_REQUEST, what);

	if (!event)
		return;
	event->timeouts = BPF_CORE_READ_BITFIELD_PROBED(request, num_timeout);
	event->listener_cookie =
		BPF_CORE_READ(common, skc_listener, __sk_common.skc_cookie.counter);
	tl_submit(event, TL_MINISTATE);
}

static __always_inline void tl_time_wait(struct timer_list *timer, __u8 what)
{
	struct inet_timewait_sock *tw =
		(void *)timer - bpf_core_field_offset(struct inet_timewait_sock, tw_timer);
	struct tl_ministate *event =
		tl_reserve_ministate((const void *)tw, bpf_ntohs(BPF_CORE_READ(tw, tw_sport)),
				     timer, TL_MINI_TIME_WAIT, what);

	if (!event)
		return;
	event->substate = BPF_CORE_READ(tw, tw_substate);
	tl_submit(event, TL_MINISTATE);
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

// SPDX-License-Identifier: GPL-2.0-only
/* One program per hook; the work is in the headers. */
#include "events.h"
#include "kernel.bpf.h"

#include "drop.bpf.h"
#include "filter.bpf.h"
#include "output.bpf.h"
#include "owner.bpf.h"
#include "segment.bpf.h"
#include "select.bpf.h"
#include "socket.bpf.h"
#include "state.bpf.h"
#include "timer.bpf.h"

/*
 * The kernel does not run a program inside itself on one CPU: it skips it. Most
 * hooks fire where soft interrupts are off, but connect(), listen() and close()
 * change the state with them on, and a segment that arrives just then changes
 * another socket's. So interrupts wait while the program runs (since 6.14).
 * Older kernels get a second program, which is not running while the first is,
 * and acts only then; but a program more costs 0.1 us at each state change.
 */
extern void bpf_local_irq_save(unsigned long *flags) __weak __ksym;
extern void bpf_local_irq_restore(unsigned long *flags) __weak __ksym;

const volatile bool tl_irq_save = false;

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(tl_set_state, const struct sock *sk, int old_state, int new_state)
{
	struct tl_counters *counters;
	unsigned long flags;

	if (tl_irq_save) {
		bpf_local_irq_save(&flags);
		tl_handle_state(ctx, sk, old_state, new_state);
		bpf_local_irq_restore(&flags);
		return 0;
	}
	counters = tl_my_counters();
	if (!counters)
		return 0;
	counters->in_state = 1;
	barrier();
	tl_handle_state(ctx, sk, old_state, new_state);
	barrier();
	counters->in_state = 0;
	return 0;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(tl_set_state_nested, const struct sock *sk, int old_state, int new_state)
{
	struct tl_counters *counters = tl_my_counters();

	if (!counters || !*(volatile __u64 *)&counters->in_state)
		return 0;
	__sync_fetch_and_add(&counters->nested, 1);
	return tl_handle_state(ctx, sk, old_state, new_state);
}

SEC("tp_btf/net_dev_queue")
int BPF_PROG(tl_sent, struct sk_buff *skb)
{
	return tl_handle_segment(skb, TL_SENT);
}

SEC("tp_btf/netif_receive_skb")
int BPF_PROG(tl_received, struct sk_buff *skb)
{
	return tl_handle_segment(skb, TL_RECEIVED);
}

/* The third argument is there since 6.17: not in the signature, as older kernels refuse it. */
SEC("tp_btf/tcp_retransmit_skb")
int BPF_PROG(tl_retransmit_skb, const struct sock *sk, const struct sk_buff *skb)
{
	return tl_handle_retransmit(sk, skb, tl_retransmit_has_error ? (__s32)ctx[2] : 0);
}

SEC("tp_btf/tcp_retransmit_synack")
int BPF_PROG(tl_retransmit_synack, const struct sock *sk, const struct request_sock *request)
{
	return tl_handle_synack_retransmit(request);
}

/*
 * A reset about no socket, or about one that is only a request or in TIME_WAIT,
 * is known by the segment that provoked it; an active one has no such segment.
 */
SEC("tp_btf/tcp_send_reset")
int BPF_PROG(tl_send_reset, const struct sock *sk, const struct sk_buff *skb)
{
	__u32 reason = tl_reset_has_reason ? (__u32)ctx[2] : 0;
	struct tl_packet packet;
	struct tl_tuple tuple;
	__u64 cookie = 0;
	__u32 netns = 0;
	__u8 state = 0;

	if (sk) {
		netns = tl_netns_of(&sk->__sk_common);
		cookie = bpf_get_socket_cookie((void *)sk);
		state = sk->__sk_common.skc_state;
	}
	if (skb) {
		const struct sk_buff *received = skb;
		const unsigned char *head = received->head;
		const __u32 offset = received->network_header;

		if (tl_read_packet(&packet, head + offset, received->tail - offset) <= 0)
			return 0;
		tl_receiver_tuple(&tuple, &packet);
		if (!sk) /* otherwise tcp_v4_rcv() may have cleared skb->dev already */
			netns = received->dev->nd_net.net->ns.inum;
		tl_emit_reset(&tuple, netns, cookie, state, TL_SENT, reason);
	} else if (sk) {
		tl_tuple_of(&tuple, &sk->__sk_common, tl_local_port_of(sk));
		tl_emit_reset(&tuple, netns, cookie, state, TL_SENT, reason);
	}
	return 0;
}

SEC("tp_btf/tcp_receive_reset")
int BPF_PROG(tl_receive_reset, struct sock *sk)
{
	return tl_handle_receive_reset(sk);
}

/* With a reason since 5.17, with the receiving socket since 6.11. */
SEC("tp_btf/kfree_skb")
int BPF_PROG(tl_dropped, struct sk_buff *skb, void *location, __u32 reason)
{
	if (!tl_is_drop(reason))
		return 0;
	return tl_handle_drop(skb, reason, tl_drop_has_socket ? (struct sock *)ctx[3] : NULL);
}

SEC("tp_btf/timer_start")
int BPF_PROG(tl_timer_start, struct timer_list *timer)
{
	return tl_handle_timer(timer, TL_TIMER_START);
}

SEC("tp_btf/timer_expire_entry")
int BPF_PROG(tl_timer_expire, struct timer_list *timer)
{
	return tl_handle_timer(timer, TL_TIMER_EXPIRE);
}

SEC("tp_btf/timer_cancel")
int BPF_PROG(tl_timer_cancel, struct timer_list *timer)
{
	return tl_handle_timer(timer, TL_TIMER_CANCEL);
}

SEC("tp_btf/sock_send_length")
int BPF_PROG(tl_send_length, struct sock *sk)
{
	return tl_handle_use(sk);
}

SEC("tp_btf/sock_recv_length")
int BPF_PROG(tl_recv_length, struct sock *sk)
{
	return tl_handle_use(sk);
}

/* Children are followed from before they run. Both only where processes were chosen. */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(tl_forked, struct task_struct *parent, struct task_struct *child)
{
	const __u32 tgid = parent->tgid, born = child->tgid;
	const __u8 one = 1;

	if (tgid != born && bpf_map_lookup_elem(&tl_processes, &tgid))
		bpf_map_update_elem(&tl_processes, &born, &one, BPF_ANY);
	return 0;
}

/* The files are closed after this: by then the sockets are known by themselves. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(tl_exited, struct task_struct *task)
{
	const __u32 tgid = task->tgid;

	if (!task->signal->live.counter) /* the last thread */
		bpf_map_delete_elem(&tl_processes, &tgid);
	return 0;
}

/* Read once after the others are attached: the sockets that are older than the trace. */
SEC("iter/task_file")
int tl_seed(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct tl_owner event = {};
	struct socket *socket;
	struct sock *sk;
	bool listens;

	if (!task || !file || task->pid != task->tgid)
		return 0;
	socket = (struct socket *)bpf_sock_from_file(file);
	if (!socket)
		return 0;
	sk = socket->sk;
	if (!sk || sk->sk_protocol != IPPROTO_TCP)
		return 0;
	tl_tuple_of(&event.tuple, &sk->__sk_common, tl_local_port_of(sk));
	event.header.netns = tl_netns_of(&sk->__sk_common);
	event.state = sk->__sk_common.skc_state;
	listens = event.state == TCP_LISTEN;
	if (listens ? !tl_wanted_listener(&event.tuple, event.header.netns)
		    : !tl_wanted(&event.tuple, event.header.netns))
		return 0;
	event.cookie = bpf_get_socket_cookie(sk);
	if (!tl_select_seed(&event.tuple, event.header.netns, event.cookie, task, listens))
		return 0;
	event.header.ktime_ns = bpf_ktime_get_ns();
	event.header.size = sizeof(event);
	event.header.kind = TL_OWNER;
	event.header.version = TL_EVENT_VERSION;
	event.task.pid = task->tgid;
	event.task.tid = task->pid;
	event.task.uid = task->cred->uid.val;
	bpf_probe_read_kernel_str(event.task.comm, sizeof(event.task.comm), task->comm);
	event.how = TL_OWNER_SEED;
	bpf_seq_write(ctx->meta->seq, &event, sizeof(event));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All that we read of the kernel. Only the fields that we touch, by name: CO-RE
 * moves the offsets to those of the running kernel when the program is loaded,
 * so the binary does not depend on the machine that built it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define AF_INET 2
#define AF_INET6 10
#define IPPROTO_TCP 6
#define ETH_P_IP 0x0800
#define ETH_P_IPV6 0x86DD

/* include/net/tcp_states.h */
#define TCP_ESTABLISHED 1
#define TCP_SYN_SENT 2
#define TCP_SYN_RECV 3
#define TCP_FIN_WAIT1 4
#define TCP_FIN_WAIT2 5
#define TCP_TIME_WAIT 6
#define TCP_CLOSE 7
#define TCP_LAST_ACK 9
#define TCP_LISTEN 10
#define TCP_CLOSING 11
#define TCP_NEW_SYN_RECV 12

#define PF_EXITING 0x00000004 /* include/linux/sched.h */
#define SOCK_DONE 1           /* bit of skc_flags, include/net/sock.h: the peer's FIN came */

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common {
	unsigned int inum;
};

struct net {
	struct ns_common ns;
};

typedef struct {
	struct net *net;
} possible_net_t;

struct in6_addr {
	union {
		__u8 u6_addr8[16];
		__be32 u6_addr32[4];
	} in6_u;
};

typedef struct {
	long long counter;
} atomic64_t;

struct sock;

struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
	atomic64_t skc_cookie;
	unsigned long skc_flags;   /* shares its place with the next: */
	struct sock *skc_listener; /* of a request socket */
};

struct sock {
	struct sock_common __sk_common;
	int sk_err;
	__u16 sk_protocol;
};

struct inet_sock {
	struct sock sk;
	__be16 inet_sport;
};

struct inet_connection_sock {
	struct inet_sock icsk_inet;
	__u8 icsk_pending;
	__u8 icsk_retransmits;
	__u8 icsk_ca_state : 5;
};

struct tcp_sock {
	struct inet_connection_sock inet_conn;
	__u32 rcv_nxt;
	__u32 snd_nxt;
	__u32 snd_una;
};

struct hlist_node {
	struct hlist_node *next;
};

struct timer_list {
	struct hlist_node entry;
	void (*function)(struct timer_list *timer);
};

struct request_sock {
	struct sock_common __req_common;
	__u8 num_timeout : 7;
	struct timer_list rsk_timer;
};

struct inet_timewait_sock {
	struct sock_common __tw_common;
	unsigned char tw_substate;
	__be16 tw_sport;
	struct timer_list tw_timer;
};

struct inet_request_sock {
	struct request_sock req;
};

struct tcp_request_sock {
	struct inet_request_sock req;
	__u32 snt_isn;
};

struct net_device {
	int ifindex;
	possible_net_t nd_net;
};

struct sk_buff {
	struct net_device *dev;
	struct sock *sk;
	char cb[48];
	unsigned int len;
	int skb_iif;
	__be16 protocol;
	__u16 network_header;
	__u16 transport_header;
	unsigned int tail;
	unsigned int end;
	unsigned char *head;
	unsigned char *data;
	unsigned int data_len;
};

/* What TCP keeps in skb->cb while the segment is in its send queue. */
struct tcp_skb_cb {
	__u32 seq;
	__u32 end_seq;
};

struct skb_shared_info {
	unsigned short gso_size;
	unsigned short gso_segs;
};

struct socket {
	struct sock *sk;
};

typedef struct {
	__u32 val;
} kuid_t;

struct cred {
	kuid_t uid;
};

typedef struct {
	int counter;
} atomic_t;

struct signal_struct {
	atomic_t live;
};

struct task_struct {
	unsigned int flags;
	int pid;
	int tgid;
	struct task_struct *group_leader;
	struct signal_struct *signal;
	const struct cred *cred;
	char comm[16];
};

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long orig_ax;
};
#define TL_SYSCALL_NR(regs) ((regs)->orig_ax)
#define TL_NR_CLOSE 3
#define TL_NR_SHUTDOWN 48
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
	int syscallno;
};
#define TL_SYSCALL_NR(regs) ((regs)->syscallno)
#define TL_NR_CLOSE 57
#define TL_NR_SHUTDOWN 210
#endif

struct seq_file {
	void *private;
};

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct file;

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
};

#pragma clang attribute pop

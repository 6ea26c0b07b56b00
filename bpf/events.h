/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the kernel side sends to user space: the only file that both compile.
 *
 * Plain C, fixed-width fields, ordered by size, named padding, no pointers that
 * anybody may follow. Times are CLOCK_MONOTONIC nanoseconds. Ports, sequence
 * numbers and lengths are in host order; addresses and `headers` are the bytes
 * of the wire. A change of layout raises TL_EVENT_VERSION.
 */
#pragma once

#include <linux/types.h>

#ifdef __cplusplus
#define TL_ASSERT_SIZE(type, bytes) static_assert(sizeof(struct type) == (bytes))
#else
#define TL_ASSERT_SIZE(type, bytes) _Static_assert(sizeof(struct type) == (bytes), #type)
#endif

#define TL_EVENT_VERSION 1

#define TL_COMM_LEN 16 /* TASK_COMM_LEN, includes the NUL */
#define TL_MAX_STACK 6
#define TL_HEADERS_SMALL 64  /* IPv4 and 44 bytes of TCP: most segments */
#define TL_HEADERS_LARGE 160 /* IPv6 with extension headers and 60 bytes of TCP */

enum tl_kind {
	TL_SEGMENT = 1,
	TL_STATE,
	TL_RETRANSMIT,
	TL_SYNACK_RETRANSMIT,
	TL_RESET,
	TL_MINISTATE,
	TL_OWNER,
	TL_DROP,
	TL_KINDS, /* one past the last */
};

/* Every record starts with this. */
struct tl_header {
	__u64 ktime_ns; /* taken after the record was reserved in the ring */
	__u32 lost;     /* records of all kinds lost before this one, wraps */
	__u32 netns;    /* inode number of the network namespace */
	__u16 size;     /* of the whole record, bytes */
	__u16 cpu;
	__u8 kind;    /* enum tl_kind */
	__u8 version; /* TL_EVENT_VERSION */
	/*
	 * ktime_ns minus this is a time before the place in the ring was taken:
	 * all records behind this one are younger. TL_NO_BOUND: not measured.
	 */
	__u16 bound_ns;
};
TL_ASSERT_SIZE(tl_header, 24);

#define TL_NO_BOUND 0xffff
#define TL_NO_SYSCALL 0xffffffffU

/* A socket's two ends. A port that the kernel has not chosen yet is 0. */
struct tl_tuple {
	__u8 local[16]; /* IPv4: the first four bytes */
	__u8 remote[16];
	__u16 local_port;
	__u16 remote_port;
	__u16 family; /* AF_INET or AF_INET6 (then maybe an IPv4-mapped address) */
	__u16 reserved;
};
TL_ASSERT_SIZE(tl_tuple, 40);

/* The task on the CPU: the actor only where the kernel runs for a process. */
struct tl_task {
	__u32 pid; /* thread group, in the initial pid namespace */
	__u32 tid;
	__u32 uid;   /* initial user namespace */
	__u32 flags; /* TL_TASK_* */
	char comm[TL_COMM_LEN];
};
TL_ASSERT_SIZE(tl_task, 32);

#define TL_TASK_EXITING 1U /* in do_exit(): its files are being closed */

enum tl_direction { TL_SENT = 1, TL_RECEIVED = 2 };

/*
 * Beside the direction of a SYN: it is another process's, and shows only if it comes
 * to one that was asked for (bpf/select.bpf.h).
 */
#define TL_UNDECIDED 0x80

struct tl_segment {
	struct tl_header header;
	__u64 cookie; /* of the sending socket; 0: unknown, or a received segment */
	__u64 skb;    /* identifies one sk_buff while it travels; reused later */
	__u32 length; /* from the IP header on, without link layer padding known to IP */
	__u32 ifindex;
	__u16 gso_size;   /* payload bytes per segment of an aggregate; 0: a plain segment */
	__u16 gso_segs;   /* how many, 0 where the kernel did not count */
	__u8 direction;   /* enum tl_direction, and TL_UNDECIDED */
	__u8 sk_state;    /* state of the sending socket, 0: no socket known */
	__u8 tw_substate; /* with sk_state TIME_WAIT: FIN_WAIT2 or TIME_WAIT */
	__u8 captured;    /* valid bytes in headers */
	__u8 headers[TL_HEADERS_SMALL]; /* may go on up to TL_HEADERS_LARGE: see header.size */
};
TL_ASSERT_SIZE(tl_segment, 56 + TL_HEADERS_SMALL);

struct tl_segment_large {
	struct tl_segment segment;
	__u8 more_headers[TL_HEADERS_LARGE - TL_HEADERS_SMALL];
};
TL_ASSERT_SIZE(tl_segment_large, 56 + TL_HEADERS_LARGE);

/*
 * task is all zero where the kernel makes the transition for a segment: then the
 * task on the CPU has nothing to do with it.
 */
struct tl_state {
	struct tl_header header;
	struct tl_tuple tuple;
	struct tl_task task;
	__u64 cookie;
	__u32 snd_una;
	__u32 snd_nxt;
	__u32 rcv_nxt;
	__u32 error; /* sk_err: an errno, 0 if none */
	__u8 old_state;
	__u8 new_state;
	__u8 depth;     /* entries in the stack behind it, 0: no call chain taken */
	__u8 undecided; /* TL_UNDECIDED or 0: as with the SYN that follows */
	__u32 syscall;  /* number, where a process makes the transition; TL_NO_SYSCALL */
};
TL_ASSERT_SIZE(tl_state, 128);

struct tl_state_stack {
	struct tl_state state;
	__u64 stack[TL_MAX_STACK]; /* return addresses, innermost first */
};
TL_ASSERT_SIZE(tl_state_stack, 128 + 8 * TL_MAX_STACK);

/* TL_RETRANSMIT and TL_SYNACK_RETRANSMIT. Fires after the segment's own event. */
struct tl_retransmit {
	struct tl_header header;
	struct tl_tuple tuple;
	__u64 cookie;
	__u32 seq;
	__u32 end_seq; /* one past the last, SYN and FIN count one */
	__s32 error;   /* what sending returned; 0 before 6.17 */
	__u8 state;
	__u8 timer;    /* icsk_pending: 1 RTO, 3 probe, 5 TLP, 6 reordering; 0 none */
	__u8 ca_state; /* 0 open, 1 disorder, 2 CWR, 3 recovery, 4 loss */
	__u8 count;    /* retransmissions (SYN+ACK: timeouts) so far */
};
TL_ASSERT_SIZE(tl_retransmit, 88);

struct tl_reset {
	struct tl_header header;
	struct tl_tuple tuple; /* local: the end that the event is about */
	__u64 cookie;          /* 0: no socket */
	__u32 reason;          /* enum sk_rst_reason of the running kernel, see has_reason */
	__u8 direction;        /* enum tl_direction */
	__u8 state;
	__u8 has_reason;
	__u8 reserved;
};
TL_ASSERT_SIZE(tl_reset, 80);

enum tl_mini { TL_MINI_REQUEST = 1, TL_MINI_TIME_WAIT = 2 };
enum tl_timer { TL_TIMER_START = 1, TL_TIMER_EXPIRE = 2, TL_TIMER_CANCEL = 3 };

/* The timer of a mini-socket: the only trace that SYN_RECV and TIME_WAIT leave. */
struct tl_ministate {
	struct tl_header header;
	struct tl_tuple tuple;
	__u64 cookie;  /* TIME_WAIT: the socket's own; request: mostly 0 */
	__u64 timer;   /* identifies the timer while it lives; reused later */
	__u8 mini;     /* enum tl_mini */
	__u8 what;     /* enum tl_timer */
	__u8 substate; /* TIME_WAIT: FIN_WAIT2 or TIME_WAIT */
	__u8 timeouts; /* request: SYN+ACK timeouts so far */
	__u32 reserved;
	__u64 listener_cookie; /* request: its listener's */
};
TL_ASSERT_SIZE(tl_ministate, 96);

enum tl_owner_how {
	TL_OWNER_USE = 1,  /* sent or received through it */
	TL_OWNER_SEED = 2, /* held it open when the trace began */
};

struct tl_owner {
	struct tl_header header;
	struct tl_tuple tuple;
	struct tl_task task;
	__u64 cookie;
	__u8 how; /* enum tl_owner_how */
	__u8 state;
	__u8 reserved[6];
};
TL_ASSERT_SIZE(tl_owner, 112);

/* A segment that the kernel threw away, with its headers. */
struct tl_drop {
	struct tl_header header;
	__u64 skb;     /* as in tl_segment */
	__u64 cookie;  /* of the socket that the skb belonged to, at either end; 0: none */
	__u32 length;  /* from the IP header on */
	__u32 reason;  /* enum skb_drop_reason of the running kernel */
	__u8 captured; /* valid bytes in headers */
	__u8 reserved[7];
	__u8 headers[TL_HEADERS_LARGE];
};
TL_ASSERT_SIZE(tl_drop, 56 + TL_HEADERS_LARGE);

/* Per CPU, read by user space: sent + lost of a kind is all that was seen of it. */
struct tl_counters {
	__u64 sent[TL_KINDS];
	__u64 lost[TL_KINDS];
	__u64 unreadable; /* segments whose headers were not in the linear part */
	__u64 nested;     /* state changes inside another one, see tl_set_state_nested */
	__u64 in_state;   /* the first state program is running on this CPU */
};

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one ring buffer to user space.
 *
 * A wake-up of the consumer costs more than all the rest (it alone quarters the
 * connection rate of a busy server), so records are submitted without one. The
 * consumer comes by itself on a timer; it is woken only when the ring fills up.
 */
#pragma once

#include "events.h"
#include "kernel.bpf.h"

#define TL_LOOK_EVERY 64 /* records per CPU between two looks at the fill level */

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 * 1024 * 1024); /* set by user space before load */
} tl_ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tl_counters);
} tl_counters SEC(".maps");

const volatile __u64 tl_wake_bytes = 4 * 1024 * 1024;

/* Of all kinds and CPUs. Each record carries it, which shows where a loss was. */
__u32 tl_lost_total;

static __always_inline struct tl_counters *tl_my_counters(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&tl_counters, &zero);
}

/* Once in a while: is the ring filling up, and up to when is it complete? */
static __always_inline bool tl_looks_now(const struct tl_counters *counters, __u8 kind)
{
	return (counters->sent[kind] & (TL_LOOK_EVERY - 1)) == 0;
}

/*
 * The time is taken after the place in the ring. So whatever gets its place
 * later than some moment is younger than that moment, and the consumer can sort
 * without guessing a window: up to the moment at which it found the ring empty,
 * or a time read before one of the records took its place (bound_ns).
 * Interrupts nest inside this function, so the counters of one CPU need atomics.
 */
static __always_inline void *tl_reserve(__u64 size, __u8 kind, __u32 netns)
{
	struct tl_counters *counters = tl_my_counters();
	struct tl_header *header;
	__u64 before = 0;

	if (counters && tl_looks_now(counters, kind))
		before = bpf_ktime_get_ns();
	header = bpf_ringbuf_reserve(&tl_ring, size, 0);
	if (!header) {
		__sync_fetch_and_add(&tl_lost_total, 1);
		if (counters)
			__sync_fetch_and_add(&counters->lost[kind], 1);
		return NULL;
	}
	if (counters)
		__sync_fetch_and_add(&counters->sent[kind], 1);
	header->ktime_ns = bpf_ktime_get_ns();
	header->lost = *(volatile __u32 *)&tl_lost_total;
	header->netns = netns;
	header->size = size;
	header->cpu = bpf_get_smp_processor_id();
	header->kind = kind;
	header->version = TL_EVENT_VERSION;
	header->bound_ns = TL_NO_BOUND;
	if (before && header->ktime_ns - before < TL_NO_BOUND)
		header->bound_ns = header->ktime_ns - before;
	return header;
}

static __always_inline void tl_submit(void *record, __u8 kind)
{
	struct tl_counters *counters = tl_my_counters();
	__u64 flags = BPF_RB_NO_WAKEUP;

	if (counters && tl_looks_now(counters, kind) &&
	    bpf_ringbuf_query(&tl_ring, BPF_RB_AVAIL_DATA) > tl_wake_bytes)
		flags = BPF_RB_FORCE_WAKEUP;
	bpf_ringbuf_submit(record, flags);
}

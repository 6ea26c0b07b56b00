// SPDX-License-Identifier: GPL-2.0-only
//
// The limit of what a BPF tracer can reach: the three hooks that states and segments need, with
// nothing behind them. No headers, so that nothing but a compiler is needed to build it.

#define SEC(name) __attribute__((section(name), used))

char _license[] SEC("license") = "GPL";

SEC("tp_btf/inet_sock_set_state")
int empty_state(void* ctx) {
    (void)ctx;
    return 0;
}

SEC("tp_btf/net_dev_queue")
int empty_sent(void* ctx) {
    (void)ctx;
    return 0;
}

SEC("tp_btf/netif_receive_skb")
int empty_received(void* ctx) {
    (void)ctx;
    return 0;
}

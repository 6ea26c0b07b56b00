#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Two hosts (namespaces with a cable between them) are recorded each on its own; one recording gets
# another clock. Merged, they are the timeline by the true clock.
#
#   tests/privileged/merge.sh BIN_DIR
. "$(dirname "$0")/lib.sh"
begin "$@"
tcpladder=$bin/tcpladder

ip netns add "tl-$$-peer"
defer ip netns del "tl-$$-peer"
peer=(ip netns exec "tl-$$-peer")
ip link add near type veth peer name far netns "tl-$$-peer"
ip addr add 192.0.2.1/24 dev near
ip link set near up
"${peer[@]}" ip addr add 192.0.2.2/24 dev far
"${peer[@]}" ip link set far up
"${peer[@]}" ip link set lo up

start near "$tcpladder" trace --all -i near -w "$scratch/near.pcapng" -f none
start far "${peer[@]}" "$tcpladder" trace --all -i far -w "$scratch/far.pcapng" -f none
wait_until "the tracer of this host runs" says "$scratch/near.err" "tracing all"
wait_until "the tracer of the peer runs" says "$scratch/far.err" "tracing all"
start server "${peer[@]}" "$bin/daytime-server" --address 192.0.2.2 --port "$port" --pause 1ms
listens() { [ -n "$("$@" ss -tlnH "sport = :$port")" ]; } # [PREFIX…]
wait_until "the server listens" listens "${peer[@]}"
start client "$bin/daytime-client" --address 192.0.2.2 --port "$port" --repeat 300 --quiet
finish client
expect_status 0 client
for name in near far; do
    kill -INT "${pids[$name]}"
    finish "$name"
    expect_status 0 "$name"
done

run_show() { # NAME FILE…: what it prints goes to NAME.json and NAME.said
    local name=$1
    shift
    "$tcpladder" show "$@" -f json >"$scratch/$name.json" 2>"$scratch/$name.said" ||
        fail "$name: $(cat "$scratch/$name.said")"
}

other_clock() { python3 "$here/other_clock.py" "$@"; }

# As if of another machine, so that no clock is shared.
other_clock "$scratch/near.pcapng" "$scratch/vm1.pcapng" 0 0 0 vm1
run_show truth "$scratch/near.pcapng" "$scratch/far.pcapng"
says "$scratch/truth.said" "one clock" || fail "one kernel has one clock: $(cat "$scratch/truth.said")"
ok "two recordings of one kernel: one clock, one timeline"

# judge WHAT OFFSET_NS DRIFT_PPM [STEP_NS]
judge() {
    local what=$1
    other_clock "$scratch/far.pcapng" "$scratch/vm2.pcapng" "$2" "$3" "${4:-0}" vm2
    run_show merged "$scratch/vm1.pcapng" "$scratch/vm2.pcapng"
    python3 "$here/merge.py" "$scratch/truth.json" "$scratch/merged.json" "$scratch/merged.said" \
        "$what"
}

each judge "the same time" 0 0
each judge "3.2 ms ahead, 12 ppm fast" 3214000 12
each judge "7 s behind" -7000000000 0
each judge "1 ms ahead, 80 ppm slow" 1000000 -80
each judge "stepped forward by 10 ms in the middle" 500000 30 10000000

# Two tracers of one kernel, and traffic that both see: each event once.
counts() { "$tcpladder" show "$@" -f none 2>&1 | grep -o '^.* state changes'; } # FILE…
two_tracers() {
    local name
    for name in one two; do
        start "$name" "$tcpladder" trace --all --port "$port" -w "$scratch/$name.pcapng" -f none
        wait_until "tracer $name runs" says "$scratch/$name.err" "tracing all"
    done
    start server "$bin/daytime-server" --port "$port" --pause 1ms
    wait_until "the server listens" listens
    run "$bin/daytime-client" --port "$port" --repeat 100 --quiet
    expect_status 0 run
    for name in one two; do
        kill -INT "${pids[$name]}"
        finish "$name"
        expect_status 0 "$name"
    done
    kill "${pids[server]}"
    finish server
    for name in one two; do
        counts "$scratch/$name.pcapng" >"$scratch/$name.counts"
    done
    counts "$scratch/one.pcapng" "$scratch/two.pcapng" >"$scratch/both.counts"
    cmp "$scratch/one.counts" "$scratch/two.counts" || fail "the two tracers have seen different things"
    cmp "$scratch/one.counts" "$scratch/both.counts" || fail "merged: $(cat "$scratch/both.counts")"
    ok "what two tracers of one kernel have seen is shown once: $(cat "$scratch/both.counts")"
}
each two_tracers

# Files that hold both: as cat and mergecap write them.
cat "$scratch/vm1.pcapng" "$scratch/vm2.pcapng" >"$scratch/both.pcapng"
run_show both "$scratch/both.pcapng"
cmp "$scratch/merged.json" "$scratch/both.json" || fail "cat of two shows something else"
ok "cat of two recordings is shown as the two"
if command -v mergecap >/dev/null; then
    mergecap -w "$scratch/mixed.pcapng" "$scratch/vm1.pcapng" "$scratch/vm2.pcapng"
    run_show mixed "$scratch/mixed.pcapng"
    cmp "$scratch/merged.json" "$scratch/mixed.json" || fail "mergecap of two shows something else"
    ok "mergecap of two recordings is shown as the two"
else
    echo "skip there is no mergecap"
fi
conclude

#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What does not work is told in one sentence, with the right exit status; and however a trace ends,
# nothing of it stays behind.
#
#   tests/privileged/refusals.sh BIN_DIR
. "$(dirname "$0")/lib.sh"
begin "$@"
need pgrep
publish_programs
tcpladder=$bin/tcpladder
as_nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)

trace() { each refuses "$1" "$2" "$tcpladder" trace "${@:3}"; } # STATUS TEXT [OPTION…]

# --- Wrong usage: status 2

usage() {
    local bad
    for bad in '' 0 65536 -1 1x 'http' ' 1'; do
        trace 2 "--daytime-port" --daytime-port "$bad"
        trace 2 "--port" --all --port "$bad"
    done
    for bad in '' localhost 127.1 '[::1]' 127.0.0.256 1:2:3; do
        trace 2 "'$bad'" --address "$bad"
        trace 2 "'$bad'" --all --host "$bad"
    done
    for bad in '' -1s 1m soon 1e3 99999999999999999999s; do
        trace 2 "'$bad'" --pause "$bad"
        trace 2 "'$bad'" --all --duration "$bad"
    done
    for bad in '' 0 1 4095 -1 64Kib 2GiB 1T 99999999999999999999 many; do
        trace 2 "'$bad'" --buffer "$bad"
    done
    for bad in '' 0 -1 1001 x 1.5; do
        trace 2 "'$bad'" --clients "$bad"
    done
    for bad in 0 -1 x; do
        trace 2 "-c" --all -c "$bad"
    done
    trace 2 --format -f yaml
    trace 2 --cause --cause guess
    trace 2 --nonsense --nonsense
    trace 2 nonsense nonsense
    trace 2 -t -tttttt
    trace 2 '-4' -4 -6 --all
    trace 2 '--port goes with --all' --port 80
    trace 2 '--host goes with --all' --host 127.0.0.1
    trace 2 '--clients is for the bundled workload' --all --clients 2
    each refuses 2 nonsense "$tcpladder" nonsense
    each refuses 2 nonsense "$tcpladder" check nonsense
}

# --- Refused by the machine: status 1

not_root() {
    each refuses 1 'lacks CAP_BPF and CAP_PERFMON' "${as_nobody[@]}" "$tcpladder" trace
    each refuses 1 'lacks CAP_BPF and CAP_PERFMON' "${as_nobody[@]}" "$tcpladder" trace --all
}

# shellcheck disable=SC2016 # for the inner shell to expand
hide_btf='
    for folder in /sys/kernel/btf /boot /lib/modules /usr/lib/modules /usr/lib/debug; do
        [ ! -d "$folder" ] || mount --bind "$0" "$folder" || exit 99
    done
    exec "$@"'

no_btf() {
    mkdir -p "$scratch/empty"
    each refuses 1 'BTF' unshare --mount sh -c "$hide_btf" "$scratch/empty" "$tcpladder" trace
    each refuses 1 'BTF' unshare --mount sh -c "$hide_btf" "$scratch/empty" "$tcpladder" trace --all
    each refuses 1 'BTF' unshare --mount sh -c "$hide_btf" "$scratch/empty" "$tcpladder" check
}

# without TRACEPOINTS COMMAND…
without() {
    local name changes=()
    for name in $1; do changes+=("$name=${name%?}_"); done
    shift
    renamed "${changes[*]}" "$@"
}

missing() { # TRACEPOINT, which cannot be done without
    words="without $1"
    without "$1" "$tcpladder" trace
    check_refusal 1 "no tracepoint '$1'"
    ok "$(head -n 1 "$scratch/run.err")"
}

# degraded TRACEPOINTS: can be done without; that is told, and the main job still comes out right.
degraded() {
    local name
    without "$1" "$tcpladder" trace --daytime-port "$port" --pause 50ms -f json
    expect_status 0 run
    for name in $1; do
        grep -qF "no tracepoint $name" "$scratch/run.err" || fail "does not tell that $name misses"
    done
    python3 - "$scratch" "$1" <<'PY'
import sys
from timeline import *

scratch, names = sys.argv[1:]
rows = load(f"{scratch}/run.out")
check_order(rows)
(connection,) = connections(rows).values()
check_connection(connection)
check_daytime(connection, True)
check_observed(rows, "timer_start" in names.split())
for side in ("server", "client"):
    check_owner(connection, side, comm=f"daytime-{side}")
check_summary(rows, f"{scratch}/run.err")
ok(f"without {names} the timeline is right all the same")
PY
}

start_holder() { # ADDRESS
    start holder python3 -c '
import socket, sys
l = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
l.bind((sys.argv[1], int(sys.argv[2])))
l.listen()
print("listening", flush=True)
l.accept()' "$1" "$port"
    wait_until "the holder listens" says "$scratch/holder.out" listening
}

stop_holder() {
    kill "${pids[holder]}"
    finish holder
}

# As it is itself told: `port 10000 is already in use by NAME[PID]`.
port_in_use() {
    local held name
    for held in 127.0.0.1 0.0.0.0 ::; do
        if [ "$held" = :: ] && ! has_ipv6; then continue; fi
        start_holder "$held"
        name=$(cat "/proc/${pids[holder]}/comm")
        trace 1 "port $port is already in use by ${name}[${pids[holder]}]" --daytime-port "$port"
        stop_holder
    done
}

other_address_in_use() {
    start_holder 127.0.0.2
    run "$tcpladder" trace --daytime-port "$port" --pause 0 -q
    expect_status 0 run
    stop_holder
    ok "a listener on another address is not in the way"
}

no_such_thing() {
    trace 1 "no network device 'tl-none'" --all -i tl-none
    trace 1 "no user 'tl-nobody'" --user tl-nobody
    trace 1 'Cannot assign requested address' --address 192.0.2.1
}

other_address() {
    run "$tcpladder" trace --daytime-port "$port" --address 127.0.0.3 --pause 0 -q
    expect_status 0 run
    ok "any address of this host will do"
}

# --- Nothing stays behind

# Processes that were given our port, server and client and the tracer.
ours() { pgrep -af -- "^$bin/.* $port( |\$)" || true; }
none_of_ours() { [ -z "$(ours)" ]; }

programs_of() { # PID: the numbers of its BPF programs
    sed -n 's/^prog_id:[[:space:]]*//p' "/proc/$1"/fdinfo/* 2>/dev/null | sort -u || true
}
no_program_of() { # NUMBER…
    local number
    for number; do
        ! bpftool prog show id "$number" >/dev/null 2>&1 || return 1
    done
}

nothing_left() { # NAME, with its programs in $programs
    wait_until "no process of $1 is left" none_of_ours
    [ -n "$programs" ] || fail "$1 had no BPF program"
    command -v bpftool >/dev/null || return 0
    # shellcheck disable=SC2086 # one word each
    wait_until "no BPF program of $1 is left" no_program_of $programs
}

# A conversation that is in its pause, as long as we like: of NAME, with $server and $client.
start_paused() { # NAME [OPTION…]
    local name=$1
    shift
    start_trace "$name" --daytime-port "$port" --pause 1000s -f json "$@"
    wait_until "$name is in its pause" \
        says "$scratch/$name.out" '"side":"server".*"new":"ESTABLISHED"'
    programs=$(programs_of "${pids[$name]}")
    server=$(ours | sed -n 's/ .*daytime-server .*//p')
    client=$(ours | sed -n 's/ .*daytime-client .*//p')
    if [ -z "$server" ] || [ -z "$client" ]; then fail "$name: no server or no client"; fi
}

# Both kinds of rows are complete JSON, and the summary agrees with them.
check_ending() { # NAME
    python3 - "$scratch/$1" <<'PY'
import sys
from timeline import check_order, check_summary, load

name = sys.argv[1]
rows = load(f"{name}.out")
check_order(rows)
check_summary(rows, f"{name}.err")
PY
}

interrupted() { # SIGNAL
    start_paused trace
    kill -s "$1" "${pids[trace]}"
    finish trace
    expect_status 0 trace
    check_ending trace || fail "SIG$1: no proper end"
    [ "$(wc -l <"$scratch/trace.err")" -eq 2 ] || fail "SIG$1: more than the summary is said"
    nothing_left trace
    ok "SIG$1 ends the main job with a summary and status 0; nothing is left"

    start_trace trace --all --port "$port" -f json
    programs=$(programs_of "${pids[trace]}")
    kill -s "$1" "${pids[trace]}"
    finish trace
    expect_status 0 trace
    check_ending trace || fail "SIG$1, --all: no proper end"
    nothing_left trace
    ok "SIG$1 ends --all with a summary and status 0; nothing is left"
}

killed() {
    start_paused trace
    kill -KILL "${pids[trace]}"
    finish trace
    nothing_left trace
    ok "kill -9 leaves neither server nor client nor BPF programs behind"
}

dies() { # server|client
    start_paused trace
    if [ "$1" = server ]; then kill -KILL "$server"; else kill -KILL "$client"; fi
    # The client that is left would wait for its reply; the server, for its pause.
    finish trace
    expect_status 1 trace
    [ "$(grep -c "^tcpladder: .*$1 .*signal 9" "$scratch/trace.err")" -eq 1 ] || {
        show_errors trace
        fail "the end of the $1 is not told in one sentence"
    }
    check_ending trace || fail "no proper end after the end of the $1"
    nothing_left trace
    ok "the end of the $1 is told: $(grep 'signal 9' "$scratch/trace.err")"
}

# --- Standard output

# shellcheck disable=SC2016 # for the inner shell to expand
into_head='"$@" | head -n 3 >/dev/null; exit "${PIPESTATUS[0]}"'
# shellcheck disable=SC2016
into_file='exec "$@" >"$0"'

closed_early() { # FORMAT: what it says goes to run.err, its status to $status
    local statuses
    run bash -c "$into_head" bash "$tcpladder" trace --daytime-port "$port" --pause 0 -f "$1"
    expect_status 0 run
    statuses=$(grep -cvE '^tcpladder: (tracing |[0-9]+ connections?, )' "$scratch/run.err") || true
    [ "$statuses" -eq 0 ] || {
        show_errors run
        fail "| head says more than that it traces, and a summary"
    }
    wait_until "nothing is left of | head" none_of_ours
    ok "-f $1 | head -3 ends quietly"
}

closed_early_quiet() {
    run bash -c "$into_head" bash "$tcpladder" trace --daytime-port "$port" --pause 0 -q
    expect_status 0 run
    [ ! -s "$scratch/run.err" ] || fail "-q | head says something: $(cat "$scratch/run.err")"
    wait_until "nothing is left of | head" none_of_ours
    ok "-q | head -3 says nothing at all"
}

# Nobody reads any more, and more and more comes: the trace ends by itself.
closed_early_under_load() {
    start_server server 127.0.0.1 --pause 0
    mkfifo "$scratch/pipe"
    start reader head -n 3 "$scratch/pipe"
    start tracer bash -c "$into_file" "$scratch/pipe" "$tcpladder" trace --all --port "$port"
    wait_until "the tracer is attached" traces_or_ended tracer
    start client "$bin/daytime-client" --port "$port" --repeat 500 --quiet
    finish reader
    finish client
    finish tracer
    expect_status 0 tracer
    ! grep -qi error "$scratch/tracer.err" || fail "it complains: $(cat "$scratch/tracer.err")"
    kill "${pids[server]}"
    finish server
    ok "--all ends by itself when nobody reads any more"
}

full() {
    local format sentences
    for format in lines json tcpdump; do
        run bash -c "$into_file" /dev/full "$tcpladder" trace --daytime-port "$port" \
            --pause 0 -f "$format"
        expect_status 1 run
        sentences=$(grep -c '^tcpladder: error: ' "$scratch/run.err") || true
        grep -q '^tcpladder: error: cannot write to standard output: No space left' \
            "$scratch/run.err" || fail "-f $format: $(cat "$scratch/run.err")"
        [ "$sentences" -eq 1 ] || fail "-f $format: $sentences sentences"
        wait_until "nothing is left of >/dev/full" none_of_ours
    done
    ok "a full disk is told in one sentence"
}

# Help and version need nothing.
help() {
    local words
    for words in --help 'trace --help' 'check --help' --version; do
        # shellcheck disable=SC2086 # one word each
        run "${as_nobody[@]}" "$tcpladder" $words
        expect_status 0 run
        [ -s "$scratch/run.out" ] || fail "$words says nothing"
        [ ! -s "$scratch/run.err" ] || fail "$words complains"
    done
    run "$tcpladder" trace --help
    [ "$(wc -l <"$scratch/run.out")" -le 120 ] || fail "trace --help is long"
    grep -q 'sudo tcpladder trace' "$scratch/run.out" || fail "trace --help has no example"
    ok "help is short, with an example, for everybody"
}

usage
not_root
no_btf
for tracepoint in inet_sock_set_state net_dev_queue netif_receive_skb; do
    each missing "$tracepoint"
done
timers='timer_start timer_expire_entry timer_cancel'
for tracepoints in $timers tcp_retransmit_skb tcp_retransmit_synack tcp_send_reset \
    tcp_receive_reset sock_send_length sock_recv_length "$timers" \
    'sock_send_length sock_recv_length'; do
    each degraded "$tracepoints"
done
port_in_use
each other_address_in_use
no_such_thing
each other_address
each interrupted INT
each interrupted TERM
each killed
each dies server
each dies client
each closed_early lines
each closed_early json
each closed_early tcpdump
each closed_early_quiet
each closed_early_under_load
each full
each help
conclude

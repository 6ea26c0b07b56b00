#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What is recorded is shown as it was live, byte for byte; other programs read the file, too; and
# whatever ends a recording, what was written is good.
#
#   tests/privileged/recording.sh BIN_DIR
. "$(dirname "$0")/lib.sh"
begin "$@"
need script jq
publish_programs
tcpladder=$bin/tcpladder
addresses=(127.0.0.1)
if has_ipv6; then addresses+=(::1); else echo "skip no IPv6 on loopback"; fi

# same LIVE REPLAYED WHAT: byte for byte.
same() {
    cmp -s "$1" "$2" && return
    diff "$1" "$2" | head -n 20 >&2 || true
    fail "$3: live ($(wc -l <"$1") rows) and replay ($(wc -l <"$2") rows) differ"
}

# Replays tell nothing but a summary, and the same one: NAME of the live trace.
same_summary() {
    [ "$(wc -l <"$scratch/run.err")" -eq 1 ] || {
        show_errors run
        fail "$1: the replay says more than a summary"
    }
    [ "$(sed 's/; recorded to .*//' "$scratch/$1.err" | tail -n 1)" = "$(cat "$scratch/run.err")" ] || {
        show_errors "$1"
        show_errors run
        fail "$1: two summaries"
    }
}

# show [ARG…]: must work; fills run.out.
show() {
    run "$tcpladder" show "$@"
    expect_status 0 run
    [ -s "$scratch/run.out" ] || fail "show $*: nothing is shown"
}

# replays NAME FILE… -- [VIEW OPTION…]: as in NAME.out, and with the summary of NAME.err.
replays() {
    local name=$1 files=()
    shift
    while [ "$1" != -- ]; do
        files+=("$1")
        shift
    done
    show "${files[@]}" "${@:2}"
    same "$scratch/$name.out" "$scratch/run.out" "$name ${*:2}"
    same_summary "$name"
}

# goes_as_far LIVE REPLAYED NS: JSON rows of the replay are the live ones up to NS before the last
# row of the shorter one, and a good part of them is.
goes_as_far() {
    python3 - "$@" <<'PY'
import json
import sys
from timeline import ok, require


def rows(path):
    with open(path, encoding="utf-8") as file:
        return file.read().split("\n")[:-1]  # the last one may be cut


live, shown = rows(sys.argv[1]), rows(sys.argv[2])
times = [json.loads(row)["mono_ns"] for row in shown]
last = json.loads(live[-1])["mono_ns"]
require(last - times[-1] <= int(sys.argv[3]),
        f"the replay ends {(last - times[-1]) / 1e9:.3f} s before the live trace")
bound = times[-1] - 50_000_000  # rows wait for 20 ms at most
same = [i for i, time in enumerate(times) if time < bound]
same = same[:len(live)]  # a trace that was killed had not written all that it had recorded
require(len(same) > 100, f"only {len(same)} of {len(times)} rows to compare")
for i in same:
    require(live[i] == shown[i], f"row {i + 1} is\n{shown[i]}\nbut was live\n{live[i]}")
ok(f"{len(same)} rows are as they were live, {len(live)} in all")
PY
}

# --- Live equals replay

daytime() { # ADDRESS CLIENTS [VIEW OPTION…]
    local address=$1 clients=$2
    shift 2
    run "$tcpladder" trace --daytime-port "$port" --address "$address" --clients "$clients" \
        --pause 0 -w "$scratch/daytime" "$@"
    expect_status 0 run
    [ -s "$scratch/run.out" ] || fail "$*: nothing was shown"
    mv "$scratch/run.out" "$scratch/daytime.out"
    mv "$scratch/run.err" "$scratch/daytime.err"
    replays daytime "$scratch/daytime" -- "$@"
    ok "daytime on $address, $clients clients, $*: the replay is what was live"
}

views() {
    local address
    for address in "${addresses[@]}"; do
        each daytime "$address" 1 -f lines
        each daytime "$address" 5 -f lines -S -tttt -#
        each daytime "$address" 5 -f json
        each daytime "$address" 1 -f tcpdump
        each daytime "$address" 5 -f tcpdump -nS
        each daytime "$address" 1 -f tcpdump -tttt
        each daytime "$address" 5 -f tcpdump -ttt -v
        each daytime "$address" 1 -f tcpdump -nS -tt -vv -#
    done
}

start_servers() {
    local address
    for address in "${addresses[@]}"; do
        start_server "server-$address" "$address" --pause 0
    done
}

# start_clients HOW MANY connections for each of two clients per address.
start_clients() {
    local address i
    for address in "${addresses[@]}"; do
        for i in 1 2; do
            start "client-$address-$i" "$bin/daytime-client" --port "$port" --address "$address" \
                --repeat "$1" --quiet
        done
    done
}

finish_clients() {
    local address i
    for address in "${addresses[@]}"; do
        for i in 1 2; do
            finish "client-$address-$i"
            expect_status 0 "client-$address-$i"
        done
    done
    wait_until "the last connection is over" quiet
}

kill_clients() {
    local address i
    for address in "${addresses[@]}"; do
        for i in 1 2; do
            kill -KILL "${pids[client-$address-$i]}" 2>/dev/null || true
            finish "client-$address-$i"
        done
    done
    wait_until "the last connection is over" quiet
}

each_client() { echo $(($1 / 2 / ${#addresses[@]})); } # CONNECTIONS in all

# full_speed NAME CONNECTIONS [OPTION…]: recorded to $scratch/NAME
full_speed() {
    local name=$1 connections=$2
    shift 2
    start_trace "$name" --all --port "$port" -w "$scratch/$name" "$@"
    start_clients "$(each_client "$connections")"
    finish_clients
    stop_trace "$name"
    expect_status 0 "$name"
}

full_speed_equal() { # CONNECTIONS VIEW OPTION…
    full_speed speed "$1" --strict "${@:2}"
    replays speed "$scratch/speed" -- --strict "${@:2}"
    ok "$1 connections at full speed, ${*:2}: the replay is what was live"
}

# --- Other programs

# quietly COMMAND…: status 0, and nothing on stderr but what those programs always say.
quietly() {
    run "$@"
    expect_status 0 run
    ! grep -vE '^(reading from file |Warning: interface names might be incorrect|Running as user |[0-9]+ frames, )' \
        "$scratch/run.err" || fail "$1 complains"
}

packets_in() { # FILE, by its blocks
    python3 - "$1" <<'PY'
import struct
import sys

data = open(sys.argv[1], "rb").read()
at = packets = 0
while at < len(data):
    kind, length = struct.unpack_from("<II", data, at)
    packets += kind == 6
    at += length
print(packets)
PY
}

tcpdump_reads() {
    quietly tcpdump -nr "$scratch/daytime"
    [ "$(wc -l <"$scratch/run.out")" -eq "$packets" ] || fail "tcpdump shows other than $packets"
    [ "$(grep -cE " (In|Out) +IP6? .*\.$port(:| >).* Flags \[" "$scratch/run.out")" -eq "$packets" ] ||
        fail "tcpdump's lines are not TCP segments with a direction"
    ok "tcpdump reads the file: $packets packets"
}

capinfos_reads() {
    quietly capinfos -c -E -F -M "$scratch/daytime"
    grep -qE "^Number of packets: +$packets$" "$scratch/run.out" || fail "capinfos: not $packets"
    grep -qE '^File encapsulation: +linux-sll2$' "$scratch/run.out" || fail "capinfos: another link type"
    ok "capinfos reads the file"
}

tshark_reads() {
    local changes
    quietly tshark -nr "$scratch/daytime"
    ! grep -qiE 'malformed|unknown' "$scratch/run.out" || fail "tshark: something is malformed"
    [ "$(grep -cE ' TCP .* \[(SYN|ACK|FIN|PSH|SYN, ACK|FIN, ACK|PSH, ACK)\]' "$scratch/run.out")" \
        -eq "$packets" ] || fail "tshark does not show $packets segments"
    for changes in 'CLOSE -> LISTEN' 'CLOSE -> SYN_SENT' 'SYN_SENT -> ESTABLISHED' \
        'ESTABLISHED -> FIN_WAIT1 \(close\)' 'LAST_ACK -> CLOSE'; do
        grep -qE "systemd Journal.* $changes .*:$port" "$scratch/run.out" ||
            fail "tshark does not show $changes"
    done
    quietly tshark -nr "$scratch/daytime" -Y 'systemd_journal.syslog_id == "tcpladder"' \
        -T fields -e systemd_journal.message
    grep -q '^CLOSE -> SYN_SENT ' "$scratch/run.out" || fail "tshark: the filter finds nothing"
    ok "tshark shows segments, and state changes as rows that can be read"
}

# rewritten NAME PROGRAM [ARG…]: the file of trace NAME, after another program has written it anew.
rewritten() {
    quietly "${@:2}"
    replays "$1" "$scratch/rewritten" -- -f json
    rm "$scratch/rewritten"
    ok "$1, rewritten by $2: shown as it was live"
}

rewrite_all() { # NAME
    ! has editcap || each rewritten "$1" editcap "$scratch/$1" "$scratch/rewritten"
    ! has mergecap || each rewritten "$1" mergecap -w "$scratch/rewritten" "$scratch/$1"
    ! has reordercap || each rewritten "$1" reordercap "$scratch/$1" "$scratch/rewritten"
    ! has tshark || each rewritten "$1" tshark -r "$scratch/$1" -w "$scratch/rewritten"
}

has() { command -v "$1" >/dev/null || { echo "skip there is no $1"; false; }; }

other_programs() {
    daytime 127.0.0.1 3 -f json
    packets=$(packets_in "$scratch/daytime")
    [ "$packets" -ge 48 ] || fail "three connections in $packets packets?"
    ! has tcpdump || each tcpdump_reads
    ! has capinfos || each capinfos_reads
    ! has tshark || each tshark_reads
    rewrite_all daytime
    each stdout_goes_away
}

rewritten_at_full_speed() {
    full_speed fast 1000 -f json
    rewrite_all fast
}

# --- Whose file it is

owner_and_mode() {
    local short=(--all --port "$port" --duration 10ms -f none)
    (umask 0 && run "$tcpladder" trace "${short[@]}" -w "$scratch/own" && expect_status 0 run)
    [ "$(stat -c '%a %u:%g' "$scratch/own")" = "600 0:0" ] || fail "$(stat "$scratch/own")"
    run env SUDO_UID=65534 SUDO_GID=65533 "$tcpladder" trace "${short[@]}" -w "$scratch/theirs"
    expect_status 0 run
    [ "$(stat -c '%a %u:%g' "$scratch/theirs")" = "600 65534:65533" ] ||
        fail "behind sudo: $(stat "$scratch/theirs")"
    head -c 100000 /dev/zero >"$scratch/before"
    chown 7:8 "$scratch/before"
    chmod 666 "$scratch/before"
    run env SUDO_UID=65534 SUDO_GID=65533 "$tcpladder" trace "${short[@]}" -w "$scratch/before"
    expect_status 0 run
    [ "$(stat -c '%a %u:%g' "$scratch/before")" = "600 7:8" ] || fail "$(stat "$scratch/before")"
    run "$tcpladder" show "$scratch/before"
    expect_status 0 run
    ok "a recording is its owner's alone: root's, or the user's behind sudo; one that was there stays whose it was"
}

# --- Split recordings

# check_parts NAME FILE…: each can be read alone, in full; all of them are what was live.
check_parts() {
    local name=$1 part backwards
    shift
    for part; do
        run "$tcpladder" show "$part" -f json
        expect_status 0 run
        [ -s "$scratch/run.out" ] || [ "$part" = "${!#}" ] || fail "$part alone: nothing is shown"
        ! grep -E 'error|missing|no sense' "$scratch/run.err" || fail "$part alone"
    done
    replays "$name" "$@" -- -f json
    mapfile -t backwards < <(printf '%s\n' "$@" | tac)
    replays "$name" "${backwards[@]}" -- -f json
}

# A million bytes, and less than two pieces more: it is written in pieces of 256 KiB.
has_about_a_million() { [ "$(stat -c %s "$1")" -ge 1000000 ] && [ "$(stat -c %s "$1")" -le 1400000 ]; }

by_size() {
    local parts i
    mkdir "$scratch/parts"
    full_speed parts/p 1500 -f json -C 1
    mapfile -t parts < <(ls -v "$scratch/parts" | grep -vE '\.(out|err)$')
    [ "${#parts[@]}" -ge 5 ] || fail "only ${#parts[@]} parts"
    for ((i = 0; i < ${#parts[@]}; i++)); do
        [ "${parts[i]}" = "p$([ "$i" -eq 0 ] || echo "$i")" ] || fail "names: ${parts[*]}"
        [ "$i" -eq $((${#parts[@]} - 1)) ] ||
            has_about_a_million "$scratch/parts/${parts[i]}" || fail "$(stat "$scratch/parts/${parts[i]}")"
    done
    check_parts parts/p "${parts[@]/#/$scratch/parts/}"
    if has mergecap; then
        quietly mergecap -w "$scratch/rewritten" "${parts[@]/#/$scratch/parts/}"
        show "$scratch/rewritten" -f json
        same "$scratch/parts/p.out" "$scratch/run.out" "mergecap of all parts"
    fi
    cat "${parts[@]/#/$scratch/parts/}" >"$scratch/joined"
    show "$scratch/joined" -f json
    same "$scratch/parts/p.out" "$scratch/run.out" "cat of all parts"
    # What comes long after its place is not shown, and that is told.
    (cd "$scratch/parts" && cat "${parts[@]:1}" p >"$scratch/joined")
    run "$tcpladder" show "$scratch/joined" -f none
    [ "$status" -eq 1 ] && says "$scratch/run.err" "joined in a wrong order" ||
        fail "parts in a wrong order: status $status: $(cat "$scratch/run.err")"
    run "$tcpladder" show --strict "$scratch/parts/p" "$scratch/parts/${parts[-1]}" -f none
    [ "$status" -eq 3 ] && says "$scratch/run.err" "a part is not here" ||
        fail "parts are missing: status $status: $(cat "$scratch/run.err")"
    ok "-C: ${#parts[@]} parts, each alone and all together"
    rm -r "$scratch/parts" "$scratch/joined"
}

ring() {
    mkdir "$scratch/ring"
    full_speed ring/r 1500 -f json -C 1 -W 2
    [ "$(cd "$scratch/ring" && ls | grep -vE '\.(out|err)$' | xargs)" = "r0 r1" ] ||
        fail "names: $(ls "$scratch/ring")"
    show "$scratch/ring/r0" "$scratch/ring/r1" -f json
    ! grep -E 'error|no end|missing' "$scratch/run.err" || fail "the ring is not whole"
    [ "$(tail -n 1 "$scratch/run.out" | jq .mono_ns)" = "$(tail -n 1 "$scratch/ring/r.out" | jq .mono_ns)" ] ||
        fail "the ring does not end where the trace did"
    ok "-C -W: a ring of two files, the last ones"
    rm -r "$scratch/ring"
}

several_parts() { [ "$(ls "$1" | grep -cvE '\.(out|err)$')" -ge 3 ]; }

by_time() {
    local parts
    mkdir "$scratch/time"
    start_trace time/t --all --port "$port" -f json -G 1 -w "$scratch/time/t%s"
    start_clients 1000000
    wait_until "there are three parts" several_parts "$scratch/time"
    kill_clients
    stop_trace time/t
    expect_status 0 time/t
    mapfile -t parts < <(ls -v "$scratch/time" | grep -vE '\.(out|err)$')
    for part in "${parts[@]}"; do
        [[ $part =~ ^t[0-9]{10}$ ]] || fail "names: ${parts[*]}"
    done
    check_parts time/t "${parts[@]/#/$scratch/time/}"
    ok "-G: ${#parts[@]} parts, each alone and all together"
    rm -r "$scratch/time"

    mkdir "$scratch/time"
    run "$tcpladder" trace --all --port "$port" -f none -G 1 -W 2 -w "$scratch/time/t%s"
    expect_status 0 run
    mapfile -t parts < <(ls -v "$scratch/time")
    [ "${#parts[@]}" -eq 2 ] || fail "-W 2: ${parts[*]}"
    run "$tcpladder" show "${parts[@]/#/$scratch/time/}"
    expect_status 0 run
    [ "$(wc -l <"$scratch/run.err")" -eq 1 ] || fail "-G -W: $(cat "$scratch/run.err")"
    ok "-G -W ends the trace, and the last file has its end"
}

# --- Pipes and growing files

piped() {
    # shellcheck disable=SC2016 # for the inner shell to expand
    run bash -c 'set -o pipefail; "$0" trace --daytime-port "$1" --pause 0 --clients 3 -w - |
        tee "$2" | "$0" show - -f json' "$tcpladder" "$port" "$scratch/piped"
    expect_status 0 run
    [ -s "$scratch/run.out" ] || fail "nothing came through the pipe"
    mv "$scratch/run.out" "$scratch/piped.out"
    show "$scratch/piped" -f json
    same "$scratch/piped.out" "$scratch/run.out" "-w - | show -"
    ok "trace -w - | show -"
    # shellcheck disable=SC2016 # for the inner shell to expand
    run bash -c 'set -o pipefail; python3 -c "
import os, sys
data = open(sys.argv[1], \"rb\").read()
for at in range(0, len(data), 7):
    os.write(1, data[at:at + 7])" "$1" | "$0" show - -f json' "$tcpladder" "$scratch/piped"
    expect_status 0 run
    same "$scratch/piped.out" "$scratch/run.out" "a pipe that delivers seven bytes at a time"
    ok "a pipe that delivers in small pieces"
}

# Has it read all that there is? PID FILE
read_to_end() {
    local fd
    for fd in "/proc/$1/fd/"*; do
        [ "$(readlink "$fd")" = "$2" ] || continue
        [ "$(sed -n 's/^pos:[[:space:]]*//p' "/proc/$1/fdinfo/${fd##*/}")" -eq "$(stat -c %s "$2")" ]
        return
    done
    return 1
}

tail_follows() {
    start_trace growing --all --port "$port" -f json -w "$scratch/growing"
    start tail "$tcpladder" show --tail "$scratch/growing" -f json
    start_clients "$(each_client 100)"
    finish_clients
    wait_until "the tail shows what happens" says "$scratch/tail.out" '"new":"TIME_WAIT"'
    start_clients "$(each_client 400)"
    finish_clients
    stop_trace growing
    expect_status 0 growing
    wait_until "the tail has read to the end" read_to_end "${pids[tail]}" "$scratch/growing"
    ! ended "${pids[tail]}" || fail "show --tail ended by itself"
    kill -INT "${pids[tail]}"
    finish tail
    expect_status 0 tail
    same "$scratch/growing.out" "$scratch/tail.out" "show --tail"
    ok "show --tail follows a growing file until Ctrl-C"
}

reader_goes_away() { # VIEW OPTION…
    mkfifo "$scratch/fifo"
    start reader head -c 3000 "$scratch/fifo"
    start tracer "$tcpladder" trace --all --port "$port" -w "$scratch/fifo" "$@"
    wait_until "the tracer is attached" traces_or_ended tracer
    start_clients "$(each_client 100)"
    finish_clients
    finish reader
    start_clients "$(each_client 100)"
    finish_clients
    finish tracer
    expect_status 0 tracer
    ! grep -i error "$scratch/tracer.err" || fail "it complains"
    rm "$scratch/fifo"
    ok "the reader of the pipe goes away, $*: the trace ends quietly"
}

waits_to_open() { grep -qE 'pipe_wait|fifo_open|wait_for_partner' "/proc/$1/wchan" 2>/dev/null; }

nobody_reads() {
    mkfifo "$scratch/fifo"
    start alone "$tcpladder" trace --all --port "$port" -w "$scratch/fifo"
    wait_until "the tracer waits for a reader" waits_to_open "${pids[alone]}"
    kill -INT "${pids[alone]}"
    finish alone
    [ "$status" -eq 130 ] || fail "Ctrl-C: status $status"
    rm "$scratch/fifo"
    ok "Ctrl-C ends a trace that waits for the reader of a named pipe"
}

stdout_goes_away() {
    # shellcheck disable=SC2016 # for the inner shell to expand
    run bash -c '"$@" | head -c 3000 >/dev/null; exit "${PIPESTATUS[0]}"' bash \
        "$tcpladder" trace --daytime-port "$port" --pause 0 --clients 5 -w -
    expect_status 0 run
    ! grep -i error "$scratch/run.err" || fail "-w - | head complains"
    # shellcheck disable=SC2016 # for the inner shell to expand
    run bash -c '"$@" | head -n 3; exit "${PIPESTATUS[0]}"' bash \
        "$tcpladder" show "$scratch/daytime" -f lines
    expect_status 0 run
    ! grep -i error "$scratch/run.err" || fail "show | head complains"
    [ "$(wc -l <"$scratch/run.out")" -eq 3 ] || fail "show | head shows $(wc -l <"$scratch/run.out")"
    ok "-w - | head, show | head: quiet"
}

# --- Sudden ends

shows_two_seconds() { # JSON FILE
    python3 - "$1" <<'PY'
import json
import sys

with open(sys.argv[1], "rb") as file:
    lines = file.read().split(b"\n")[:-1]
sys.exit(len(lines) < 2 or
         json.loads(lines[-1])["mono_ns"] - json.loads(lines[0])["mono_ns"] < 2_000_000_000)
PY
}

killed() {
    start_trace killed --all --port "$port" -f json -w "$scratch/killed"
    start_clients 1000000
    wait_until "two seconds of it are shown" shows_two_seconds "$scratch/killed.out"
    kill -KILL "${pids[killed]}"
    finish killed
    kill_clients
    run "$tcpladder" show "$scratch/killed" -f json
    case $status in
        0) grep -q 'has no end' "$scratch/run.err" || fail "does not say that the end is missing" ;;
        1) grep -q 'is cut at byte' "$scratch/run.err" || fail "kill -9: $(cat "$scratch/run.err")" ;;
        *) fail "kill -9: status $status" ;;
    esac
    goes_as_far "$scratch/killed.out" "$scratch/run.out" 1000000000 || fail "kill -9"
    ok "kill -9 at full rate costs a second at most"
}

disk_full() {
    start_trace full --all --port "$port" -f json -w "$scratch/small/file"
    start_clients "$(each_client 3000)"
    finish_clients
    stop_trace full
    expect_status 1 full
    [ "$(grep -c 'error' "$scratch/full.err")" -eq 1 ] || fail "not one sentence: $(cat "$scratch/full.err")"
    grep -qE "^tcpladder: error: cannot write to .*/small/file: No space left on device; the recording ends there$" \
        "$scratch/full.err" || fail "$(cat "$scratch/full.err")"
    [ "$(jq -r 'select(.kind == "state" and .new == "SYN_SENT") | 1' "$scratch/full.out" | wc -l)" \
        -eq "$(($(each_client 3000) * 2 * ${#addresses[@]}))" ] || fail "the view did not go on"
    show "$scratch/small/file" -f json
    grep -q 'has no end' "$scratch/run.err" || fail "does not say that the end is missing"
    goes_as_far "$scratch/full.out" "$scratch/run.out" 1000000000000 || fail "a full disk"
    ok "a full disk: told in one sentence, the file is good to there, the view goes on"

    run "$tcpladder" trace --all --port "$port" --duration 10ms -w /dev/full
    expect_status 1 run
    [ "$(grep -c 'error: cannot write to /dev/full: No space left' "$scratch/run.err")" -eq 1 ] ||
        fail "/dev/full: $(cat "$scratch/run.err")"
    ok "/dev/full is told once"
}

# --- Refusals

cut_file() {
    local size
    size=$(stat -c %s "$scratch/daytime")
    head -c $((size / 2 + 1)) "$scratch/daytime" >"$scratch/cut"
    run "$tcpladder" show "$scratch/cut" -f json
    expect_status 1 run
    [ -s "$scratch/run.out" ] || fail "of a cut file nothing is shown"
    [ "$(grep -cE "^tcpladder: error: .*/cut is cut at byte [0-9]+, after record [0-9]+: what is before was shown$" \
        "$scratch/run.err")" -eq 1 ] || fail "a cut file: $(cat "$scratch/run.err")"
    ok "$(head -n 1 "$scratch/run.err")"
}

on_a_terminal() { # TEXT COMMAND
    run script -qec "$2" /dev/null
    expect_status 1 run
    [ "$(grep -c 'tcpladder: error: ' "$scratch/run.out")" -eq 1 ] || fail "$2: not one sentence"
    grep -qF "$1" "$scratch/run.out" || fail "$2: does not say '$1'"
    [ "$(wc -l <"$scratch/run.out")" -le 2 ] || fail "$2: says more"
    ok "$1"
}

refusals() {
    each refuses 1 'No such file or directory' "$tcpladder" show "$scratch/nothing"
    each refuses 1 'it is a directory' "$tcpladder" show "$scratch"
    : >"$scratch/empty"
    each refuses 1 'is empty' "$tcpladder" show "$scratch/empty"
    echo "just text" >"$scratch/text"
    each refuses 1 'unknown file format' "$tcpladder" show "$scratch/text"
    each refuses 1 'is empty' "$tcpladder" show /dev/null
    each refuses 1 'unknown file format' "$tcpladder" show /dev/zero
    each refuses 1 'standard input is empty' "$tcpladder" show - </dev/null
    chmod 755 "$scratch"
    each refuses 1 'Permission denied' setpriv --reuid 65534 --regid 65534 --clear-groups \
        "$tcpladder" show "$scratch/daytime"
    each refuses 1 'Is a directory' "$tcpladder" trace --all --duration 1s -w "$scratch"
    each refuses 1 'No such file or directory' "$tcpladder" trace --all --duration 1s -w "$scratch/no/file"
    each refuses 2 'FILE' "$tcpladder" show
    each refuses 2 'not a number from 1' "$tcpladder" trace -w "$scratch/nothing" -C 1 -W 0
    each refuses 2 'rows and tables cannot go there' "$tcpladder" trace -w - --summary
    each refuses 2 'rows and tables cannot go there' "$tcpladder" trace -w - -f json
    echo old >"$scratch/old"
    each refuses 1 'no process' "$tcpladder" trace --pid 4194305 -w "$scratch/old"
    [ "$(cat "$scratch/old")" = old ] || fail "a trace that did not start has emptied its file"
    each refuses 2 '-w' "$tcpladder" trace -w ''
    each refuses 2 '-w FILE' "$tcpladder" trace -C 1
    each refuses 2 '-w FILE' "$tcpladder" trace -w - -G 1
    each cut_file
    each on_a_terminal 'cannot record to standard output: it is a terminal' \
        "$tcpladder trace --daytime-port $port --pause 0 -w -"
    each on_a_terminal 'cannot read standard input: it is a terminal' "$tcpladder show -"
}

# --- With the bundled workload

views
each piped
each owner_and_mode
other_programs
refusals

# --- With servers of our own, at full speed

start_servers
each full_speed_equal 10000 -f json
each full_speed_equal 2000 -f lines
each full_speed_equal 2000 -f tcpdump -nS -v
rewritten_at_full_speed
each by_size
each ring
each by_time
each tail_follows
each reader_goes_away -f json
each reader_goes_away -f none
each nobody_reads
each killed
mkdir "$scratch/small"
mount -t tmpfs -o size=16m none "$scratch/small"
defer umount "$scratch/small"
each disk_full
conclude

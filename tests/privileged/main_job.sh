#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# `tcpladder trace`, the main job: the daytime conversation in every view and
# profile, each row where it belongs and each cause the right one.
#
#   tests/privileged/main_job.sh BIN_DIR
. "$(dirname "$0")/lib.sh"
begin "$@"

# job [OPTION…]: runs the main job; its output is in $scratch/run.out and run.err.
job() {
    run "$bin/tcpladder" trace --daytime-port "$port" "$@"
    expect_status 0 run
}

# timeline WHAT CONNECTIONS PROFILE [OPTION…]: PROFILE has the words that apply of
# paused, light, infer; the JSON rows must be the conversation, and nothing else.
timeline() {
    local what=$1 connections=$2 profile=$3
    shift 3
    job -f json "$@"
    says "$scratch/run.err" '^tcpladder: tracing a daytime server on ' || fail "$what: says nothing"
    python3 - "$scratch" "$port" "$what" "$connections" "$profile" <<'PY'
import sys
from timeline import *

scratch, port, what, count, profile = sys.argv[1:]
profile = profile.split()
rows = load(f"{scratch}/run.out")
check_order(rows)
check_both_times(rows)
check_none_lost(rows)
address = "[::1]" if "IPv6" in what else "127.0.0.1"
all_connections = connections(rows)
require(len(all_connections) == int(count), f"{len(all_connections)} connections, not {count}:",
        rows)
check_listener(rows, f"{address}:{port}", comm="daytime-server")
server = rows[0]["pid"]
clients = set()
for connection in all_connections.values():
    check_connection(connection)
    check_daytime(connection, "paused" in profile)
    check_endpoints(connection, server=f"{address}:{port}")
    check_owner(connection, "server", server, "daytime-server")
    clients.add(check_owner(connection, "client", comm="daytime-client"))
require(len(clients) == int(count), f"the clients' processes are {sorted(clients)}")
check_observed(rows, "light" in profile)
if "infer" not in profile:
    check_call_names(rows)
told = check_summary(rows, f"{scratch}/run.err")
require(told["unknown"] == 0 and told["lost"] == 0, told["text"])
ok(f"{what}: {len(rows)} rows, all in their place, all causes right")
PY
}

for family in 'IPv4 127.0.0.1' 'IPv6 ::1'; do
    read -r version address <<<"$family"
    if [ "$version" = IPv6 ] && ! has_ipv6; then
        echo "skip no IPv6 on loopback"
        continue
    fi
    at=(--address "$address")
    each timeline "$version" 1 paused "${at[@]}"
    each timeline "$version, no pause" 1 '' "${at[@]}" --pause 0
    each timeline "$version, 3 clients" 3 paused "${at[@]}" --pause 50ms --clients 3
    each timeline "$version, 3 clients, no pause" 3 '' "${at[@]}" --pause 0 --clients 3
    each timeline "$version, light" 1 'paused light' "${at[@]}" --pause 50ms --light
    each timeline "$version, causes inferred" 1 'paused infer' "${at[@]}" --pause 50ms --cause infer
    each timeline "$version, light, causes inferred, 3 clients" 3 'paused light infer' "${at[@]}" \
        --pause 50ms --light --cause infer --clients 3
    each timeline "$version, display options change nothing" 1 paused "${at[@]}" --pause 50ms \
        -S -ttttt '-#'
done

job -q -f json --pause 0
[ ! -s "$scratch/run.err" ] || fail "-q says something: $(cat "$scratch/run.err")"
ok "-q says nothing but the rows"

# --- The lines view: the same conversation for people, 100 columns at most

lines() { # WHAT PATTERN-OF-TIME [OPTION…]
    local what=$1 time=$2
    shift 2
    job -f lines "$@"
    python3 - "$scratch" "$port" "$what" "$time" "$*" <<'PY'
import re
import sys
from timeline import Failure, check_summary, ok, require, summary

scratch, port, what, time, options = sys.argv[1:]
ipv6 = "::1" in options
with open(f"{scratch}/run.out", encoding="utf-8") as file:
    lines = file.read().splitlines()
if "-q" not in options:
    require(lines and "old -> new" in lines[0], f"{what}: no header: {lines[:1]}")
    del lines[0]
    told = summary(f"{scratch}/run.err")
    require(len(lines) == told["segments"] + told["states"],
            f"{what}: {len(lines)} lines, but '{told['text']}'")
if "-#" in options.split():
    numbers = [line.split()[0] for line in lines]
    require(numbers == [str(i) for i in range(1, len(lines) + 1)], f"{what}: rows {numbers}")
    lines = [line[7:] for line in lines]
host = r"\[::1\]" if ipv6 else r"127\.0\.0\.1"
client, server = rf"{host}:(?!{port}\b)\d+", rf"{host}:{port}"
seq = r"\d{3,}" if "-S" in options.split() else r"\d{1,2}"  # absolute: far from 1
shape = "".join([
    rf"{server} - \*\s+CLOSE -> LISTEN\s+listen\(\)",
    rf"|{client} - {server}\s+(CLOSE -> SYN_SENT\s+connect\(\)"
    r"|SYN_SENT -> ESTABLISHED\s+rcv SYN\+ACK"
    r"|ESTABLISHED -> CLOSE_WAIT\s+rcv FIN|CLOSE_WAIT -> LAST_ACK\s+close\(\)"
    r"|LAST_ACK -> CLOSE\s+rcv ACK of FIN)",
    rf"|{server} - {client}\s+(LISTEN -> SYN_RECV\s+rcv SYN|SYN_RECV -> ESTABLISHED\s+rcv ACK"
    r"|ESTABLISHED -> FIN_WAIT1\s+close\(\)|FIN_WAIT1 -> FIN_WAIT2\s+rcv ACK of FIN"
    r"|FIN_WAIT2 -> TIME_WAIT\s+rcv FIN)",
    rf"|({client} > {server}|{server} > {client})\s+(#\d+ )?(S seq \d+ |S\. seq \d+ ack {seq} "
    rf"|\. ack {seq}|P\. {seq}:{seq}\(26\) ack {seq}|FP?\. {seq}:{seq}\(\d+\) ack {seq})",
    rf"|{server} - \*\s+LISTEN -> CLOSE\s+exit\(\)"])
bad = [line for line in lines if not re.match(rf"{time}({shape})", line)]
require(not bad, f"{what}: unexpected lines:" + "".join(f"\n    {line}" for line in bad))
steps = [match.group() for match in (re.search(r"[A-Z_0-9]+ -> [A-Z_0-9]+", line)
                                     for line in lines) if match]
require(len(steps) == 12 and len(set(steps)) == 12, f"{what}: not each transition once: {steps}")
if not ipv6:
    wide = [line for line in lines if len(line) > 100]
    require(not wide, f"{what}: wider than 100 columns:" + "".join(f"\n    {x}" for x in wide))
    # With all the numbers there may be no room for it.
    silent = [line for line in lines if " -> " in line and "-#" not in options.split() and
              not re.search(r"\[\d+\]", line)]
    require(not silent, f"{what}: no owner:" + "".join(f"\n    {x}" for x in silent))
    unnumbered = [line for line in lines if re.search("rcv ", line) and
                  not re.search(r"rcv [A-Za-z+ ]+ #\d+", line)]
    require(not unnumbered,
            f"{what}: no segment named:" + "".join(f"\n    {x}" for x in unnumbered))
ok(f"{what}: {len(lines)} lines")
PY
}

each lines 'lines' ' *[0-9.]+  ' --pause 50ms
each lines 'lines, IPv6' ' *[0-9.]+  ' --pause 50ms --address ::1
each lines 'lines, -S' ' *[0-9.]+  ' --pause 50ms -S
each lines 'lines, -t' '' --pause 50ms -t
each lines 'lines, -#' ' *[0-9.]+  ' --pause 50ms '-#'
each lines 'lines, -q' ' *[0-9.]+  ' --pause 50ms -q
each lines 'lines, everything' '.*?' --pause 50ms -S -ttttt -q '-#'

# --- The tcpdump view: just its shape here, segments_exact.sh has the judge

tcpdump_view() { # WHAT TIME NUMBER [OPTION…]
    local what=$1 time=$2 number=$3 ends bad count
    shift 3
    job -f tcpdump --pause 50ms "$@"
    ends="IP 127\.0\.0\.1\.[0-9]+ > 127\.0\.0\.1\.[0-9]+: "
    bad=$(grep -vE "^$number$time$ends(Flags \[(S|S\.|\.|P\.|F\.)\], (seq|ack) |tcp (0|26)$)" \
        "$scratch/run.out") && fail "$what: unexpected lines: $bad"
    count=$(wc -l <"$scratch/run.out")
    [ "$count" -eq 8 ] || [ "$count" -eq 9 ] || fail "$what: $count lines"
    ok "$what: $count lines"
}

each tcpdump_view 'tcpdump' '[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6} ' ''
each tcpdump_view 'tcpdump, -t' '' '' -t -n -S
each tcpdump_view 'tcpdump, -ttttt -q -#' ' 00:00:0[0-9]\.[0-9]{6} ' ' {4}[0-9]  ' -S -ttttt -q '-#'

# --- How a trace is ended early

job -f json --pause 0 -c 5
python3 - "$scratch/run.out" <<'PY'
import sys
from timeline import *

rows = load(sys.argv[1])
require(sum(row["kind"] == "segment" for row in rows) == 5 and rows[-1]["kind"] == "segment",
        "-c 5 does not end with the fifth segment:", rows)
ok("-c 5 ends with the fifth segment")
PY
run "$bin/tcpladder" trace --all --port "$port" --duration 300ms
expect_status 0 run
ok "--duration ends the trace"

# The clients wait for the server then, and have to be ended, too.
for early in 0s 1ms 5ms; do
    time_limit=20 run "$bin/tcpladder" trace --daytime-port "$port" --duration "$early"
    expect_status 0 run
done
time_limit=20 run "$bin/tcpladder" trace --daytime-port "$port" -w /dev/full -f none
expect_status 1 run
says "$scratch/run.err" "No space left" || fail "/dev/full: $(cat "$scratch/run.err")"
ok "a trace that ends before its clients have started ends them"

# --- Tables behind the rows

job --summary --pause 10ms --clients 2
for connection in 1 2; do
    says "$scratch/run.out" "^connection $connection$" || fail "no table of connection $connection"
done
[ "$(grep -c 'verdict .*Orderly' "$scratch/run.out")" -eq 2 ] || fail "$(cat "$scratch/run.out")"
ok "--summary: a table of each connection behind the rows"
conclude

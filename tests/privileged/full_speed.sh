#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Order, states, causes, ports and owners hold over 10,000 connections at full speed on all CPUs,
# in the full profile and in the light one.
#
#   tests/privileged/full_speed.sh BIN_DIR
. "$(dirname "$0")/lib.sh"
begin "$@"

total=10000
addresses=(127.0.0.1)
if has_ipv6; then
    addresses+=(::1) # a server of its own, at the same time
else
    echo "skip no IPv6 on loopback"
fi
clients=2 # for each address
repeat=$((total / clients / ${#addresses[@]}))

for address in "${addresses[@]}"; do
    start_server "server-$address" "$address" --pause 0
done

# trace_load [OPTION…]: fills $expected, one word for each client.
trace_load() {
    local address i began took
    cp /proc/net/snmp "$scratch/snmp.before"
    start_trace trace --all --port "$port" -f json --strict "$@"
    began=$(date +%s%N)
    expected=()
    for address in "${addresses[@]}"; do
        for ((i = 0; i < clients; i++)); do
            start "client-$address-$i" "$bin/daytime-client" --port "$port" --address "$address" \
                --repeat "$repeat" --quiet
            expected+=("$address,${pids[server-$address]},${pids[client-$address-$i]}")
        done
    done
    for address in "${addresses[@]}"; do
        for ((i = 0; i < clients; i++)); do
            finish "client-$address-$i"
            expect_status 0 "client-$address-$i"
        done
    done
    took=$((($(date +%s%N) - began) / 1000000))
    wait_until "the last connection is over" quiet
    cp /proc/net/snmp "$scratch/snmp.after"
    stop_trace trace
    expect_status 0 trace
    ok "$total connections in $took ms, $((total * 1000 / took)) a second; --strict is content"
}

examine() { # PROFILE
    python3 - "$scratch" "$port" "$repeat" "$1" "${expected[@]}" <<'PY'
import sys
from timeline import *

scratch, port, repeat, profile, *expected = sys.argv[1:]
rows = load(f"{scratch}/trace.out")
told = check_summary(rows, f"{scratch}/trace.err")
require(told["lost"] == 0 and told["unknown"] == 0, told["text"])
check_none_lost(rows)
check_order(rows)
ok("mono_ns never runs back, no segment is received before it is sent")
check_both_times(rows)

before, after = (tcp_counters(f"{scratch}/snmp.{when}") for when in ("before", "after"))
counted = sum(after[key] - before[key] for key in ("OutSegs", "InSegs"))
require(sightings(rows) == counted,
        f"the kernel counted {counted} segments out and in, the rows show {sightings(rows)}")
ok(f"the kernel's own counters agree: {counted} segments out and in")

all_connections = connections(rows)
total = int(repeat) * len(expected)
require(len(all_connections) == total, f"{len(all_connections)} connections, not {total}")
loose = [row for row in rows if "conn" not in row]
require(not loose, "rows of no connection:", loose)
last_with = {check_endpoints(connection): connection for connection in all_connections.values()}
for connection in all_connections.values():
    check_connection(connection)
    # Its TIME_WAIT ends with the next SYN; the light profile may have forgotten it by then.
    reused = last_with[check_endpoints(connection)] is not connection
    if profile == "light":
        reused = reused and connection.path("server")[-1] == "CLOSE"
    check_daytime(connection, False, reused)
check_observed(rows, profile == "light")
check_call_names(rows)
ok("no transition before its cause, every cause known and right, every path legal and complete")

ends = [check_endpoints(connection) for connection in all_connections.values()]
ok(f"every row has its 4-tuple; {total - len(last_with)} were used again")

servers = {}
shares = {}
for line in expected:
    address, server, client = line.split(",")
    local = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    servers[local] = int(server)
    shares[local, int(client)] = int(repeat)
found = {}
for connection, (_, server) in zip(all_connections.values(), ends):
    require(server in servers, f"nobody serves {server}:", connection.rows)
    check_owner(connection, "server", servers[server], "daytime-server")
    client = check_owner(connection, "client", comm="daytime-client")
    found[server, client] = found.get((server, client), 0) + 1
require(found == shares, f"connections of each server and client: {found}, not {shares}")
ok("every row has its owner")
PY
}

trace_load
each examine full
trace_load --light
each examine light
conclude

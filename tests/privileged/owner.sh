#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Each row has the process that owns the socket: not the one that happened to be on the CPU, and not
# somebody else's. Server and clients belong to different users.
#
#   tests/privileged/owner.sh BIN_DIR
. "$(dirname "$0")/lib.sh"
begin "$@"
publish_programs

nobody=65534
daemon=1
as_server=(setpriv --reuid "$nobody" --regid "$nobody" --clear-groups)
as_client=(setpriv --reuid "$daemon" --regid "$daemon" --clear-groups)
clients=4
repeat=400

addresses=(127.0.0.1)
! has_ipv6 || addresses+=(::1)

load() {
    local address i name
    for address in "${addresses[@]}"; do
        for ((i = 0; i < clients; i++)); do
            name=client-$address-$i
            start "$name" "${as_client[@]}" "$bin/daytime-client" --port "$port" \
                --address "$address" --repeat "$repeat" --quiet
            expected+=("$address,${pids[server-$address]},${pids[$name]}")
        done
    done
    for address in "${addresses[@]}"; do
        for ((i = 0; i < clients; i++)); do
            finish "client-$address-$i"
            expect_status 0 "client-$address-$i"
        done
    done
    wait_until "the last connection is over" quiet
}

check_owners() { # WHAT
    python3 - "$scratch/trace.out" "$port" "$repeat" "$1" "${expected[@]}" <<'PY'
import sys
from timeline import *

path, port, repeat, what, *expected = sys.argv[1:]
rows = load(path)
check_none_lost(rows)
servers, wanted, found = {}, {}, {}
for line in expected:
    address, server, client = line.split(",")
    local = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    servers[local] = int(server)
    wanted[local, int(client)] = int(repeat)
listening = {}
for row in rows:
    if "conn" not in row:
        listening.setdefault(row["local"], []).append(row)
for local, own in listening.items():
    bad = [row for row in own if (row.get("pid"), row.get("comm"))
           != (servers[local], "daytime-server")]
    require(not bad, f"the listener is daytime-server[{servers[local]}]'s:", bad)
for connection in connections(rows).values():
    _, server = check_endpoints(connection)
    check_owner(connection, "server", servers[server], "daytime-server")
    client = check_owner(connection, "client", comm="daytime-client")
    found[server, client] = found.get((server, client), 0) + 1
require(found == wanted, f"connections of each server and client: {found}, not {wanted}")
ok(f"{what}: {len(rows)} rows of {sum(found.values())} connections, each with its owner")
PY
}

measure() { # WHAT [OPTION…]
    local address what=$1
    shift
    expected=()
    start_trace trace --all --port "$port" -f json "$@"
    for address in "${addresses[@]}"; do
        start_server "server-$address" "$address" --pause 0
    done
    load
    for address in "${addresses[@]}"; do
        kill "${pids[server-$address]}"
        finish "server-$address"
    done
    stop_trace trace
    expect_status 0 trace
    each check_owners "$what"
}

measure 'different users'
measure 'different users, light' --light
each python3 "$here/owner.py" "$bin/tcpladder" "$scratch" "$port"
conclude

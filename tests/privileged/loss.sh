#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Loss is told, at its place and in full: printed and lost are together what the kernel counted.
# With the default buffer nothing is lost at full speed.
#
#   tests/privileged/loss.sh BIN_DIR
. "$(dirname "$0")/lib.sh"
begin "$@"

addresses=(127.0.0.1)
! has_ipv6 || addresses+=(::1)
for address in "${addresses[@]}"; do
    start_server "server-$address" "$address" --pause 0
done

connect_all() { # HOW MANY for each of four clients
    local address i
    for address in "${addresses[@]}"; do
        for i in 1 2; do
            start "client-$address-$i" "$bin/daytime-client" --port "$port" --address "$address" \
                --repeat "$1" --quiet
        done
    done
    for address in "${addresses[@]}"; do
        for i in 1 2; do
            finish "client-$address-$i"
            expect_status 0 "client-$address-$i"
        done
    done
    wait_until "the last connection is over" quiet
}

# The tracer's own counters, read from the kernel behind its back.
read_counters() {
    command -v bpftool >/dev/null || return 0
    python3 - "${pids[trace]}" >"$scratch/counters" <<'PY'
import json
import os
import subprocess
import sys

pid = sys.argv[1]
maps = set()
for fd in os.listdir(f"/proc/{pid}/fdinfo"):
    with open(f"/proc/{pid}/fdinfo/{fd}", encoding="ascii") as file:
        maps |= {line.split()[1] for line in file if line.startswith("map_id:")}


def bpftool(*words):
    return json.loads(subprocess.run(["bpftool", "-j", "map", *words], check=True,
                                     capture_output=True).stdout)


for number in maps:
    if bpftool("show", "id", number).get("name") != "tl_counters":
        continue
    values = [entry["value"] for entry in bpftool("dump", "id", number)[0]["formatted"]["values"]]
    print(json.dumps({key: [sum(kind) for kind in zip(*(value[key] for value in values))]
                      for key in ("sent", "lost")}))
PY
}

# trace_load HOW MANY [OPTION…]: fills $status.
trace_load() {
    local count=$1
    shift
    cp /proc/net/snmp "$scratch/snmp.before"
    : >"$scratch/counters"
    start_trace trace --all --port "$port" -f json "$@"
    connect_all "$count"
    cp /proc/net/snmp "$scratch/snmp.after"
    read_counters
    stop_trace trace
}

examine() { # WHAT EXPECTED
    python3 - "$scratch" "$1" "$2" <<'PY'
import json
import sys
from timeline import *

scratch, what, expected = sys.argv[1:]
rows = load(f"{scratch}/trace.out")
told = check_summary(rows, f"{scratch}/trace.err")
check_order(rows)
lost = [row for row in rows if row["kind"] == "lost"]
if expected == "nothing":
    check_none_lost(rows)
else:
    require(lost, f"nothing was lost, nothing to see: {told['text']}")
    inside = [row for row in lost if 1 < row["n"] < len(rows)]
    require(inside, "no gap in the middle:", lost)
    for row in lost:
        require(row["count"] > 0, "a gap of nothing:", [row])
        require(row.get("from_ns", 0) <= row["mono_ns"], "a gap that ends before it begins:", [row])
    for row in rows:
        cause = row.get("cause", {}).get("n", 0)
        require(cause < row["n"], "the cause stands behind its effect:", [row])

before, after = (tcp_counters(f"{scratch}/snmp.{when}") for when in ("before", "after"))
counted = {key: after[key] - before[key] for key in ("OutSegs", "InSegs", "RetransSegs")}
total = counted["OutSegs"] + counted["InSegs"]
shown = sightings(rows)
with open(f"{scratch}/counters", encoding="ascii") as file:
    own = json.loads(file.read() or "{}")
require(shown + told["lost_segments"] == total,
        f"the kernel counted {counted}, {total} in all; {shown} are shown and "
        f"{told['lost_segments']} lost, together {shown + told['lost_segments']}; "
        f"the tracer's own counters are {own}, the summary says '{told['text']}'")
if own:
    sent, lost_here = sum(own["sent"]), sum(own["lost"])
    require(lost_here == told["lost"] and sent <= told["records"],
            f"the tracer's own counters are {own}, but the summary says '{told['text']}'")
ok(f"{what}: {shown} sightings of segments shown + {told['lost_segments']} lost = {total} that "
   f"the kernel counted; {told['lost']} records lost in {len(lost)} gaps")
PY
}

trace_load 2500 --buffer 64KiB --strict
expect_status 3 trace
ok "--strict and a loss: status 3"
each examine '64 KiB, full load' something

trace_load 1000 --buffer 64KiB --light
expect_status 0 trace
ok "a loss without --strict: status 0"
each examine '64 KiB, full load, light' something

trace_load 5000 --strict
expect_status 0 trace
ok "--strict with the default buffer at full speed: status 0"
each examine 'default buffer, full load' nothing

# --- A gap where we know the place: the tracer is stopped for a while

now() { python3 -c 'import time; print(time.monotonic_ns())'; }
rows_after() { # TIME: does the trace show a row that is younger?
    python3 - "$scratch/trace.out" "$1" <<'PY'
import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    lines = file.read().split("\n")
sys.exit(len(lines) < 2 or json.loads(lines[-2])["mono_ns"] <= int(sys.argv[2]))
PY
}
has_stopped() { grep -q '^State:.T' "/proc/${pids[trace]}/status"; }

# Few connections before and after: all of them together fit into the buffer.
gap_at_its_place() {
    local before stopped ended after
    start_trace trace --all --port "$port" -f json --buffer 64KiB --strict
    before=$(now)
    connect_all 1
    wait_until "the rows before the gap are shown" rows_after "$before"
    stopped=$(now)
    kill -STOP "${pids[trace]}"
    wait_until "the tracer has stopped" has_stopped
    connect_all 100
    ended=$(now)
    kill -CONT "${pids[trace]}"
    wait_until "the tracer goes on" rows_after "$stopped"
    after=$(now)
    connect_all 1
    stop_trace trace
    expect_status 3 trace
    python3 - "$scratch" "$stopped" "$ended" "$after" "$((2 * ${#addresses[@]}))" <<'PY'
import sys
from timeline import *

scratch, *times, each_phase = sys.argv[1:]
stopped, ended, after = map(int, times)
rows = load(f"{scratch}/trace.out")
check_summary(rows, f"{scratch}/trace.err")
check_order(rows)
lost = [row for row in rows if row["kind"] == "lost"]
require(lost, "there is no gap")
first = next(row["n"] for row in rows if row["mono_ns"] > after)
for row in lost:
    require(stopped <= row["from_ns"] <= ended, "the gap begins where nothing was lost:", [row])
    require(row["n"] <= first, "the gap is shown too late:", [row])
complete = {"before": 0, "after": 0}
for connection in connections(rows).values():
    times = [row["mono_ns"] for row in connection.rows]
    phase = "before" if max(times) < stopped else "after" if min(times) > after else None
    if phase:
        check_connection(connection)
        check_daytime(connection, False, connection.path("server")[-1] == "CLOSE")
        complete[phase] += 1
require(set(complete.values()) == {int(each_phase)},
        f"complete connections before and after the gap: {complete}, not {each_phase} each")
ok(f"the gap stands where {sum(row['count'] for row in lost)} records are missing; all is "
   "complete before and after")
PY
}

each gap_at_its_place
conclude

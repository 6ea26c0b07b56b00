#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Segments are exact: tcpdump on the same interface at the same time is the judge, over 1,200
# connections of 8 clients at once, half of them IPv6. Each segment that it wrote is in our rows
# exactly once, and nothing else is; and our tcpdump view is what it prints.
#
#   tests/privileged/segments_exact.sh BIN_DIR
. "$(dirname "$0")/lib.sh"
begin "$@"
need tcpdump

clients=4 # for each address
repeat=150
attempts=3 # as long as tcpdump itself drops something

addresses=(127.0.0.1)
if has_ipv6; then
    addresses+=(::1)
else
    echo "skip no IPv6 on loopback"
    repeat=300
fi

listening() { says "$scratch/tcpdump.err" '^tcpdump: listening on lo'; }

# The last segment of all is the last acknowledgment of the connection made last.
captured_all() {
    python3 - "$scratch/judge.pcap" "$1" <<'PY'
import sys
from pcap import segments

found = list(segments(sys.argv[1]))
fins = sum("F" in segment.flags for segment in found)
sys.exit(fins < 2 * int(sys.argv[2]) or found[-1].flags != ".")
PY
}

load() {
    local address i
    for address in "${addresses[@]}"; do
        for ((i = 0; i < clients; i++)); do
            start "client-$address-$i" "$bin/daytime-client" --port "$port" --address "$address" \
                --repeat "$repeat" --quiet
        done
    done
    for address in "${addresses[@]}"; do
        for ((i = 0; i < clients; i++)); do
            finish "client-$address-$i"
            expect_status 0 "client-$address-$i"
        done
    done
}

# Fails if tcpdump did not get all: then it cannot judge.
record() {
    local address dropped
    start tcpdump tcpdump -i lo -n -s 128 -B 65536 -U -w "$scratch/judge.pcap" "tcp port $port"
    wait_until "tcpdump listens" listening
    start_trace json --all --port "$port" -f json
    start_trace text --all --port "$port" -f tcpdump -S -t -n
    for address in "${addresses[@]}"; do
        start_server "server-$address" "$address" --pause 0
    done
    load
    wait_until "the last connection is over" quiet
    wait_until "tcpdump has written all" \
        captured_all "$((clients * repeat * ${#addresses[@]}))"
    stop_trace json
    expect_status 0 json
    stop_trace text
    expect_status 0 text
    kill -INT "${pids[tcpdump]}"
    finish tcpdump
    for address in "${addresses[@]}"; do
        kill "${pids[server-$address]}"
        finish "server-$address"
    done
    dropped=$(sed -n 's/^\([0-9]*\) packets\{0,1\} dropped by kernel$/\1/p' "$scratch/tcpdump.err")
    [ "$dropped" = 0 ] && return
    echo "tcpdump itself dropped ${dropped:-an unknown number of} packets"
    return 1
}

for ((attempt = 1; ; attempt++)); do
    record && break
    [ "$attempt" -lt "$attempts" ] || fail "tcpdump lost packets in each of $attempts attempts"
done

compare_rows() {
    python3 - "$scratch" "$port" "$((clients * repeat * ${#addresses[@]}))" <<'PY'
import sys
from collections import Counter

import pcap
from timeline import *

scratch, port, expected = sys.argv[1:]
rows = load(f"{scratch}/json.out")
check_order(rows)
check_none_lost(rows)
check_both_times(rows)
segments = [row for row in rows if row["kind"] == "segment"]
judge = Counter(pcap.segments(f"{scratch}/judge.pcap"))
ours = Counter(map(pcap.of_row, segments))


def told(difference):
    lines = [f"\n    {count} x {segment}" for segment, count in difference.items()]
    return f"{len(lines)}:" + "".join(lines[:SHOWN])


missing, invented = judge - ours, ours - judge
require(not missing, f"segments that tcpdump has and the rows have not, {told(missing)}")
require(not invented, f"segments that tcpdump has not, {told(invented)}")
all_connections = connections(rows)
require(len(all_connections) == int(expected),
        f"{len(all_connections)} connections, not {expected}")
unknown = [row for row in segments if "conn" not in row]
require(not unknown, "segments of no connection:", unknown)
check_summary(rows, f"{scratch}/json.err")
ok(f"{len(segments)} segments of {expected} connections, each exactly once and exactly right")
PY
}

compare_text() {
    tcpdump -nnSt -r "$scratch/judge.pcap" >"$scratch/judge.txt" 2>"$scratch/judge.err"
    python3 - "$scratch" <<'PY'
import sys
from collections import Counter

from timeline import ok, require

scratch = sys.argv[1]
judge, ours = (open(f"{scratch}/{name}", encoding="utf-8").read().splitlines()
               for name in ("judge.txt", "text.out"))


def told(lines):
    lines = list(lines)
    return f"{len(lines)}:" + "".join(f"\n    {line}" for line in lines[:12])


missing, invented = Counter(judge) - Counter(ours), Counter(ours) - Counter(judge)
require(not missing, f"lines of tcpdump that are not ours, {told(missing)}")
require(not invented, f"lines of ours that are not tcpdump's, {told(invented)}")


def by_connection(lines):
    groups = {}
    for line in lines:
        _, source, _, destination = line.split()[:4]
        groups.setdefault(frozenset((source, destination.rstrip(":"))), []).append(line)
    return groups


judges, our_groups = by_connection(judge), by_connection(ours)
for ends, lines in judges.items():
    mine = our_groups[ends]
    require(mine == lines, f"another order in {sorted(ends)}:\n  tcpdump's, {told(lines)}\n"
            f"  ours, {told(mine)}")
first = next((i for i, pair in enumerate(zip(judge, ours)) if pair[0] != pair[1]), None)
order = ", in its order" if first is None else (
    f"; from line {first + 1} on, those of different connections are in another order")
ok(f"{len(ours)} lines of {len(judges)} connections are tcpdump's{order}")
PY
}

each compare_rows
each compare_text
conclude

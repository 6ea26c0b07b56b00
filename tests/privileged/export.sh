#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What is exported is what others read: pcap of one end's view, JSON, CSV.
#
#   tests/privileged/export.sh BIN_DIR
. "$(dirname "$0")/lib.sh"
begin "$@"
tcpladder=$bin/tcpladder
file=$scratch/daytime.pcapng

run "$tcpladder" trace --daytime-port "$port" --pause 10ms --clients 3 -w "$file" -f json
[ "$status" -eq 0 ] || fail "trace: $(cat "$scratch/run.err")"
cp "$scratch/run.out" "$scratch/live.json"

export_to() { # KIND FILE
    "$tcpladder" export "$file" --to "$1" -o "$2" 2>"$scratch/export.err" ||
        fail "export --to $1: $(cat "$scratch/export.err")"
    [ ! -s "$scratch/export.err" ] || fail "export --to $1 says $(cat "$scratch/export.err")"
}

export_to json "$scratch/rows.json"
cmp "$scratch/live.json" "$scratch/rows.json" || fail "JSON is not what was live"
ok "JSON: the live rows"

export_to pcap "$scratch/plain.pcap"
[ "$(stat -c %a "$scratch/plain.pcap")" = 600 ] || fail "others may read the pcap"
if command -v tcpdump >/dev/null; then
    # Of the packets the times aside: both programs show a segment once.
    tcpdump -nnS -t -r "$scratch/plain.pcap" 2>"$scratch/tcpdump.err" | sort >"$scratch/theirs"
    "$tcpladder" show "$file" -f tcpdump -nSt 2>/dev/null | sort >"$scratch/ours"
    cmp "$scratch/theirs" "$scratch/ours" || fail "tcpdump reads something else from the pcap"
    ok "pcap: $(wc -l <"$scratch/ours") segments, each once, as tcpdump shows them"
else
    echo "skip there is no tcpdump"
fi
if command -v tshark >/dev/null; then
    marked=$(tshark -r "$scratch/plain.pcap" -Y tcp.analysis.flags 2>/dev/null | wc -l)
    [ "$marked" -eq 0 ] || fail "tshark takes $marked segments for retransmissions or the like"
    ok "pcap: tshark finds nothing odd"
else
    echo "skip there is no tshark"
fi

export_to states "$scratch/states.csv"
export_to connections "$scratch/connections.csv"
python3 - "$scratch" <<'PY'
import csv
import json
import sys

scratch = sys.argv[1]
with open(f"{scratch}/live.json", encoding="utf-8") as file:
    rows = [json.loads(line) for line in file]
with open(f"{scratch}/states.csv", encoding="utf-8", newline="") as file:
    states = list(csv.DictReader(file))
with open(f"{scratch}/connections.csv", encoding="utf-8", newline="") as file:
    connections = list(csv.DictReader(file))


def text(value):
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


expected = [row for row in rows if row["kind"] == "state"]
assert len(states) == len(expected) > 30, f"{len(states)} states, not {len(expected)}"
for cells, row in zip(states, expected):
    flat = {**row, **{f"cause_{key}": value for key, value in row["cause"].items()}}
    for key, value in cells.items():
        assert value == text(flat.get(key)), f"{key} is {value} in CSV: {row}"
assert len(connections) == 3, connections
for cells in connections:
    mine = [row for row in rows if row.get("conn") == int(cells["conn"])]
    for end in ("client", "server"):
        sent = [row for row in mine if row["kind"] == "segment" and row["from"] == end]
        assert int(cells[f"{end}_segments"]) == len(sent), cells
        assert int(cells[f"{end}_bytes"]) == sum(row["len"] for row in sent), cells
        assert cells[f"{end}_comm"] == f"daytime-{end}", cells
    last = {row["side"]: row["new"] for row in mine if row["kind"] == "state"}
    assert cells["client_state"] == last["client"] and cells["server_state"] == last["server"]
print(f"ok   CSV: {len(states)} state changes and {len(connections)} connections, as in JSON")
PY

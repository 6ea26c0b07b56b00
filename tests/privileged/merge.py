# SPDX-License-Identifier: MIT
"""Judges two hosts' merged timeline against the one by the true clock.

  merge.py TRUTH MERGED STDERR WHAT
"""
import json
import re
import sys


def load(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def identity(row):
    return tuple(row.get(key) for key in ("kind", "local", "remote", "seq", "ack", "flags", "len",
                                          "old", "new"))


def require(condition, complaint):
    if not condition:
        sys.exit(f"FAIL {what}: {complaint}")


UNITS = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}
truth_file, merged_file, said_file, what = sys.argv[1:]
truth, merged = load(truth_file), load(merged_file)
with open(said_file, encoding="utf-8") as file:
    said = file.read()

line = re.search(r"clock is .* ±([0-9.]+) (ns|us|ms|s).* \((\d+) segments matched, (\d+) not", said)
require(line, f"no alignment is told: {said}")
bound = float(line[1]) * UNITS[line[2]] * 1.05 + 1  # it is printed rounded
require(int(line[4]) == 0, f"{line[4]} segments were not matched")

segments = [row for row in merged if row["kind"] == "segment"]
pairs = [row for row in segments if "sent_ns" in row and "received_ns" in row]
require(len(pairs) == len(segments) > 100, f"{len(pairs)} of {len(segments)} have both times")
require(all(row["sent_ns"] < row["received_ns"] for row in pairs), "received before it was sent")
require(all(a["mono_ns"] <= b["mono_ns"] for a, b in zip(merged, merged[1:])), "time runs back")
require({row.get("host") for row in merged} == {"vm1", "vm2"}, "the hosts are not told apart")

known = {identity(row): row["mono_ns"] for row in truth}
require(len(known) == len(truth), "the rows of the truth are not unique")
require(sorted(map(identity, merged), key=str) == sorted(map(identity, truth), key=str),
        "the rows are not those of the truth")
ids = {row["n"]: row for row in merged}
causes = [row for row in merged if row["kind"] == "state"]
require(all(row["cause"]["type"] != "unknown" for row in causes), "a cause is unknown")
require(all(row["cause"]["n"] < row["n"] for row in causes if "n" in row["cause"]),
        "an effect stands before its cause")

# Between the last segment before a step and the first one after it nobody knows the clock.
sure = segments if "stretches" in said else merged
errors = [row["mono_ns"] - known[identity(row)] for row in sure]
worst = max(map(abs, errors))
# The smallest round trip, by the true clock: there and back, as short as it gets.
transit = {}
for row in (row for row in truth if row["kind"] == "segment"):
    took = row["received_ns"] - row["sent_ns"]
    transit[row["from"]] = min(took, transit.get(row["from"], took))
half = sum(transit.values()) / 2
require(worst <= bound, f"the error is {worst} ns, more than the bound of {bound:.0f} ns")
require(worst <= half, f"the error is {worst} ns, more than half of the smallest round trip {half}")
print(f"ok   {what}: {len(segments)} segments, all with both times and in order; largest error "
      f"{worst} ns, bound {bound:.0f} ns, half of the smallest round trip {half:.0f} ns")

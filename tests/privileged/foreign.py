# SPDX-License-Identifier: MIT
"""What is inferred of a capture against what the kernel said of the same connections.

foreign.py WHAT KERNEL.json INFERRED.json [--segments]
"""

import sys
from collections import Counter, defaultdict

import pcap
from timeline import brief, load, ok, require, transition

LARGEST = 65535 - 60  # of the payload of an IP packet


def paths(rows):
    """The transitions of each end, without the end of TIME_WAIT: nobody sees it in a capture."""
    found = defaultdict(list)
    for row in rows:
        if row["kind"] != "state" or "remote" not in row:
            continue
        if transition(row) != "TIME_WAIT -> CLOSE":
            found[row["local"], row["remote"]].append(row)
    return found


def as_captured(steps, sent_fin):
    """A FIN that waits behind data and never leaves is in no capture: nor is the state that waits."""
    if sent_fin:
        return steps
    seen = [step for step in steps if not step.endswith(("-> FIN_WAIT1", "-> LAST_ACK"))]
    return [step.replace("FIN_WAIT1 ->", "ESTABLISHED ->").replace("LAST_ACK ->", "CLOSE_WAIT ->")
            for step in seen]


def ends_of(rows):
    ends = set()
    for row in rows:
        if row["kind"] == "segment":
            ends |= {(row["local"], row["remote"]), (row["remote"], row["local"])}
    return ends


def compare(what, kernel, inferred):
    known, ours = paths(kernel), paths(inferred)
    ends = ends_of(inferred)
    closers = {(row["local"], row["remote"]) for row in inferred
               if row["kind"] == "segment" and "F" in row["flags"]}
    differ, shown = [], []
    for end in sorted(ends):
        judge = as_captured([transition(row) for row in known.get(end, [])], end in closers)
        mine = [transition(row) for row in ours.get(end, [])]
        if judge == mine:
            continue
        differ.append(end)
        if len(differ) <= 5:
            shown += [f"\n  {end}: the kernel: {'; '.join(judge)}\n    inferred: {'; '.join(mine)}"]
            shown += ["\n    " + brief(row) for row in inferred
                      if row["kind"] in ("segment", "state") and
                      {row.get("local"), row.get("remote")} == set(end)][:40]
    require(not differ, f"{what}: {len(differ)} of {len(ends)} ends differ:" + "".join(shown))
    require(ends, f"{what}: no connection was captured")
    observed = [row for row in inferred if row["kind"] == "state" and row["observed"]]
    require(not observed, f"{what}: a state of a capture that is not marked inferred", observed)
    total = sum(map(len, ours.values()))
    ok(f"{what}: {total} transitions of {len(ends)} ends are the kernel's")


def join(large, missing, invented):
    """What the kernel sends over loopback in one piece although no IP packet is so long is captured
    as several: they count as found if they are its bytes, in order, and nothing else."""
    at, pieces = 0, []
    while at < large.length:
        piece = next((piece for piece in invented
                      if piece._replace(seq=0, length=0, flags="") ==
                      large._replace(seq=0, length=0, flags="") and piece.length > 0
                      and (piece.seq - large.seq) % 2**32 == at), None)
        if piece is None:
            return
        at += piece.length
        pieces.append(piece)
    if at == large.length:
        missing[large] -= 1
        invented.subtract(pieces)
        for counter in (missing, invented):
            for segment in [segment for segment, count in counter.items() if count <= 0]:
                del counter[segment]


def compare_segments(what, kernel, inferred):
    ends = ends_of(inferred)
    judge = Counter(pcap.of_row(row) for row in kernel
                    if row["kind"] == "segment" and (row["local"], row["remote"]) in ends)
    ours = Counter(pcap.of_row(row) for row in inferred if row["kind"] == "segment")
    missing, invented = judge - ours, ours - judge
    for large in [segment for segment in missing if segment.length > LARGEST]:
        join(large, missing, invented)
    require(not missing, f"{what}: segments that were not captured: {list(missing)[:5]}")
    require(not invented, f"{what}: segments that were not sent: {list(invented)[:5]}")
    ok(f"{what}: {sum(ours.values())} segments, each exactly once")


def main(what, kernel, inferred, *flags):
    kernel, inferred = load(kernel), load(inferred)
    if "--segments" in flags:
        compare_segments(what, kernel, inferred)
    compare(what, kernel, inferred)


if __name__ == "__main__":
    main(*sys.argv[1:])

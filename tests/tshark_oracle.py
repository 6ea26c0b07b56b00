#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What we say of segments against what tshark says of the same capture, packet by packet.

  tests/tshark_oracle.py BIN_DIR [FILE.pcap...]

Relative numbers, scaled windows, which segment an ACK acknowledges, and the notes. Without files:
on generated conversations whose numbers pass 2^32. Where we differ on purpose the reason is in
DIFFERENCES; any other difference ends the test with status 1.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

FLAGS = {  # tshark's field: our note
    "retransmission": "retransmission", "fast_retransmission": "fast",
    "spurious_retransmission": "spurious", "out_of_order": "out of order",
    "lost_segment": "previous lost", "ack_lost_segment": "acked unseen",
    "duplicate_ack": "duplicate ack", "zero_window": "zero window",
    "zero_window_probe": "window probe", "zero_window_probe_ack": "probe ack",
    "window_update": "window update", "window_full": "window full", "keep_alive": "keepalive",
    "keep_alive_ack": "keepalive ack"}
NUMBERS = {"tcp.seq": "rel_seq", "tcp.ack": "rel_ack", "tcp.window_size": "win_scaled",
           "tcp.analysis.acks_frame": "acks"}

# What tshark has no flag for.
OURS_ONLY = {"rto", "tlp", "syn timeout", "syn+ack timeout", "challenge ack", "fast open",
             "not received"}

# Each: what they say and we do not, what we say and they do not, whether `row` is such a case,
# and why ours is right.
DIFFERENCES = [
    ({"keepalive"}, {"window probe"}, lambda row: True,
     "Linux probes a shut window with a number that was sent before, as a keepalive does: tshark "
     "knows only the probe with the next byte. The receiver's window is zero, so it is a probe"),
    ({"keepalive ack"}, set(), lambda row: "window update" in row["notes"],
     "the answer to a window probe that has opened the window is a window update"),
    (set(), {"probe ack"}, lambda row: row["win"] == 0,
     "the answer to such a probe, with the window still shut"),
    ({"duplicate ack"}, set(), lambda row: "challenge ack" in row["notes"],
     "it answers a SYN that cannot be: no segment is missing, and it must not count for a fast "
     "retransmission"),
    (set(), {"retransmission"}, lambda row: "window probe" in row["copy"]["notes"],
     "the window probe before it had carried this byte"),
    (set(), {"spurious"}, lambda row: row["len"] == 0,
     "tshark calls only data spurious; this SYN or FIN was acknowledged as well"),
    ({"acked unseen"}, set(), lambda row: "acks" in row,
     "it acknowledges a FIN behind a hole, which was seen"),
]
ZERO = ("tshark takes the number 0 for 'not known', so that it forgets what it knew where a "
        "conversation stands just at 2^32")
AGAIN = ("tshark says that an ACK acknowledges a copy or a keepalive that came when all was "
         "acknowledged; for us the first ACK does")


def ours(bin_dir, file):
    text = subprocess.run([f"{bin_dir}/tcpladder", "show", "-q", file, "-f", "json"], check=True,
                          capture_output=True, text=True).stdout
    rows = [json.loads(line) for line in text.splitlines()]
    return {row["n"]: row for row in rows if row["kind"] == "segment"}


def theirs(file):
    fields = ["frame.number", "tcp.seq_raw", "tcp.srcport", *NUMBERS,
              *(f"tcp.analysis.{flag}" for flag in FLAGS)]
    words = ["tshark", "-n", "-r", file, "-Y", "tcp", "-T", "fields", "-E", "occurrence=f"]
    for field in fields:
        words += ["-e", field]
    text = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    return [dict(zip(fields, line.split("\t"))) for line in text.splitlines()]


def explained(missing, surplus, row):
    for less, more, applies, reason in DIFFERENCES:
        if less <= missing and more <= surplus and (less or more) and applies(row):
            rest = explained(missing - less, surplus - more, row)
            if rest is not None:
                return [reason, *rest]
    return [] if not missing and not surplus else None


def compare(bin_dir, name, file):
    rows, frames = ours(bin_dir, file), theirs(file)
    if len(rows) != len(frames):
        sys.exit(f"FAIL {name}: {len(rows)} segments, tshark has {len(frames)}")
    row_of_frame = dict(zip((frame["frame.number"] for frame in frames), rows))
    problems, reasons, noted = [], {}, 0
    ends = {}  # of each direction: the highest number so far, the newest ACK
    for frame, (n, row) in zip(frames, rows.items()):
        row.setdefault("notes", [])
        row["copy"] = rows.get(row.get("copy_of"), {"notes": []})
        where = f"{name}: frame {frame['frame.number']}, our row {n}"
        if int(frame["tcp.seq_raw"]) != row["seq"]:
            sys.exit(f"FAIL {where}: another segment")
        at_zero = stands_at_zero(row, ends)
        for field, key in NUMBERS.items():
            value = frame[field]
            if field == "tcp.analysis.acks_frame":
                value = str(row_of_frame[value]) if value else ""
            if field == "tcp.ack" and key not in row:
                continue  # no ACK flag
            mine = str(row.get(key, ""))
            if mine == value:
                continue
            again = key == "acks" and not mine and bool(
                {"retransmission", "keepalive"} & set(rows[int(value)]["notes"]))
            reason = AGAIN if again else ZERO if at_zero and key == "acks" else None
            if reason is None:
                problems.append(f"{where}: {field} is {value}, our {key} is {mine}")
            else:
                reasons[reason] = reasons.get(reason, 0) + 1
        their_notes = {note for flag, note in FLAGS.items() if frame[f"tcp.analysis.{flag}"]}
        if their_notes & {"fast", "spurious"}:
            their_notes.add("retransmission")
        our_notes = set(row["notes"]) - OURS_ONLY
        noted += len(our_notes)
        found = explained(their_notes - our_notes, our_notes - their_notes, row)
        if found is None and at_zero:
            found = [ZERO]
        if found is None:
            problems.append(f"{where}: tshark says {sorted(their_notes)}, we {row['notes']}")
        for reason in found or []:
            reasons[reason] = reasons.get(reason, 0) + 1
    for problem in problems[:20]:
        print(f"FAIL {problem}")
    if problems:
        sys.exit(f"FAIL {name}: {len(problems)} differences")
    print(f"ok   {name}: {len(frames)} segments, {noted} notes")
    for reason, count in reasons.items():
        print(f"     {count} times another word than tshark's: {reason}")


def stands_at_zero(row, ends):
    """Whether the absolute number 0 is among those that this segment is judged by."""
    here, there = (row["conn"], row["local"]), (row["conn"], row["remote"])
    mine, peers = ends.get(here, {}), ends.get(there, {})
    numbers = [row["seq"], row["end"], row.get("ack"), *mine.values(), *peers.values()]
    if "next" not in mine or (row["end"] - mine["next"]) % 2**32 < 2**31:
        mine["next"] = row["end"]
    if "ack" in row:
        mine["ack"] = row["ack"]
    ends[here] = mine
    return 0 in numbers


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    bin_dir, files = sys.argv[1], sys.argv[2:]
    if shutil.which("tshark") is None:
        print("skip no tshark")
        sys.exit(77)
    for file in files:
        compare(bin_dir, os.path.basename(file), file)
    if files:
        return
    generator = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden",
                             "make_conversations.py")
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(1, 6):
            file = f"{folder}/{seed}.pcap"
            subprocess.run([sys.executable, generator, file, "--seed", str(seed)], check=True)
            compare(bin_dir, f"generated {seed}", file)


if __name__ == "__main__":
    main()

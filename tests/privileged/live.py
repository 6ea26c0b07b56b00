# SPDX-License-Identifier: MIT
"""The scenes of live.sh: `tcpladder trace` on a terminal of our own."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time

from timeline import ok, require

program, port = sys.argv[1:]
PATIENCE = 20  # seconds
PROMPT = 0.05  # seconds from the kernel's event to the terminal
TRIES = 5      # the machine has other work, too
ROW = re.compile(r"^ *(\d+\.\d{6}) +#(\d+) ")
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


def run_on_terminal(columns, *options):
    """What it writes: a list of (when it arrived, Unix time; line, with its colours)."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = dict(os.environ, TERM="xterm", LC_ALL="C.UTF-8")
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen([program, "trace", "--daytime-port", port, *options], stdout=theirs,
                               stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                               env=environment)
    os.close(theirs)
    lines, rest = [], b""
    deadline = time.monotonic() + PATIENCE
    while True:
        ready, _, _ = select.select([ours], [], [], max(0, deadline - time.monotonic()))
        require(ready, f"nothing comes any more: {lines[-3:]}")
        try:
            text = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        now = time.time()
        *whole, rest = (rest + text).split(b"\n")
        lines += [(now, line.decode().rstrip("\r")) for line in whole]
    os.close(ours)
    require(process.wait(PATIENCE) == 0, f"status {process.returncode}")
    return lines


def plain(lines):
    return [ESCAPES.sub("", line) for _, line in lines]


def is_default():
    lines = run_on_terminal(80, "--pause", "10ms")
    text = "\n".join(plain(lines))
    require("├─ SYN J=" in text and "● TIME_WAIT" in text, f"no ladder:\n{text}")
    require(any("\x1b[" in line for _, line in lines), "no colours")
    widest = max(len(line) for line in plain(lines))
    require(widest <= 80, f"{widest} columns on a terminal of 80")
    lines = run_on_terminal(132, "--pause", "10ms")
    require(any(len(line) > 110 for line in plain(lines)), "a wider terminal is not used")
    lines = run_on_terminal(80, "--pause", "10ms", "--clients", "2")
    require(not any("├─" in line for line in plain(lines)), "a ladder of two conversations")
    ok("on a terminal one conversation is a ladder, as wide as the terminal, in colours")


def latencies():
    """Of each row: from the kernel's time to its arrival."""
    lines = run_on_terminal(80, "--pause", "200ms", "-tt")
    rows = [(now, ROW.match(line)) for (now, _), line in zip(lines, plain(lines))]
    found = [(now - float(row[1]), int(row[2])) for now, row in rows if row]
    require(len(found) >= 18, f"only {len(found)} rows")
    return found


def is_prompt():
    tries = []
    for _ in range(TRIES):
        found = latencies()
        late = [row for row in found if row[0] > 0.19]
        require(not late, f"rows came when the next thing happened, or at the end: {late}")
        worst, n = max(found)
        tries.append(f"{worst * 1000:.1f} ms (#{n})")
        if worst <= PROMPT:
            ok(f"each of {len(found)} rows is on the terminal within {PROMPT * 1000:.0f} ms; "
               f"the slowest: {', '.join(tries)}")
            return
    require(False, f"the slowest rows of {TRIES} traces: {', '.join(tries)}")


is_default()
is_prompt()

# SPDX-License-Identifier: MIT
"""The lab, or one of its actors, is ended by a signal at a random moment: see lab_killed.sh.

lab_killed.py TCPLADDER RUNS SEED
"""

import collections
import os
import random
import signal
import subprocess
import sys
import time

from timeline import ok, require
from tracing import wait_until

program, runs, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGKILL]
VICTIMS = ["lab", "lab-client", "lab-server"]
MARK = f"TCPLADDER_TEST_MARK={os.getpid()}"
MOMENTS = 1.5  # seconds in which a scenario has begun, runs, or is over


def processes():
    """(pid, comm) of the lab and all that it has made, however it ended: they have our mark. A
    network namespace without a name or a mount lives as long as one of them."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                if MARK.encode() not in file.read():
                    continue
            with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:
                found.append((int(pid), file.read().strip()))
        except OSError:
            pass  # it has just ended
    return found


def left():
    """What there is that a lab could have left."""
    with open("/proc/mounts", encoding="ascii", errors="replace") as file:
        mounts = file.read()
    devices = sorted(os.listdir("/sys/class/net"))
    return mounts, sorted(os.listdir(os.environ["TMPDIR"])), devices, processes()


def victim_pid(lab, who):
    if who == "lab":
        return lab.pid
    with open(f"/proc/{lab.pid}/task/{lab.pid}/children", encoding="ascii") as file:
        children = file.read().split()
    names = dict(processes())
    return next((int(pid) for pid in children if names.get(int(pid)) == who), None)


def one_run(number, scenario, who, how, moment, before):
    what = f"run {number}: {scenario}, {how.name} to {who} after {moment:.2f} s"
    lab = subprocess.Popen([program, "lab", scenario], stdout=subprocess.DEVNULL,
                           stderr=subprocess.PIPE, text=True, start_new_session=True,
                           env=dict(os.environ, TCPLADDER_TEST_MARK=str(os.getpid())))
    time.sleep(moment)  # no condition: any moment is the right one
    struck = None
    try:
        struck = victim_pid(lab, who)
        if struck is not None:
            os.kill(struck, how)
    except (FileNotFoundError, ProcessLookupError):
        struck = None  # too late
    try:
        said = lab.communicate(timeout=30)[1]
    except subprocess.TimeoutExpired:
        lab.kill()
        raise AssertionError(f"{what}: it hangs") from None
    status = lab.returncode
    allowed = {0, 1, 3} | ({-how} if who == "lab" and struck else set())
    require(status in allowed, f"{what}: status {status}: {said}")
    require("Traceback" not in said and "terminate called" not in said, f"{what}: {said}")
    wait_until(f"{what}: nothing is left", lambda: left() == before)
    if who == "lab" and how == signal.SIGKILL:
        clean = subprocess.run([program, "lab", "clean"], capture_output=True, text=True,
                               check=False)
        require(clean.returncode == 0, f"{what}: lab clean: {clean.stderr}")
    return who, how.name, status if struck else "too late"


def main():
    chance = random.Random(seed)
    listed = subprocess.run([program, "lab", "list"], capture_output=True, text=True, check=True)
    scenarios = [line.split()[0] for line in listed.stdout.splitlines() if line.strip()]
    before = left()
    counts = collections.Counter()
    for number in range(1, runs + 1):
        counts[one_run(number, chance.choice(scenarios), chance.choice(VICTIMS),
                       chance.choice(SIGNALS), chance.uniform(0, MOMENTS), before)] += 1
    for (who, how, status), count in sorted(counts.items(), key=str):
        print(f"     {count:4} times {how} to {who}: status {status}")
    ok(f"{runs} runs, seed {seed}: nothing is left, and nothing hangs")


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: MIT
"""A wire between two network namespaces: a TUN device in each, and this process between them, which
delays, drops or holds packets as it is told."""

import ctypes
import fcntl
import heapq
import json
import os
import select
import struct
import subprocess
import sys
import time

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000
CLONE_NEWNET = 0x40000000
PATIENCE = 20


# --- In the process of the wire


def _open_tun(pid):
    libc = ctypes.CDLL(None, use_errno=True)
    with open(f"/proc/{pid}/ns/net", "rb") as netns:
        if libc.setns(netns.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", b"tl-wire", IFF_TUN | IFF_NO_PI))
    return tun


class _Packet:
    """What rules speak of."""

    def __init__(self, data):
        self.data = data
        version = data[0] >> 4
        ip_bytes = (data[0] & 15) * 4 if version == 4 else 40
        self.is_tcp = (data[9] if version == 4 else data[6]) == 6
        if self.is_tcp:
            tcp = data[ip_bytes:]
            self.flags = tcp[13]
            self.length = len(tcp) - (tcp[12] >> 4) * 4
            self.syn, self.fin = bool(self.flags & 2), bool(self.flags & 1)


def _serve(pids):
    tuns = [_open_tun(pid) for pid in pids]  # of the client, of the server
    rules = []  # [source, what to drop, how often]
    held, holds, due, delay, order = [], False, [], 0, 0
    print("up", flush=True)
    while True:
        wait = max(0, due[0][0] - time.monotonic()) if due else None
        ready, _, _ = select.select([sys.stdin, *tuns], [], [], wait)
        if sys.stdin in ready:
            line = sys.stdin.readline()
            if not line:
                return
            command = json.loads(line)
            if "drop" in command:
                rules.append([tuns[command["of"]], compile(command["drop"], "rule", "eval"),
                              command["times"]])
            delay = command.get("delay", delay)
            holds = command.get("hold", holds)
            if not holds:
                due += held
                held = []
                heapq.heapify(due)
            print("done", flush=True)
        for tun in set(ready) & set(tuns):
            packet = _Packet(os.read(tun, 65536))
            if not packet.is_tcp:
                continue
            rule = next((rule for rule in rules if rule[0] == tun and rule[2] > 0
                         and eval(rule[1], vars(packet))), None)
            if rule:
                rule[2] -= 1
                continue
            order += 1
            entry = (time.monotonic() + delay, order, tuns[tun == tuns[0]], packet.data)
            held.append(entry) if holds else heapq.heappush(due, entry)
        while due and due[0][0] <= time.monotonic():
            _, _, tun, data = heapq.heappop(due)
            os.write(tun, data)


if __name__ == "__main__":
    _serve(sys.argv[1:])
    sys.exit()


# --- In the test


class Wire:
    CLIENT, SERVER = 0, 1

    def __init__(self, client, server):
        self.process = subprocess.Popen(
            [sys.executable, os.path.abspath(__file__), str(client.pid), str(server.pid)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._answer("up")

    def _answer(self, expected):
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        if not ready or self.process.stdout.readline().strip() != expected:
            raise RuntimeError("the wire is broken")

    def _tell(self, **command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        self._answer("done")

    def drop(self, sender, rule, times=1):
        """Packets of that sender for which the rule is true: `syn`, `fin`, `flags`, `length`."""
        self._tell(of=sender, drop=rule, times=times)

    def delay(self, seconds):
        self._tell(delay=seconds)

    def hold(self):
        self._tell(hold=True)

    def release(self):
        self._tell(hold=False)

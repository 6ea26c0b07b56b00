# SPDX-License-Identifier: MIT
"""The scenes of drops.sh."""

import subprocess
import sys

from timeline import check_connection, connections, require
from tracing import run_scenes, wait_until

program, folder, port = sys.argv[1:]
port = int(port)
LO = "127.0.0.1"

# A SYN that no socket has sent; `flaw` damages its checksum.
RAW_SYN = """
def checksum(data):
    total = sum(struct.unpack(f'!{{len(data) // 2}}H', data))
    while total >> 16: total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff
lo = socket.inet_aton('127.0.0.1')
def tcp(check):
    return struct.pack('!HHIIBBHHH', 4242, {port}, 1000, 0, 0x50, 2, 65535, check, 0)
check = checksum(lo + lo + struct.pack('!HH', socket.IPPROTO_TCP, 20) + tcp(0)) ^ {flaw}
ip = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 40, 1, 0, 64, socket.IPPROTO_TCP, 0, lo, lo)
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
raw.sendto(ip + tcp(check), ('127.0.0.1', 0))
"""


def trace_of(stage):
    return stage.trace("--all", "--port", str(port), "-f", "json", "-w", f"{folder}/drops.pcapng")


def listen(server, family="AF_INET", address=LO):
    server(f"l = socket.socket(socket.{family})\n"
           "l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n"
           f"l.bind(('{address}', {port}))\nl.listen()")


def finish(trace):
    """The rows; a replay prints the very same."""
    rows = trace.stop()
    again = subprocess.run([program, "show", "-f", "json", f"{folder}/drops.pcapng"],
                           capture_output=True, check=False)
    with open(trace.out, "rb") as live:
        require(again.stdout == live.read(), "the replay differs", rows)
    return rows


def check_drop(rows, reason, flags):
    """The only drop: its reason, and that it is told of the segment with those flags."""
    drops = [row for row in rows if row["kind"] == "drop"]
    require([row.get("reason") for row in drops] == [reason], f"not one {reason}:", rows)
    (drop,) = drops
    segment = next((row for row in rows if row["n"] == drop.get("segment")), None)
    require(segment is not None and segment["kind"] == "segment" and segment["flags"] == flags,
            f"not of a segment {flags}:", rows)
    for key in ("seq", "end", "flags", "local", "remote", "conn"):
        require(drop[key] == segment[key], f"another {key} than its segment:", [segment, drop])
    require(drop["mono_ns"] >= segment["mono_ns"], "before its segment:", [segment, drop])
    return drop


def closed_port(stage, address):
    client = stage.worker("tl-client")
    trace = trace_of(stage)
    code = client(f"s = socket.socket(socket.AF_INET{'6' if ':' in address else ''})\n"
                  f"code = s.connect_ex(('{address}', {port}))") or client("code")
    require(code == 111, f"connect() returned {code}")
    trace.await_row("the end", kind="state", new="CLOSE")
    drop = check_drop(finish(trace), "NO_SOCKET", "S")
    require(drop["side"] == "client" and drop["comm"] == client.comm, "not the client's:", [drop])


def closed_port_v4(stage):
    """A SYN to a closed port is dropped: NO_SOCKET"""
    closed_port(stage, LO)


def closed_port_v6(stage):
    """The same over IPv6"""
    closed_port(stage, "::1")


def bad_checksum(stage):
    """A SYN whose checksum is wrong is dropped: TCP_CSUM, and the listener hears nothing"""
    server = stage.worker("tl-server")
    trace = trace_of(stage)
    listen(server)
    server(RAW_SYN.format(port=port, flaw=1))
    trace.await_row("the drop", kind="drop")
    rows = finish(trace)
    check_drop(rows, "TCP_CSUM", "S")
    require(not [row for row in rows if row.get("new") == "SYN_RECV"], "it was taken:", rows)


def too_far(stage):
    """A SYN from farther than the listener allows is dropped: TCP_MINTTL"""
    server = stage.worker("tl-server")
    trace = trace_of(stage)
    listen(server)
    server("l.setsockopt(socket.IPPROTO_IP, 21, 255)")  # IP_MINTTL
    server(RAW_SYN.format(port=port, flaw=0))
    trace.await_row("the drop", kind="drop")
    check_drop(finish(trace), "TCP_MINTTL", "S")


def in_order(stage):
    """A conversation in order has no drops, though kfree_skb frees its last segments"""
    server, client = stage.worker("tl-server"), stage.worker("tl-client")
    trace = trace_of(stage)
    listen(server)
    client(f"s = socket.create_connection(('{LO}', {port}))")
    server("c = l.accept()[0]\nc.sendall(b'unread')\nc.shutdown(socket.SHUT_WR)")
    client("assert s.recv(100)\ns.close()")
    server("c.close()\nl.close()")
    trace.await_row("the end", kind="state", new="TIME_WAIT")
    wait_until("both are closed", lambda: [
        row for row in trace.rows_so_far() if row.get("old") == "LAST_ACK"])
    rows = finish(trace)
    require(not [row for row in rows if row["kind"] == "drop"], "drops:", rows)
    for connection in connections(rows).values():
        check_connection(connection)


scenes = [closed_port_v4, bad_checksum, too_far, in_order]
with open("/proc/net/if_inet6", encoding="ascii") as addresses:
    if any(line.startswith("0" * 31 + "1 ") for line in addresses):
        scenes.insert(1, closed_port_v6)
run_scenes(scenes, program, folder)

# SPDX-License-Identifier: MIT
"""The scenes of record.sh. Each leaves a recording of its name."""

import os
import signal
import subprocess
import sys
import time

from timeline import require
from tracing import PATIENCE, Stage, Trace, command, wait_until
from wire import Wire

program, folder, results, *chosen = sys.argv[1:]
PORT = 10000
LO = "127.0.0.1"
HERE, THERE = "192.0.2.1", "192.0.2.2"
SCENES = {}
DATE = "b'Mon May 26 20:58:40 2003\\r\\n'"
HOLD = 0.03  # longer than the model holds rows: what is shown is what has happened


def scene(function):
    SCENES[function.__name__] = function
    return function


class Recorder:
    """`tcpladder trace`, which writes a recording, and JSON rows to wait for."""

    def __init__(self, stage, name, *options):
        file = os.path.join(results, name + ".pcapng")
        self.trace = Trace(program, folder, "--all", "--port", str(PORT), "-f", "json", "-w", file,
                           *options)
        stage.callback(self.trace.process.kill)
        self.await_row = self.trace.await_row

    def stop(self):
        time.sleep(HOLD)
        self.trace.process.send_signal(signal.SIGINT)
        require(self.trace.process.wait(PATIENCE) == 0, self.trace.errors())


def listen(server, address=LO, options=""):
    server("l = socket.socket(socket.AF_INET6 if ':' in '%s' else socket.AF_INET)\n"
           "l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n%s"
           "l.bind(('%s', %d))\nl.listen(8)" % (address, options, address, PORT))


def connect(client, address=LO, options=""):
    client("s = socket.socket(socket.AF_INET6 if ':' in '%s' else socket.AF_INET)\n%s"
           "s.connect(('%s', %d))" % (address, options, address, PORT))


def accept(server):
    server("c = l.accept()[0]")


def settled(*workers):
    def quiet():
        return not any(command("nsenter", f"--net=/proc/{worker.pid}/ns/net", "ss", "-tanH", "state",
                               "connected", "exclude", "time-wait") for worker in workers)
    wait_until("all is over", quiet)


def cast(stage, name, *options):
    """On loopback: a server that listens, and a client."""
    server = stage.worker("daytime-server")
    client = stage.worker("daytime-client")
    recorder = Recorder(stage, name, *options)
    listen(server)
    return server, client, recorder


def meet(stage, name):
    server, client, recorder = cast(stage, name)
    connect(client)
    accept(server)
    return server, client, recorder


def wired(stage, name, here=HERE, there=THERE):
    """On two hosts, as it were, with a wire that we have in hand."""
    server = stage.worker("daytime-server", own_netns=True)
    client = stage.worker("daytime-client", own_netns=True)
    wire = Wire(client, server)
    stage.callback(wire.process.kill)
    bits = "128" if ":" in here else "32"
    for worker, own, peer in ((client, here, there), (server, there, here)):
        enter = ["nsenter", f"--net=/proc/{worker.pid}/ns/net"]
        command(*enter, "sysctl", "-qw", "net.ipv6.conf.tl-wire.accept_dad=0")
        command(*enter, "ip", "address", "add", f"{own}/{bits}", "dev", "tl-wire")
        command(*enter, "ip", "link", "set", "lo", "up")
        command(*enter, "ip", "link", "set", "tl-wire", "up")
        command(*enter, "ip", "route", "add", peer, "dev", "tl-wire")
    recorder = Recorder(stage, name)
    listen(server, there)
    return server, client, wire, recorder


# --- The conversations


@scene
def daytime(stage):
    """The main job: the server closes first."""
    file = os.path.join(results, "daytime.pcapng")
    subprocess.run([program, "trace", "-f", "none", "-w", file], check=True, timeout=PATIENCE)


@scene
def ten(stage):
    """Ten conversations at once."""
    file = os.path.join(results, "ten.pcapng")
    subprocess.run([program, "trace", "-f", "none", "--clients", "10", "--pause", "50ms", "-w",
                    file], check=True, timeout=PATIENCE)


@scene
def client_closes(stage):
    """The client closes first: TIME_WAIT is its own."""
    server, client, recorder = meet(stage, "client_closes")
    server(f"c.sendall({DATE})")
    client("assert s.recv(100)\ns.close()")
    server("assert c.recv(1) == b''\nc.close()")
    settled(server)
    recorder.stop()


@scene
def refused(stage):
    """Nobody listens."""
    client = stage.worker("daytime-client")
    recorder = Recorder(stage, "refused")
    client(f"s = socket.socket()\nassert s.connect_ex(('{LO}', {PORT})) == errno.ECONNREFUSED\n"
           "s.close()")
    recorder.stop()


@scene
def linger(stage):
    """SO_LINGER of 0: close() sends a RST instead of a FIN."""
    server, client, recorder = meet(stage, "linger")
    server(f"c.sendall({DATE})")
    client("assert s.recv(100)\n"
           "s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))\ns.close()")
    settled(server)
    recorder.stop()


@scene
def half_close(stage):
    """shutdown(): the client has no more to say, but listens on."""
    server, client, recorder = meet(stage, "half_close")
    client("s.sendall(b'question')\ns.shutdown(socket.SHUT_WR)")
    server("while c.recv(100): pass")
    recorder.await_row("FIN_WAIT2", kind="state", new="FIN_WAIT2")
    server("time.sleep(0.15)\nc.sendall(b'y' * 1000)\nc.close()")
    client("while s.recv(4096): pass\ns.close()")
    settled(server)
    recorder.stop()


@scene
def lost_syn(stage):
    """The SYN does not arrive: a second later comes another one."""
    server, client, wire, recorder = wired(stage, "lost_syn")
    wire.drop(wire.CLIENT, "syn")
    connect(client, THERE)
    accept(server)
    server(f"c.sendall({DATE})\nc.close()")
    client("while s.recv(100): pass\ns.close()")
    settled(server, client)
    recorder.stop()


@scene
def lost_data(stage):
    """The second of five segments is lost: those behind it tell, by SACK."""
    server, client, wire, recorder = wired(stage, "lost_data")
    wire.delay(0.005)
    connect(client, THERE)
    accept(server)
    wire.drop(wire.SERVER, "length > 0 and data[-1:] == b'2'")
    server("c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)\n"
           "for n in b'12345': c.sendall(bytes([n]) * 1000)")
    client("n = 0\nwhile n < 5000: n += len(s.recv(5000 - n))")
    server("c.close()")
    client("assert s.recv(1) == b''\ns.close()")
    settled(server, client)
    recorder.stop()


@scene
def lost_tail(stage):
    """The only data segment is lost: a timer tells."""
    server, client, wire, recorder = wired(stage, "lost_tail")
    wire.delay(0.005)
    connect(client, THERE)
    accept(server)
    wire.drop(wire.SERVER, "length > 0", times=2)
    server(f"c.sendall({DATE})")
    client("assert s.recv(100)")
    server("c.close()")
    client("assert s.recv(1) == b''\ns.close()")
    settled(server, client)
    recorder.stop()


@scene
def zero_window(stage):
    """The client does not read: the window shuts, is probed, and opens."""
    server, client, wire, recorder = wired(stage, "zero_window")
    connect(client, THERE, "s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2304)\n")
    accept(server)
    server("c.setblocking(False)\nn = c.send(b'z' * 6000)\nassert n == 6000")
    recorder.await_row("a shut window", kind="segment", win=0, side="client")
    time.sleep(0.5)  # a question or two
    client("n = 0\nwhile n < 6000: n += len(s.recv(6000 - n))")
    server("c.close()")
    client("assert s.recv(1) == b''\ns.close()")
    settled(server, client)
    recorder.stop()


@scene
def simultaneous_close(stage):
    """Both close at once: the FINs cross."""
    server, client, wire, recorder = wired(stage, "simultaneous_close")
    connect(client, THERE)
    accept(server)
    wire.delay(0.005)
    client.begin("s.close()")
    server.begin("c.close()")
    client.end()
    server.end()
    wait_until("both are in TIME_WAIT", lambda: recorder.await_row(
        "TIME_WAIT", kind="state", side="server", new="TIME_WAIT") and recorder.await_row(
        "TIME_WAIT", kind="state", side="client", new="TIME_WAIT"))
    recorder.stop()


@scene
def slow_wire(stage):
    """5 ms each way: sent and received are two times."""
    server, client, wire, recorder = wired(stage, "slow_wire")
    wire.delay(0.005)
    connect(client, THERE)
    accept(server)
    server(f"c.sendall({DATE})\nc.close()")
    client("while s.recv(100): pass\ns.close()")
    settled(server, client)
    recorder.stop()


@scene
def ipv6(stage):
    """IPv6 with long addresses."""
    here = "2001:db8:1234:5678:9abc:def0:1234:1"
    there = "2001:db8:1234:5678:9abc:def0:1234:2"
    server, client, _, recorder = wired(stage, "ipv6", here, there)
    connect(client, there)
    accept(server)
    server(f"c.sendall({DATE})\nc.close()")
    client("while s.recv(100): pass\ns.close()")
    settled(server, client)
    recorder.stop()


@scene
def gap(stage):
    """The tracer does not come to its turn, and its small buffer overflows."""
    server, client, recorder = cast(stage, "gap", "--buffer", "4KiB")
    connect(client)
    accept(server)
    server(f"c.sendall({DATE})")
    client("assert s.recv(100)")
    recorder.await_row("the data", kind="segment", len=26)
    recorder.trace.process.send_signal(signal.SIGSTOP)
    for _ in range(12):
        server(f"c.sendall({DATE})")
        client("assert s.recv(100)")
    recorder.trace.process.send_signal(signal.SIGCONT)
    time.sleep(0.2)  # it empties the buffer
    server("c.close()")
    client("assert s.recv(1) == b''\ns.close()")
    settled(server)
    recorder.await_row("the loss", kind="lost")
    recorder.stop()


@scene
def middle(stage):
    """The trace begins when they have been talking for a while."""
    server = stage.worker("daytime-server")
    client = stage.worker("daytime-client")
    listen(server)
    connect(client)
    accept(server)
    server(f"c.sendall({DATE})")
    client("assert s.recv(100)")
    recorder = Recorder(stage, "middle")
    server(f"c.sendall({DATE})")
    client("assert s.recv(100)")
    server("c.close()")
    client("assert s.recv(1) == b''\ns.close()")
    settled(server)
    recorder.stop()


for name in chosen or SCENES:
    with Stage(program, folder) as the_stage:
        SCENES[name](the_stage)
    print("recorded", name, flush=True)

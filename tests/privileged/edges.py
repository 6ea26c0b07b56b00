# SPDX-License-Identifier: MIT
"""The scenes of edges.sh."""

import sys

from timeline import (Failure, check_both_times, check_causes, check_connection,
                      check_endpoints, check_numbers, check_observed, check_owner, connections,
                      require, transition)
from tracing import command, run_scenes, wait_until

program, folder, port, *chosen = sys.argv[1:]
port = int(port)
LO = "127.0.0.1"
SCENES = []

CONNECT = "CLOSE -> SYN_SENT connect()"
CLIENT_UP = [CONNECT, "SYN_SENT -> ESTABLISHED rcv SYN+ACK"]
SERVER_UP = ["LISTEN -> SYN_RECV rcv SYN", "SYN_RECV -> ESTABLISHED rcv ACK"]
FIRST_CLOSE = ["ESTABLISHED -> FIN_WAIT1 close()", "FIN_WAIT1 -> FIN_WAIT2 rcv ACK of FIN",
               "FIN_WAIT2 -> TIME_WAIT rcv FIN"]
SECOND_CLOSE = ["ESTABLISHED -> CLOSE_WAIT rcv FIN", "CLOSE_WAIT -> LAST_ACK close()",
                "LAST_ACK -> CLOSE rcv ACK of FIN"]


def scene(function):
    SCENES.append(function)
    return function


# --- What the actors do


def listen(server, address=LO, backlog=8, family="AF_INET"):
    server(f"l = socket.socket(socket.{family})\n"
           "l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n"
           f"l.bind(('{address}', {port}))\n"
           f"l.listen({backlog})")


def connect(client, address=LO, name="s"):
    client(f"{name} = socket.create_connection(('{address}', {port}), 15)")


def accept(server, name="c"):
    server(f"{name} = l.accept()[0]")


def cast(stage, **options):
    """A tracer, a server that listens, and a client that has not connected yet."""
    server = stage.worker("tl-server", **options)
    client = stage.worker("tl-client", **options)
    trace = stage.trace("--all", "--port", str(port), "-f", "json")
    listen(server)
    return server, client, trace


def meet(stage):
    """The same, and they are connected."""
    server, client, trace = cast(stage)
    connect(client)
    accept(server)
    return server, client, trace


# Nothing is left in the kernel to happen, but TIME_WAIT.
def settled():
    return not command("ss", "-tanH", "state", "connected", "exclude", "time-wait",
                       f"sport = :{port} or dport = :{port}")


def set_sysctl(stage, name, value):
    """Of this namespace, until the scene ends."""
    path = f"/proc/sys/net/ipv4/{name}"
    with open(path, encoding="ascii") as file:
        before = file.read()

    def write(text):
        with open(path, "w", encoding="ascii") as file:
            file.write(text)

    write(value)
    stage.callback(write, before)


# --- What the rows say


def steps(connection, side):
    return [f"{transition(row)} {row['cause'].get('what')}" for row in connection.states(side)]


def expect_steps(connection, side, expected):
    found = steps(connection, side)
    require(found == expected, f"the {side}'s steps are\n      "
            + "\n      ".join(found or ["none"]) + "\n    not\n      " + "\n      ".join(expected)
            + "\n    all rows of the connection:", connection.rows)


def resets(connection):
    """(side, direction) of each, and the reasons of those sent."""
    rows = connection.only("reset")
    return ([(row["side"], row["direction"]) for row in rows],
            [row.get("reason") for row in rows if row["direction"] == "sent"])


def expect_resets(connection, expected, reason):
    """`reason` is a set; kernels before 6.10 tell none."""
    found, reasons = resets(connection)
    require(sorted(found) == sorted(expected), f"the resets are {found}, not {expected}:",
            connection.rows)
    require(all(told is None or told in reason for told in reasons),
            f"the reason is {reasons}, not {sorted(reason)}:", connection.rows)


def check_all(rows, count=1):
    """What must hold of every connection; they are returned in order."""
    found = connections(rows)
    require(len(found) == count, f"{len(found)} connections, not {count}:", rows)
    for connection in found.values():
        check_connection(connection)
    check_observed(rows)
    return [found[number] for number in sorted(found)]


def check_cast(connection, client=None, server=None):
    """Each row belongs to the process that we know to have the socket."""
    for side, worker in (("client", client), ("server", server)):
        if worker is not None:
            check_owner(connection, side, worker.pid, worker.comm)


# --- Connections that do not come about


@scene
def refused(stage):
    """A connection to a closed port is refused."""
    client = stage.worker("tl-client")
    trace = stage.trace("--all", "--port", str(port), "-f", "json")
    client(f"s = socket.socket()\nassert s.connect_ex(('{LO}', {port})) == errno.ECONNREFUSED\n"
           "s.close()")
    rows = trace.stop()
    (connection,) = check_all(rows)
    expect_steps(connection, "client", [CONNECT, "SYN_SENT -> CLOSE rcv RST"])
    expect_steps(connection, "server", [])
    expect_resets(connection, [("server", "sent"), ("client", "received")], {"NO_SOCKET"})
    require([row["flags"] for row in connection.segments()] == ["S", "R."],
            "not a SYN and a RST:", connection.rows)
    check_both_times(rows)
    check_owner(connection, "client", client.pid, client.comm)
    nobody = [row for row in connection.of("server") if "pid" in row]
    require(not nobody, "nobody has a socket there:", nobody)


def network(stage):
    """Two namespaces and a cable. Two workers in each, one of them for chores."""
    server = stage.worker("tl-server", own_netns=True)
    client = stage.worker("tl-client", own_netns=True)
    for worker, peer, name, address in ((client, server, "tl-veth0", "192.0.2.1"),
                                        (server, None, "tl-veth1", "192.0.2.2")):
        enter = ["nsenter", f"--net=/proc/{worker.pid}/ns/net", "ip"]
        if peer is not None:
            command(*enter, "link", "add", name, "type", "veth", "peer", "name", "tl-veth1",
                    "netns", str(peer.pid))
        command(*enter, "link", "set", "lo", "up")
        command(*enter, "address", "add", f"{address}/24", "dev", name)
        command(*enter, "link", "set", name, "up")
    return server, client


def in_netns(worker, *words):
    return command("nsenter", f"--net=/proc/{worker.pid}/ns/net", *words)


def call_nobody(client, address, more=""):
    client("s = socket.socket()\ns.setblocking(False)\n" + more +
           f"assert s.connect_ex(('{address}', {port})) == errno.EINPROGRESS")


def somewhere_silent(client):
    """An address to which segments go, and from which none comes."""
    in_netns(client, "ip", "neighbour", "add", "192.0.2.9", "lladdr", "02:00:00:00:00:09", "dev",
             "tl-veth0", "nud", "permanent")
    return "192.0.2.9"


@scene
def close_in_syn_sent(stage):
    """A socket that calls nobody is closed in SYN_SENT."""
    _, client = network(stage)
    address = somewhere_silent(client)
    trace = stage.trace("--all", "--port", str(port), "-f", "json")
    call_nobody(client, address)
    trace.await_row("the SYN", kind="segment")
    client("s.close()")
    (connection,) = check_all(trace.stop())
    expect_steps(connection, "client", [CONNECT, "SYN_SENT -> CLOSE close()"])
    check_cast(connection, client=client)


@scene
def syn_never_leaves(stage):
    """A SYN that never leaves, as nobody has the address, and its socket is closed."""
    _, client = network(stage)
    trace = stage.trace("--all", "--port", str(port), "-f", "json")
    call_nobody(client, "192.0.2.77")
    local = client("s.getsockname()[1]")
    client("s.close()")
    (connection,) = check_all(trace.stop())
    expect_steps(connection, "client", [CONNECT, "SYN_SENT -> CLOSE close()"])
    end = connection.states("client")[-1]
    require(end["local"] == f"192.0.2.1:{local}", "not its port:", [end])
    check_cast(connection, client=client)


@scene
def connect_times_out(stage):
    """connect() gives up: its timer ends SYN_SENT."""
    _, client = network(stage)
    address = somewhere_silent(client)
    # The end is a matter of counting: with TCP_USER_TIMEOUT a machine that stands still for half a
    # second has no second SYN.
    in_netns(client, "sysctl", "-qw", "net.ipv4.tcp_syn_retries=1",
             "net.ipv4.tcp_syn_linear_timeouts=0")
    trace = stage.trace("--all", "--port", str(port), "-f", "json")
    call_nobody(client, address)
    trace.await_row("the end", kind="state", new="CLOSE")
    (connection,) = check_all(trace.stop())
    expect_steps(connection, "client", [CONNECT, "SYN_SENT -> CLOSE timeout"])
    end = connection.states("client")[-1]
    require(end["cause"]["type"] == "timer", "no timer:", [end])
    syns = connection.segments("client")
    again = connection.only("retransmit")
    require(len(syns) == 2 and {row["seq"] for row in syns} == {syns[0]["seq"]},
            "the SYN was not sent twice:", connection.rows)
    require([row.get("why") for row in again] == ["SYN timeout"] and again[0]["side"] == "client"
            and again[0]["seq"] == syns[0]["seq"], "no retransmission of the SYN:", connection.rows)
    check_cast(connection, client=client)


@scene
def no_route(stage):
    """Where there is no route, no state changes and nothing is sent."""
    _, client = network(stage)
    in_netns(client, "ip", "route", "add", "blackhole", "198.51.100.0/24")
    trace = stage.trace("--all", "--port", str(port), "-f", "json")
    client(f"s = socket.socket()\nassert s.connect_ex(('198.51.100.1', {port})) != 0\ns.close()")
    rows = trace.stop()
    require(not rows, "there should be no row:", rows)


@scene
def full_accept_queue(stage):
    """A full accept queue swallows the SYN; the client sends it again."""
    server = stage.worker("tl-server")
    client = stage.worker("tl-client")
    trace = stage.trace("--all", "--port", str(port), "-f", "json")
    listen(server, backlog=1)  # Linux lets one more in
    for name in ("a", "b"):
        connect(client, name=name)
    wait_until("the queue is full", lambda: command(
        "ss", "-ltnH", f"sport = :{port}").split()[1] == "2")
    client.begin(f"s = socket.create_connection(('{LO}', {port}), 15)")
    late = trace.await_row("a third SYN", kind="segment", flags="S", conn=3)
    for name in ("x", "y"):
        accept(server, name)
    client.end("the third connect()")
    accept(server, "z")
    trace.await_row("the third connection", kind="state", new="ESTABLISHED", conn=3, side="server")
    third = check_all(trace.stop(), 3)[2]
    expect_steps(third, "client", CLIENT_UP)
    expect_steps(third, "server", SERVER_UP)
    syns = [row for row in third.segments("client") if row["flags"] == "S"]
    require(len(syns) >= 2 and {row["seq"] for row in syns} == {late["seq"]},
            "the SYN was not sent again:", third.rows)
    again = third.only("retransmit")
    require(len(again) == len(syns) - 1 and
            all(row["side"] == "client" and row.get("why") == "SYN timeout" for row in again),
            "not a retransmission for each copy:", third.rows)
    received = third.transition("server", "LISTEN", "SYN_RECV")
    require(received["cause"]["n"] == syns[-1]["n"],
            "the SYN that came through is the cause, not the one that was dropped:",
            syns + [received])
    check_cast(third, client, server)


# --- Aborts


@scene
def linger_zero(stage):
    """SO_LINGER of 0: close() sends a RST."""
    server, client, trace = meet(stage)
    client("s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))\ns.close()")
    wait_until("all is over", settled)
    (connection,) = check_all(trace.stop())
    expect_steps(connection, "client", CLIENT_UP + ["ESTABLISHED -> CLOSE close(), abort"])
    expect_steps(connection, "server", SERVER_UP + ["ESTABLISHED -> CLOSE rcv RST"])
    expect_resets(connection, [("client", "sent"), ("server", "received")],
                  {"TCP_STATE", "TCP_ABORT_ON_LINGER"})
    check_cast(connection, client, server)


@scene
def unread_data(stage):
    """close() with unread data sends a RST."""
    server, client, trace = meet(stage)
    server("c.sendall(b'x' * 100)")
    client("assert s.recv(200, socket.MSG_PEEK)\ns.close()")
    wait_until("all is over", settled)
    (connection,) = check_all(trace.stop())
    expect_steps(connection, "client", CLIENT_UP + ["ESTABLISHED -> CLOSE close(), abort"])
    expect_steps(connection, "server", SERVER_UP + ["ESTABLISHED -> CLOSE rcv RST"])
    expect_resets(connection, [("client", "sent"), ("server", "received")], {"TCP_ABORT_ON_CLOSE"})
    check_cast(connection, client, server)


@scene
def disconnect(stage):
    """connect(AF_UNSPEC) ends an established connection."""
    server, client, trace = meet(stage)
    client("assert ctypes.CDLL(None).connect(s.fileno(), bytes(16), 16) == 0")
    wait_until("all is over", settled)
    (connection,) = check_all(trace.stop())
    expect_steps(connection, "client", CLIENT_UP + ["ESTABLISHED -> CLOSE connect(AF_UNSPEC)"])
    expect_steps(connection, "server", SERVER_UP + ["ESTABLISHED -> CLOSE rcv RST"])
    check_cast(connection, client, server)


@scene
def socket_destroyed(stage):
    """`ss -K` destroys a socket; it stays its owner's."""
    server, client, trace = meet(stage)
    local = client("s.getsockname()[1]")
    killed = command("ss", "-KtnH", f"sport = :{local} and dport = :{port}")
    if not killed:
        trace.stop()
        print("skip this kernel has no SOCK_DESTROY")
        return
    wait_until("all is over", settled)
    (connection,) = check_all(trace.stop())
    expect_steps(connection, "client", CLIENT_UP + ["ESTABLISHED -> CLOSE SOCK_DESTROY"])
    expect_steps(connection, "server", SERVER_UP + ["ESTABLISHED -> CLOSE rcv RST"])
    check_cast(connection, client, server)


@scene
def listener_closed(stage):
    """A listener is closed before it has accepted."""
    server, client, trace = cast(stage)
    connect(client)
    trace.await_row("the connection", kind="state", side="server", new="ESTABLISHED")
    server("l.close()")
    wait_until("all is over", settled)
    rows = trace.stop()
    (connection,) = check_all(rows)
    expect_steps(connection, "client", CLIENT_UP + ["ESTABLISHED -> CLOSE rcv RST"])
    expect_steps(connection, "server", SERVER_UP + ["ESTABLISHED -> CLOSE close() of listener"])
    check_cast(connection, client, server)
    listener = [row for row in rows if "conn" not in row]
    require([f"{transition(row)} {row['cause']['what']}" for row in listener]
            == ["CLOSE -> LISTEN listen()", "LISTEN -> CLOSE close()"], "the listener:", listener)


@scene
def reset_in_close_wait(stage):
    """A half-closed connection is aborted: RST in CLOSE_WAIT."""
    server, client, trace = meet(stage)
    client("s.shutdown(socket.SHUT_WR)")
    server("assert c.recv(1) == b''")
    trace.await_row("FIN_WAIT2", kind="state", new="FIN_WAIT2")
    client("s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))\ns.close()")
    wait_until("all is over", settled)
    (connection,) = check_all(trace.stop())
    expect_steps(connection, "client", CLIENT_UP + [
        "ESTABLISHED -> FIN_WAIT1 shutdown()", "FIN_WAIT1 -> FIN_WAIT2 rcv ACK of FIN",
        "FIN_WAIT2 -> CLOSE close(), abort"])
    expect_steps(connection, "server", SERVER_UP + ["ESTABLISHED -> CLOSE_WAIT rcv FIN",
                                                    "CLOSE_WAIT -> CLOSE rcv RST"])
    check_cast(connection, client, server)


@scene
def data_too_late(stage):
    """Data for a socket that is closed already is answered with a RST."""
    server, client, trace = meet(stage)
    client("s.close()")
    server("assert c.recv(1) == b''")
    trace.await_row("FIN_WAIT2", kind="state", new="FIN_WAIT2")
    server("c.sendall(b'x')")
    trace.await_row("the end", kind="state", side="server", new="CLOSE")
    (connection,) = check_all(trace.stop())
    expect_steps(connection, "client", CLIENT_UP + [
        "ESTABLISHED -> FIN_WAIT1 close()", "FIN_WAIT1 -> FIN_WAIT2 rcv ACK of FIN",
        "FIN_WAIT2 -> CLOSE rcv data, too late"])
    expect_steps(connection, "server", SERVER_UP + ["ESTABLISHED -> CLOSE_WAIT rcv FIN",
                                                    "CLOSE_WAIT -> CLOSE rcv RST"])
    check_cast(connection, client, server)


def vanish(server):
    """What comes to it is no longer for it."""
    in_netns(server, "ip", "address", "del", "192.0.2.2/24", "dev", "tl-veth1")


@scene
def peer_vanishes(stage):
    """The peer vanishes: data is sent again and again, until TCP_USER_TIMEOUT."""
    server, client = network(stage)
    trace = stage.trace("--all", "--port", str(port), "-f", "json")
    listen(server, "192.0.2.2")
    connect(client, "192.0.2.2")
    accept(server)
    vanish(server)
    client("s.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 1000)\ns.sendall(b'x' * 10)")
    trace.await_row("the end", kind="state", side="client", new="CLOSE")
    (connection,) = check_all(trace.stop())
    expect_steps(connection, "client", CLIENT_UP + ["ESTABLISHED -> CLOSE timeout"])
    copies = [row for row in connection.segments("client") if row["len"] == 10]
    again = connection.only("retransmit")
    require(len(copies) >= 2 and len({row["seq"] for row in copies}) == 1
            and len(again) == len(copies) - 1, "not a retransmission for each copy:",
            connection.rows)
    require({row.get("why") for row in again} <= {"TLP", "RTO"} and again[0]["why"] == "TLP",
            "sent again for another reason:", again)
    check_cast(connection, client, server)


@scene
def keepalive(stage):
    """The peer vanishes in silence: keepalive finds out."""
    server, client = network(stage)
    trace = stage.trace("--all", "--port", str(port), "-f", "json")
    listen(server, "192.0.2.2")
    connect(client, "192.0.2.2")
    accept(server)
    vanish(server)
    client("s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)\n"
           "s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)\n"
           "s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 1)\n"
           "s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)")
    trace.await_row("the end", kind="state", side="client", new="CLOSE")
    (connection,) = check_all(trace.stop())
    expect_steps(connection, "client", CLIENT_UP + ["ESTABLISHED -> CLOSE timeout"])
    expect_resets(connection, [("client", "sent")], {"TCP_KEEPALIVE_TIMEOUT"})
    check_cast(connection, client, server)


@scene
def fin_never_acknowledged(stage):
    """The peer vanishes before our FIN: a timer ends FIN_WAIT1."""
    server, client = network(stage)
    in_netns(client, "sysctl", "-qw", "net.ipv4.tcp_orphan_retries=1")
    trace = stage.trace("--all", "--port", str(port), "-f", "json")
    listen(server, "192.0.2.2")
    connect(client, "192.0.2.2")
    accept(server)
    vanish(server)
    client("s.close()")
    trace.await_row("the end", kind="state", side="client", new="CLOSE")
    (connection,) = check_all(trace.stop())
    expect_steps(connection, "client", CLIENT_UP + ["ESTABLISHED -> FIN_WAIT1 close()",
                                                    "FIN_WAIT1 -> CLOSE timeout"])
    fins = connection.segments("client")[2:]
    require(len(fins) >= 2 and {(row["flags"], row["seq"]) for row in fins}
            == {("F.", fins[0]["seq"])}, "the FIN was not sent again:", connection.rows)
    require(len(connection.only("retransmit")) == len(fins) - 1,
            "not a retransmission for each copy:", connection.rows)
    check_cast(connection, client, server)


# --- Ends


@scene
def half_close(stage):
    """A half-closed connection still carries data the other way."""
    server, client, trace = meet(stage)
    client("s.shutdown(socket.SHUT_WR)")
    server("assert c.recv(1) == b''\nc.sendall(b'y' * 1000)\nc.close()")
    client("n = 0\nwhile (d := s.recv(4096)): n += len(d)\nassert n == 1000\ns.close()")
    wait_until("all is over", settled)
    (connection,) = check_all(trace.stop())
    expect_steps(connection, "client", CLIENT_UP + [
        "ESTABLISHED -> FIN_WAIT1 shutdown()", "FIN_WAIT1 -> FIN_WAIT2 rcv ACK of FIN",
        "FIN_WAIT2 -> TIME_WAIT rcv FIN"])
    expect_steps(connection, "server", SERVER_UP + SECOND_CLOSE)
    check_cast(connection, client, server)


@scene
def shutdown_then_close(stage):
    """shutdown() and then close(): one FIN, and no state twice."""
    server, client, trace = meet(stage)
    client("s.shutdown(socket.SHUT_WR)\ns.close()")
    server("assert c.recv(1) == b''\nc.shutdown(socket.SHUT_WR)\nc.close()")
    wait_until("all is over", settled)
    (connection,) = check_all(trace.stop())
    expect_steps(connection, "client", CLIENT_UP + [
        "ESTABLISHED -> FIN_WAIT1 shutdown()", "FIN_WAIT1 -> FIN_WAIT2 rcv ACK of FIN",
        "FIN_WAIT2 -> TIME_WAIT rcv FIN"])
    expect_steps(connection, "server", SERVER_UP + [
        "ESTABLISHED -> CLOSE_WAIT rcv FIN", "CLOSE_WAIT -> LAST_ACK shutdown()",
        "LAST_ACK -> CLOSE rcv ACK of FIN"])
    for side in ("client", "server"):
        fins = [row for row in connection.segments(side) if "F" in row["flags"]]
        require(len(fins) == 1, f"not one FIN of the {side}:", fins)
    check_cast(connection, client, server)


@scene
def killed(stage):
    """kill -9 closes the connection: the cause is exit()."""
    server, client, trace = meet(stage)
    client.kill()
    server("assert c.recv(1) == b''\nc.close()")
    wait_until("all is over", settled)
    (connection,) = check_all(trace.stop())
    expect_steps(connection, "client", CLIENT_UP + [
        "ESTABLISHED -> FIN_WAIT1 exit()", "FIN_WAIT1 -> FIN_WAIT2 rcv ACK of FIN",
        "FIN_WAIT2 -> TIME_WAIT rcv FIN"])
    expect_steps(connection, "server", SERVER_UP + SECOND_CLOSE)
    check_cast(connection, client, server)


@scene
def lasting_fin_wait2(stage):
    """FIN_WAIT2 lasts as long as the peer stays open, and is no TIME_WAIT."""
    server, client, trace = meet(stage)
    client("s.close()")
    server("assert c.recv(1) == b''")
    trace.await_row("FIN_WAIT2", kind="state", new="FIN_WAIT2")
    # A second connection: when its rows are there, whatever the first has to say is, too.
    connect(client, name="t")
    accept(server, "d")
    client("t.close()")
    server("assert d.recv(1) == b''\nd.close()")
    trace.await_row("the second connection's end", kind="state", conn=2, side="server", new="CLOSE")
    early = [row for row in trace.rows_so_far() if row.get("conn") == 1 and row["kind"] == "state"
             and row["side"] == "client"][-1]
    require(early["new"] == "FIN_WAIT2", "the peer is open, this is no end yet:", [early])
    server("c.close()")
    trace.await_row("TIME_WAIT", kind="state", conn=1, new="TIME_WAIT")
    wait_until("all is over", settled)
    first, second = check_all(trace.stop(), 2)
    for connection in (first, second):
        expect_steps(connection, "client", CLIENT_UP + FIRST_CLOSE)
        expect_steps(connection, "server", SERVER_UP + SECOND_CLOSE)
        check_cast(connection, client, server)


@scene
def fin_wait2_timeout(stage):
    """An orphan does not wait in FIN_WAIT2 for ever: a timer ends it."""
    set_sysctl(stage, "tcp_fin_timeout", "1")
    server, client, trace = meet(stage)
    client("s.close()")
    server("assert c.recv(1) == b''")
    trace.await_row("the end", kind="state", side="client", new="CLOSE")
    (connection,) = check_all(trace.stop())
    expect_steps(connection, "client", CLIENT_UP + [
        "ESTABLISHED -> FIN_WAIT1 close()", "FIN_WAIT1 -> FIN_WAIT2 rcv ACK of FIN",
        "FIN_WAIT2 -> CLOSE FIN_WAIT2 timeout"])
    end = connection.states("client")[-1]
    require(end["in_state_ns"] >= 990_000_000, "too early:", [end])
    expect_steps(connection, "server", SERVER_UP + ["ESTABLISHED -> CLOSE_WAIT rcv FIN"])
    check_cast(connection, client, server)


@scene
def again_on_the_same_ports(stage):
    """A SYN to a socket in TIME_WAIT ends it: two connections with the same ports."""
    server, client, trace = cast(stage)
    local = None
    for _ in range(2):
        client("s = socket.socket()\ns.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n"
               + (f"s.bind(('{LO}', {local}))\n" if local else "")
               + f"s.connect(('{LO}', {port}))")
        local = client("s.getsockname()[1]")
        accept(server)
        server("c.close()")
        client("assert s.recv(1) == b''\ns.close()")
        wait_until("all is over", settled)
    first, second = check_all(trace.stop(), 2)
    require(check_endpoints(first) == check_endpoints(second), "not the same ports:",
            first.rows + second.rows)
    expect_steps(first, "server", SERVER_UP + FIRST_CLOSE + ["TIME_WAIT -> CLOSE rcv SYN"])
    end = first.states("server")[-1]
    require(end["cause"]["n"] == second.segments("client")[0]["n"], "not ended by that SYN:",
            [end] + second.rows)
    expect_steps(second, "server", SERVER_UP + FIRST_CLOSE)
    for connection in (first, second):
        expect_steps(connection, "client", CLIENT_UP + SECOND_CLOSE)
        check_cast(connection, client, server)


def reuse_by_connect(stage, bind):
    set_sysctl(stage, "tcp_tw_reuse", "1")
    server, client, trace = cast(stage)

    def call():
        client("s = socket.socket()\ns.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n"
               + (f"s.bind(('{LO}', 41000))\n" if bind else "")
               + f"s.connect(('{LO}', {port}))")

    def again():  # only a second later it may
        try:
            call()
            return True
        except Failure:
            return False

    set_sysctl(stage, "ip_local_port_range", "41000 41000")
    call()
    accept(server)
    client("s.close()")
    server("assert c.recv(1) == b''\nc.close()")
    wait_until("all is over", settled)
    wait_until("the port can be used again", again, pace=0.25)
    accept(server)
    rows = trace.stop()
    first, *others = connections(rows).values()
    check_connection(first)
    expect_steps(first, "client", CLIENT_UP + FIRST_CLOSE + ["TIME_WAIT -> CLOSE connect()"])
    for connection in others:  # the last has come about; those before were refused by connect()
        check_causes(connection)
        check_owner(connection, "client", client.pid, client.comm)
    check_endpoints(others[-1], f"{LO}:41000", f"{LO}:{port}")
    expect_steps(others[-1], "client", CLIENT_UP)


@scene
def time_wait_reused_by_connect(stage):
    """connect() takes over the port of a TIME_WAIT of its own host."""
    reuse_by_connect(stage, bind=False)


@scene
def time_wait_reused_by_bind(stage):
    """The same, where bind() has chosen the port."""
    reuse_by_connect(stage, bind=True)


# --- Handshakes that are not finished


# A SYN that no socket has sent.
RAW_SYN = """
def checksum(data):
    total = sum(struct.unpack(f'!{{len(data) // 2}}H', data))
    while total >> 16: total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff
source, destination = socket.inet_aton('{source}'), socket.inet_aton('{address}')
def tcp(check):
    return struct.pack('!HHIIBBHHH', 4242, {port}, 1000, 0, 0x50, 2, 65535, check, 0)
check = checksum(source + destination + struct.pack('!HH', socket.IPPROTO_TCP, 20) + tcp(0))
ip = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 40, 1, 0, 64, socket.IPPROTO_TCP, 0, source, destination)
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
raw.sendto(ip + tcp(check), ('{address}', 0))
"""


@scene
def reset_in_syn_recv(stage):
    """A RST in SYN_RECV: the SYN was nobody's, and its host says so."""
    server, client, trace = cast(stage)
    client(RAW_SYN.format(source=LO, address=LO, port=port))
    trace.await_row("the end", kind="state", old="SYN_RECV")
    rows = trace.stop()
    (connection,) = check_all(rows)
    expect_steps(connection, "client", [])
    expect_steps(connection, "server", ["LISTEN -> SYN_RECV rcv SYN", "SYN_RECV -> CLOSE rcv RST"])
    require([row["flags"] for row in connection.segments()] == ["S", "S.", "R"], "not SYN, SYN+ACK "
            "and RST:", connection.rows)
    check_both_times(rows)
    check_endpoints(connection, f"{LO}:4242", f"{LO}:{port}")
    check_cast(connection, server=server)


@scene
def syn_ack_never_answered(stage):
    """A SYN+ACK that nobody answers is sent again, then SYN_RECV is given up."""
    server, client = network(stage)
    in_netns(server, "ip", "neighbour", "add", "192.0.2.9", "lladdr", "02:00:00:00:00:09", "dev",
             "tl-veth1", "nud", "permanent")
    in_netns(server, "sysctl", "-qw", "net.ipv4.tcp_synack_retries=1")
    trace = stage.trace("--all", "--port", str(port), "-f", "json")
    listen(server, "192.0.2.2")
    client(RAW_SYN.format(source="192.0.2.9", address="192.0.2.2", port=port))
    trace.await_row("the end", kind="state", old="SYN_RECV")
    (connection,) = check_all(trace.stop())
    expect_steps(connection, "server", ["LISTEN -> SYN_RECV rcv SYN",
                                        "SYN_RECV -> CLOSE SYN+ACK timeout"])
    answers = connection.segments("server")
    require([row["flags"] for row in answers] == ["S.", "S."]
            and answers[0]["seq"] == answers[1]["seq"], "not two SYN+ACK:", connection.rows)
    again = connection.only("retransmit")
    require([(row["side"], row.get("why"), row["seq"]) for row in again]
            == [("server", "SYN+ACK timeout", answers[0]["seq"])], "not one retransmission:",
            connection.rows)
    end = connection.states("server")[-1]
    require(end["mono_ns"] - answers[1]["mono_ns"] > 1_000_000_000, "given up too early:",
            connection.rows)
    check_cast(connection, server=server)


# --- Other ways to begin


@scene
def bound_client(stage):
    """A client that has chosen its port by bind() is no other connection than its server."""
    server, client, trace = cast(stage)
    client("s = socket.socket()\ns.bind(('127.0.0.2', 0))\n"
           f"s.connect(('{LO}', {port}))")
    local = client("s.getsockname()[1]")
    accept(server)
    client("s.close()")
    server("assert c.recv(1) == b''\nc.close()")
    wait_until("all is over", settled)
    rows = trace.stop()
    (connection,) = check_all(rows)
    expect_steps(connection, "client", CLIENT_UP + FIRST_CLOSE)
    expect_steps(connection, "server", SERVER_UP + SECOND_CLOSE)
    check_endpoints(connection, f"127.0.0.2:{local}", f"{LO}:{port}")
    check_cast(connection, client, server)
    check_both_times(rows)


@scene
def self_connected(stage):
    """A socket that is connected to itself: simultaneous open and close."""
    client = stage.worker("tl-client")
    trace = stage.trace("--all", "--port", str(port), "-f", "json")
    client(f"s = socket.socket()\ns.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n"
           f"s.bind(('{LO}', {port}))\ns.connect(('{LO}', {port}))\n"
           "s.sendall(b'x')\nassert s.recv(1) == b'x'\ns.close()")
    trace.await_row("the end", kind="state", new="TIME_WAIT")
    (connection,) = check_all(trace.stop())
    states = connection.states()
    found = [f"{transition(row)} {row['cause'].get('what')}" for row in states]
    expected = [CONNECT, "SYN_SENT -> SYN_RECV rcv SYN", "SYN_RECV -> ESTABLISHED rcv SYN+ACK",
                "ESTABLISHED -> FIN_WAIT1 close()", "FIN_WAIT1 -> CLOSING rcv FIN",
                "CLOSING -> TIME_WAIT rcv ACK of FIN"]
    require(found == expected, f"the steps are {found}, not {expected}:", connection.rows)
    bad = [row for row in connection.rows if row.get("pid") != client.pid]
    require(not bad, "not its owner's:", bad)


@scene
def dual_stack(stage):
    """An IPv4 client of an IPv6 listener: the rows speak IPv4, and the owner is known."""
    server = stage.worker("tl-server")
    client = stage.worker("tl-client")
    trace = stage.trace("--all", "--port", str(port), "-f", "json")
    server("l = socket.socket(socket.AF_INET6)\n"
           "l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n"
           "l.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)\n"
           f"l.bind(('::', {port}))\nl.listen()")
    connect(client)
    accept(server)
    client("s.close()")
    server("assert c.recv(1) == b''\nc.close()")
    wait_until("all is over", settled)
    rows = trace.stop()
    (connection,) = check_all(rows)
    expect_steps(connection, "client", CLIENT_UP + FIRST_CLOSE)
    expect_steps(connection, "server", SERVER_UP + SECOND_CLOSE)
    check_endpoints(connection, server=f"{LO}:{port}")
    check_cast(connection, client, server)
    check_both_times(rows)


@scene
def syn_cookies(stage):
    """SYN cookies: the server keeps nothing until the ACK comes."""
    set_sysctl(stage, "tcp_syncookies", "2")
    server, client, trace = meet(stage)
    client("s.close()")
    server("assert c.recv(1) == b''\nc.close()")
    wait_until("all is over", settled)
    (connection,) = connections(trace.stop()).values()
    # No socket of the server's is in SYN_RECV before the ACK: either it enters it then, or we
    # infer that it does when it sends the SYN+ACK, and say so.
    received = connection.transition("server", "LISTEN", "SYN_RECV")
    answer = connection.segments("server")[0]
    require(received["observed"] is (received["n"] > answer["n"]), "seen or inferred?",
            [received, answer])
    check_numbers(connection)
    check_endpoints(connection)
    check_causes(connection)
    expect_steps(connection, "client", CLIENT_UP + FIRST_CLOSE)
    expect_steps(connection, "server", SERVER_UP + SECOND_CLOSE)
    check_cast(connection, client, server)


@scene
def fast_open(stage):
    """TCP Fast Open: the SYN carries data, and the server's socket exists at once."""
    set_sysctl(stage, "tcp_fastopen", "3")
    server, client, trace = cast(stage)
    server("l.setsockopt(socket.IPPROTO_TCP, socket.TCP_FASTOPEN, 8)")
    for _ in range(2):  # the first gets the cookie
        client("s = socket.socket()\n"
               f"s.sendto(b'hello', socket.MSG_FASTOPEN, ('{LO}', {port}))")
        accept(server)
        server("assert c.recv(10) == b'hello'")
        client("s.close()")
        server("assert c.recv(1) == b''\nc.close()")
        wait_until("all is over", settled)
    first, second = check_all(trace.stop(), 2)
    syn = second.segments("client")[0]
    require("S" in syn["flags"] and syn["len"] == 5, "no data in the SYN:", second.rows)
    for connection in (first, second):
        expect_steps(connection, "client", CLIENT_UP + FIRST_CLOSE)
        expect_steps(connection, "server", SERVER_UP + SECOND_CLOSE)
        check_cast(connection, client, server)


@scene
def two_namespaces(stage):
    """Over a cable between two namespaces each segment is one row with both times."""
    server, client = network(stage)
    trace = stage.trace("--all", "--port", str(port), "-f", "json")
    listen(server, "192.0.2.2")
    for name in "abcd":
        connect(client, "192.0.2.2", name)
        accept(server, name)
    for name in "abcd":
        client(f"{name}.sendall(b'x' * 500)")
        server(f"assert {name}.recv(1000)\n{name}.close()")
        client(f"assert {name}.recv(1) == b''\n{name}.close()")
    trace.await_row("the last end", kind="state", conn=4, side="client", new="CLOSE")
    rows = trace.stop()
    check_both_times(rows)
    for connection in check_all(rows, 4):
        expect_steps(connection, "client", CLIENT_UP + SECOND_CLOSE)
        expect_steps(connection, "server", SERVER_UP + FIRST_CLOSE)
        check_cast(connection, client, server)
        check_endpoints(connection, server=f"192.0.2.2:{port}")
        for side, worker in (("client", client), ("server", server)):
            bad = [row for row in connection.of(side) if row.get("netns") != worker.netns()]
            require(not bad, f"not in the {side}'s namespace, {worker.netns()}:", bad)


names = {function.__name__: function for function in SCENES}
run_scenes([names[name] for name in chosen] if chosen else SCENES, program, folder)

# SPDX-License-Identifier: MIT
"""The scenes of owner.sh: servers that do not simply accept."""

import os
import subprocess
import sys

from timeline import (check_causes, check_endpoints, check_none_lost, check_owner, check_path_at,
                      connections, load, require)
from tracing import command, run_scenes, wait_until

program, folder, port = sys.argv[1:]
port = int(port)
NOBODY, DAEMON = 65534, 1
LO = "127.0.0.1"
SCENES = []


def scene(function):
    SCENES.append(function)
    return function


def listen(server, address=LO, more="", name="l"):
    server(f"{name} = socket.socket()\n"
           f"{name}.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n{more}\n"
           f"{name}.bind(('{address}', {port}))\n{name}.listen()")


def settled():
    return not command("ss", "-tanH", "state", "connected", "exclude", "time-wait",
                       f"sport = :{port} or dport = :{port}")


def start_trace(stage):
    return stage.trace("--all", "--port", str(port), "-f", "json")


def the_connections(rows, count):
    found = connections(rows)
    require(len(found) == count, f"{len(found)} connections, not {count}:", rows)
    return [found[number] for number in sorted(found)]


def expect_owner(rows, pid, comm, what):
    bad = [row for row in rows if (row.get("pid"), row.get("comm")) != (pid, comm)]
    require(rows and not bad, f"{what} are not {comm}[{pid}]'s:", bad)


def expect_change(connection, first, accepted, then, used):
    """Rows of the server: `first`'s until it is accepted, `then`'s after its use. Between them
    either's, but not back and forth."""
    rows = connection.of("server")
    expect_owner([row for row in rows if row["mono_ns"] <= accepted], *first, "rows up to accept()")
    expect_owner([row for row in rows if row["mono_ns"] > used], *then, "rows after the first use")
    owners = [(row.get("pid"), row.get("comm")) for row in rows]
    changed = owners.index(then)
    require(owners == [first] * changed + [then] * (len(owners) - changed),
            "neither the one's nor the other's:", rows)


WORK = """
r, w = os.pipe()
child = os.fork()
if child == 0:
    try:
        assert ctypes.CDLL(None).prctl(15, b'tl-worker', 0, 0, 0) == 0  # PR_SET_NAME
        {accept}
        accepted = time.monotonic_ns()
        assert c.recv(1) == b'?'
        used = time.monotonic_ns()
        c.sendall(b'!' * 100)
        assert c.recv(1) == b''
        c.close()
        os.write(w, f'{{accepted}} {{used}}'.encode())
    finally:
        os._exit(0)
"""


def talk(client):
    client(f"s = socket.create_connection(('{LO}', {port}), 15)\ns.sendall(b'?')\n"
           "assert s.recv(200)\ns.close()")


def times(server):
    accepted, used = map(int, server("os.read(r, 100).decode()").split())
    server("os.waitpid(child, 0)")
    return accepted, used


@scene
def pre_fork(stage):
    """The parent listens, a child accepts: first the listener's owner, then the child."""
    server = stage.worker("tl-parent", user=NOBODY)
    client = stage.worker("tl-client", user=DAEMON)
    trace = start_trace(stage)
    listen(server)
    server(WORK.format(accept="c = l.accept()[0]"))
    talk(client)
    accepted, used = times(server)
    wait_until("all is over", settled)
    rows = trace.stop()
    (connection,) = the_connections(rows, 1)
    check_causes(connection)
    expect_change(connection, (server.pid, "tl-parent"), accepted,
                  (server("child"), "tl-worker"), used)
    expect_owner(connection.of("client"), client.pid, "tl-client", "the client's rows")
    expect_owner([row for row in rows if "conn" not in row], server.pid, "tl-parent",
                 "the listener's rows")


@scene
def fork_after_accept(stage):
    """The parent accepts and a child serves: first the parent, then the child."""
    server = stage.worker("tl-parent", user=NOBODY)
    client = stage.worker("tl-client", user=DAEMON)
    trace = start_trace(stage)
    listen(server)
    client.begin(f"s = socket.create_connection(('{LO}', {port}), 15)\ns.sendall(b'?')\n"
                 "assert s.recv(200)\ns.close()")
    server("c = l.accept()[0]")
    server(WORK.format(accept="pass") + "\nc.close()\n")
    client.end("its work")
    accepted, used = times(server)
    wait_until("all is over", settled)
    (connection,) = the_connections(trace.stop(), 1)
    check_causes(connection)
    expect_change(connection, (server.pid, "tl-parent"), accepted,
                  (server("child"), "tl-worker"), used)


@scene
def older_than_the_trace(stage):
    """Sockets that are older than the trace: a listener, and both ends of a connection."""
    server = stage.worker("tl-server", user=NOBODY)
    client = stage.worker("tl-client", user=DAEMON)
    listen(server)
    client(f"s = socket.create_connection(('{LO}', {port}), 15)")
    server("c = l.accept()[0]")
    trace = start_trace(stage)
    # The first segment is not from the process that sends something only later.
    client("s.sendall(b'?')")
    server("assert c.recv(9) == b'?'\nc.sendall(b'!' * 100)\nc.close()")
    client("assert len(s.recv(200)) == 100\nassert s.recv(1) == b''\ns.close()")
    wait_until("the old connection is over", settled)
    client(f"t = socket.create_connection(('{LO}', {port}), 15)")
    server("d = l.accept()[0]")
    client("t.close()")
    server("assert d.recv(1) == b''\nd.close()\nl.close()")
    wait_until("all is over", settled)
    rows = trace.stop()
    old, new = the_connections(rows, 2)
    for connection in (old, new):
        here = [row for row in connection.rows if row["local"] == f"{LO}:{port}"]
        there = [row for row in connection.rows if row["remote"] == f"{LO}:{port}"]
        require(len(here) + len(there) == len(connection.rows), "whose?", connection.rows)
        expect_owner(here, server.pid, "tl-server", "the server's rows")
        expect_owner(there, client.pid, "tl-client", "the client's rows")
        check_causes(connection)
    check_endpoints(new)
    check_path_at(old, f"{LO}:{port}", ["ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT"])
    (peer,) = {row["remote"] for row in old.rows if row["local"] == f"{LO}:{port}"}
    check_path_at(old, peer, ["ESTABLISHED", "CLOSE_WAIT", "LAST_ACK", "CLOSE"])
    expect_owner([row for row in rows if "conn" not in row], server.pid, "tl-server",
                 "the listener's rows")


@scene
def many_names(stage):
    """Several servers and clients at once, each pair at an address of its own."""
    pairs = [(f"127.0.1.{i}", stage.worker(f"tl-server-{i}", user=NOBODY),
              stage.worker(f"tl-client-{i}", user=DAEMON)) for i in range(1, 6)]
    trace = start_trace(stage)
    for address, server, _ in pairs:
        listen(server, address)
    repeat = 50
    for address, server, client in pairs:
        server.begin(f"for i in range({repeat}):\n c = l.accept()[0]\n c.sendall(b'x')\n c.close()")
        client.begin(f"for i in range({repeat}):\n"
                     f" s = socket.create_connection(('{address}', {port}), 15)\n"
                     " assert s.recv(9) == b'x'\n assert s.recv(9) == b''\n s.close()")
    for _, server, client in pairs:
        client.end("its work")
        server.end("its work")
    wait_until("all is over", settled)
    rows = trace.stop()
    owners = {f"{address}:{port}": (server, client) for address, server, client in pairs}
    found = the_connections(rows, repeat * len(pairs))
    for connection in found:
        server, client = owners[check_endpoints(connection)[1]]
        check_owner(connection, "server", server.pid, server.comm)
        check_owner(connection, "client", client.pid, client.comm)


@scene
def any_and_one_address(stage):
    """A listener on all addresses, and another process's on one of them."""
    everywhere = stage.worker("tl-everywhere")
    here = stage.worker("tl-here")
    client = stage.worker("tl-client", user=DAEMON)
    trace = start_trace(stage)
    owners = {"127.0.0.1": everywhere, "127.0.0.2": here}
    reuse = "l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)"
    listen(everywhere, "0.0.0.0", reuse)
    listen(here, "127.0.0.2", reuse)
    for address, server in owners.items():
        client(f"s = socket.create_connection(('{address}', {port}), 15)")
        server("c = l.accept()[0]\nc.close()")
        client("assert s.recv(1) == b''\ns.close()")
    wait_until("all is over", settled)
    for connection in the_connections(trace.stop(), 2):
        server = owners[check_endpoints(connection)[1].partition(":")[0]]
        check_owner(connection, "server", server.pid, server.comm)
        check_owner(connection, "client", client.pid, client.comm)


@scene
def shared_port(stage):
    """Two processes listen on the same port (SO_REUSEPORT): each has its own connections."""
    servers = [stage.worker("tl-server-a"), stage.worker("tl-server-b")]
    client = stage.worker("tl-client")
    trace = start_trace(stage)
    for server in servers:
        listen(server, more="l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)")
        server("l.setblocking(False)\n"
               "def serve():\n"
               "  try: c, peer = l.accept()\n"
               "  except BlockingIOError: return 0\n"
               "  c.close()\n"
               "  return peer[1]")
    owners = {}
    for _ in range(20):
        client(f"s = socket.create_connection(('{LO}', {port}), 15)")
        local = client("s.getsockname()[1]")
        accepted = [server for server in servers if server("serve()") == local]
        require(len(accepted) == 1, "not accepted by one of them")
        owners[f"{LO}:{local}"] = accepted[0]
        client("assert s.recv(1) == b''\ns.close()")
    wait_until("all is over", settled)
    require(len({owner.pid for owner in owners.values()}) == 2, "one has got them all")
    for connection in the_connections(trace.stop(), len(owners)):
        owner = owners[check_endpoints(connection)[0]]
        check_owner(connection, "server", owner.pid, owner.comm)


def children(pid):
    """comm and uid of each."""
    found = {}
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        ids = file.read().split()
    for child in ids:
        try:
            with open(f"/proc/{child}/status", encoding="utf-8") as file:
                fields = dict(line.split(":", 1) for line in file)
        except FileNotFoundError:
            continue
        found[int(child)] = (fields["Name"].strip(), int(fields["Uid"].split()[0]))
    return found


@scene
def workload_of_a_user(stage):
    """`--user` runs server and clients as that user, and the rows have their processes."""
    out = os.path.join(folder, "user.out")
    with open(out, "wb") as file:
        process = subprocess.Popen(
            [program, "trace", "--daytime-port", str(port), "--user", "nobody", "--clients", "3",
             "--pause", "300ms", "-q", "-f", "json"], stdout=file)
    stage.callback(process.wait)
    stage.callback(process.kill)

    def all_run():
        found = children(process.pid)
        names = sorted(name for name, _ in found.values())
        return found if names == ["daytime-client"] * 3 + ["daytime-server"] else None

    processes = wait_until("a server and 3 clients run", all_run)
    require({uid for _, uid in processes.values()} == {NOBODY}, f"not nobody's: {processes}")
    require(process.wait(20) == 0, "tcpladder failed")
    rows = load(out)
    check_none_lost(rows)
    used = set()
    for connection in the_connections(rows, 3):
        for side in ("client", "server"):
            used.add(check_owner(connection, side, comm=f"daytime-{side}"))
    require(used == set(processes), f"the rows are of {sorted(used)}, the processes "
            f"are {sorted(processes)}")


run_scenes(SCENES, program, folder)

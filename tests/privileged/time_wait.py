# SPDX-License-Identifier: MIT
"""time_wait.sh: the ways into TIME_WAIT, all at once, and the one way out."""

import sys

from timeline import (check_causes, check_endpoints, check_observed, check_owner,
                      check_path, connections, ok, require)
from tracing import Stage, wait_until

program, folder, port, ipv6 = sys.argv[1:]
port = int(port)
LEAST = 59_900_000_000  # of the 60 s that Linux keeps a TIME_WAIT; the timer may be late
LONGEST = 75  # s: the timer's wheel turns in steps of 2 s for such a time


def meet(client, server, address):
    client(f"s = socket.create_connection(('{address}', {port}), 15)")
    server("c = l.accept()[0]")
    return client("'%s:%d' % (f'[{a[0]}]' if ':' in (a := s.getsockname())[0] else a[0], a[1])")


def server_first(client, server):
    """The server closes, then the client."""
    server("c.close()")
    client("assert s.recv(1) == b''\ns.close()")
    return "server"


def client_first(client, server):
    """The client closes: a small socket keeps its FIN_WAIT2."""
    client("s.close()")
    server("assert c.recv(1) == b''\nc.close()")
    return "client"


def client_first_much_later(client, server):
    """The same, and the server takes its time."""
    client("s.close()")
    server("assert c.recv(1) == b''\ntime.sleep(2.5)\nc.close()")
    return "client"


def half_closed(client, server):
    """The client's socket itself is in FIN_WAIT2, as the client still has it."""
    client("s.shutdown(socket.SHUT_WR)")
    server("assert c.recv(1) == b''\nc.close()")
    client("assert s.recv(1) == b''\ns.close()")
    return "client"


def main(stage):
    addresses = ["127.0.0.1"] + (["::1"] if ipv6 == "yes" else [])
    trace = stage.trace("--all", "--port", str(port), "-f", "json", "--duration", f"{LONGEST}s")
    client = stage.worker("tl-client")
    played = {}
    for address in addresses:
        server = stage.worker("tl-server")
        family = "AF_INET6" if ":" in address else "AF_INET"
        server(f"l = socket.socket(socket.{family})\nl.bind(('{address}', {port}))\nl.listen()")
        for way in (server_first, client_first, client_first_much_later, half_closed):
            local = meet(client, server, address)
            played[local] = (way, way(client, server), server)

    def ends():
        return [row for row in trace.rows_so_far() if row.get("old") == "TIME_WAIT"]

    wait_until(f"{len(played)} times the end of TIME_WAIT", lambda: len(ends()) >= len(played),
               LONGEST - 5, 0.5)
    rows = trace.stop()
    found = connections(rows)
    require(len(found) == len(played), f"{len(found)} connections, not {len(played)}", rows)
    check_observed(rows)
    for connection in found.values():
        way, closer, server = played[check_endpoints(connection)[0]]
        for side, worker in (("client", client), ("server", server)):
            check_path(connection, side)
            check_owner(connection, side, worker.pid, worker.comm)
        check_causes(connection)
        require(connection.path(closer)[-3:] == ["FIN_WAIT2", "TIME_WAIT", "CLOSE"],
                f"{way.__doc__} The {closer} has no TIME_WAIT with an end:", connection.rows)
        end = connection.states(closer)[-1]
        require(end["cause"] == {"type": "timer", "what": "2MSL"}, "not the 2MSL timer:", [end])
        require(end["in_state_ns"] >= LEAST, f"in TIME_WAIT for only {end['in_state_ns']} ns:",
                connection.states(closer))
        fin = connection.all_rows[connection.states(closer)[-2]["cause"]["n"] - 1]
        since_fin = connection.states(closer)[-2]["mono_ns"] - fin["received_ns"]
        require(0 <= since_fin < 1_000_000_000, "TIME_WAIT does not begin with the peer's FIN:",
                [fin, connection.states(closer)[-2]])
        ok(f"{check_endpoints(connection)[1]}: {way.__doc__} "
           f"TIME_WAIT lasts {end['in_state_ns'] / 1e9:.3f} s")


with Stage(program, folder) as stage:
    main(stage)

# SPDX-License-Identifier: MIT
"""The scenes of command.sh: whose connections are shown, and what becomes of the command."""

import os
import pty
import signal
import subprocess
import sys
import threading

from timeline import (check_both_times, check_connection, check_none_lost, check_order,
                      check_owner, connections, load, require, transition)
from tracing import PATIENCE, command, run_scenes, wait_until

program, folder, port = sys.argv[1:]
port = int(port)
LO = "127.0.0.1"
OUT, ERR, FILE = f"{folder}/rows", f"{folder}/err", f"{folder}/command.pcapng"

# What the traced commands are: python programs, given as text.
CLIENT = """
import socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 15)
s.sendall(b'x' * 2000)
assert s.recv(100), 'no answer'
s.close()
"""
SERVER = """
import socket, sys
family = socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET
l = socket.socket(family)
l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
l.bind((sys.argv[1], int(sys.argv[2])))
l.listen()
for _ in range(int(sys.argv[3])):
    c = l.accept()[0]
    c.recv(5000)
    c.sendall(b'y')
    while c.recv(5000): pass
    c.close()
"""


def trace(words, *options, env=None):
    """Runs it to its end: (exit status, rows, what came on stderr)."""
    with open(OUT, "wb") as out, open(ERR, "wb") as err:
        done = subprocess.run([program, "trace", "-f", "json", "-w", FILE, *options, "--", *words],
                              stdout=out, stderr=err, timeout=60, check=False,
                              env=dict(os.environ, **(env or {})))
    return done.returncode, checked(), read(ERR)


def checked():
    rows = load(OUT)
    check_order(rows)
    check_none_lost(rows)
    again = subprocess.run([program, "show", "-f", "json", FILE], capture_output=True, check=False)
    require(again.stdout.decode() == read(OUT), "the replay differs", rows)
    return rows


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def serve(stage, address=LO, name="tl-server"):
    """A server that the trace does not know, with a connection of somebody else all the time."""
    server = stage.worker(name)
    family = "AF_INET6" if ":" in address else "AF_INET"
    server("import threading\n"
           f"l = socket.socket(socket.{family})\n"
           "l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n"
           f"l.bind(('{address}', {port}))\nl.listen(50)\n"
           "def handle(c):\n"
           "    try:\n"
           "        c.recv(5000); c.sendall(b'y')\n"
           "        while c.recv(5000): pass\n"
           "    except OSError: pass\n"
           "    c.close()\n"
           "def run():\n"
           "    while True:\n"
           "        threading.Thread(target=handle, args=(l.accept()[0],), daemon=True).start()\n"
           "threading.Thread(target=run, daemon=True).start()")
    return server


def be_noisy(stage, address=LO, to=None):
    """Connects to the server again and again; returns a function that says how often."""
    noisy = stage.worker("tl-noisy")
    noisy("import threading\ncount = 0\n"
          "def run():\n"
          "    global count\n"
          "    while True:\n"
          "        try:\n"
          f"            s = socket.create_connection(('{address}', {to or port}), 5)\n"
          "            s.sendall(b'noise'); s.recv(10); s.close()\n"
          "        except OSError: pass\n"
          "        count += 1\n"
          "        time.sleep(0.002)\n"
          "threading.Thread(target=run, daemon=True).start()")
    wait_until("there is noise", lambda: noisy("count") > 3)
    return lambda: noisy("count")


def check_whole(connection):
    """From connect() to the end of both ends."""
    check_connection(connection)
    check_both_times(connection.rows)
    first = connection.rows[0]
    require(transition(first) == "CLOSE -> SYN_SENT", "it does not begin at connect():",
            connection.rows)
    require(connection.states("client")[-1]["new"] in ("CLOSE", "TIME_WAIT")
            and connection.states("server")[-1]["new"] in ("CLOSE", "TIME_WAIT"),
            "it does not end:", connection.rows)


def only(rows, count=1):
    found = connections(rows)
    require(len(found) == count, f"{len(found)} connections, not {count}:", rows)
    return list(found.values())


# --- Whose connections


def client_of(address):
    def scene(stage):
        server = serve(stage, address)
        noise = be_noisy(stage, address)
        before = noise()
        status, rows, _ = trace([sys.executable, "-c", CLIENT, address, str(port)])
        wait_until("the noise goes on", lambda: noise() > before)
        require(status == 0, f"status {status}: {read(ERR)}")
        (connection,) = only(rows)
        check_whole(connection)
        check_owner(connection, "server", server.pid, server.comm)
        check_owner(connection, "client", comm=os.path.basename(sys.executable)[:15])
    return scene


def client_v4(stage):
    """A client's connection is whole, both ends of it, and no other connection is shown"""
    client_of(LO)(stage)


def client_v6(stage):
    """The same over IPv6"""
    client_of("::1")(stage)


def start(words, *options):
    """Not run to its end yet."""
    with open(OUT, "wb") as out, open(ERR, "wb") as err:
        return subprocess.Popen([program, "trace", "-f", "json", "-w", FILE, *options, *words],
                                stdout=out, stderr=err)


def end_of(process):
    status = process.wait(PATIENCE)
    return status, checked()


def await_listener(rows_of=OUT):
    wait_until("the server listens", lambda: '"new":"LISTEN"' in read(rows_of))


def server_of(address, wildcard):
    def scene(stage):
        be_noisy(stage, LO, port + 1)  # nobody listens there
        client = stage.worker("tl-client")
        tracer = start(["--", sys.executable, "-c", SERVER, wildcard, str(port), "2"])
        stage.callback(lambda: tracer.poll() is None and tracer.kill())
        await_listener()
        for _ in range(2):
            client(f"s = socket.create_connection(('{address}', {port}))\n"
                   "s.sendall(b'x' * 100)\nassert s.recv(10)\ns.close()")
        status, rows = end_of(tracer)
        require(status == 0, f"status {status}: {read(ERR)}")
        for connection in only(rows, 2):
            check_whole(connection)
            check_owner(connection, "client", client.pid, client.comm)
        listener = [transition(row) for row in rows if "conn" not in row]
        require(listener == ["CLOSE -> LISTEN", "LISTEN -> CLOSE"], f"the listener: {listener}")
    return scene


def server(stage):
    """A server's connections are whole from the foreign client's connect() on"""
    server_of(LO, LO)(stage)


def dual_stack_server(stage):
    """The same of an IPv4 client and a server on ::"""
    server_of(LO, "::")(stage)


def server_over_a_cable(stage):
    """A server's client in another namespace shows from its connect() on, too"""
    client = stage.worker("tl-client", own_netns=True)
    command("ip", "link", "add", "tl-a", "type", "veth", "peer", "name", "tl-b", "netns",
            str(client.pid))
    stage.callback(subprocess.run, ["ip", "link", "delete", "tl-a"], capture_output=True,
                   check=False)
    command("ip", "address", "add", "192.0.2.1/24", "dev", "tl-a")
    command("ip", "link", "set", "tl-a", "up")
    inside = ["nsenter", f"--net=/proc/{client.pid}/ns/net", "ip"]
    command(*inside, "address", "add", "192.0.2.2/24", "dev", "tl-b")
    command(*inside, "link", "set", "tl-b", "up")
    tracer = start(["--", sys.executable, "-c", SERVER, "0.0.0.0", str(port), "1"])
    stage.callback(lambda: tracer.poll() is None and tracer.kill())
    await_listener()
    client(f"s = socket.create_connection(('192.0.2.1', {port}), 10)\n"
           "s.sendall(b'x' * 100)\nassert s.recv(10)\ns.close()")
    status, rows = end_of(tracer)
    require(status == 0, f"status {status}: {read(ERR)}")
    (connection,) = only(rows)
    check_whole(connection)
    check_owner(connection, "client", client.pid, client.comm)


def children(stage):
    """Connections of children are shown, also of one that outlives the command"""
    serve(stage)
    one = f"{sys.executable} -c \"$0\" {LO} {port}"
    status, rows, _ = trace(["sh", "-c", f"{one} & {one}; wait; (sleep 0.3; {one}) & exit 5",
                             CLIENT])
    require(status == 5, f"status {status}")
    for connection in only(rows, 3):
        check_whole(connection)


def killed(stage):
    """A command that is killed in the middle: its connection is seen to the end, status 137"""
    serve(stage)
    status, rows, err = trace([sys.executable, "-c", CLIENT.replace("s.close()", "import os\n"
                               "os.kill(os.getpid(), 9)"), LO, str(port)])
    require(status == 137, f"status {status}")
    require("ended by signal 9" in err, err)
    check_whole(only(rows)[0])


def older_process(stage):
    """--pid: a process that runs already, with what it has open, and its later children"""
    server = serve(stage)
    client = stage.worker("tl-client")
    be_noisy(stage)
    client(f"a = socket.create_connection(('{LO}', {port}))")
    tracer = start(["--pid", str(client.pid)])
    stage.callback(lambda: tracer.poll() is None and tracer.kill())
    wait_until("it traces", lambda: "tcpladder: tracing" in read(ERR))
    client(f"a.sendall(b'x'); assert a.recv(9); a.close()\n"
           f"b = socket.create_connection(('{LO}', {port}))\n"
           "b.sendall(b'x')\nassert b.recv(9)\nb.close()\n"
           "import subprocess\n"
           f"subprocess.run([{sys.executable!r}, '-c', {CLIENT!r}, '{LO}', '{port}'], check=True)")
    client.kill()  # with its end the trace ends
    status, rows = end_of(tracer)
    require(status == 0, f"status {status}: {read(ERR)}")
    old, new, child = only(rows, 3)
    check_owner(new, "client", client.pid, client.comm)
    ours = [row for row in old.rows if row["remote"] == f"{LO}:{port}"]  # who began is not known
    require(ours and all(row.get("pid") == client.pid for row in ours), "not all the client's:",
            old.rows)
    for connection in (new, child):
        check_whole(connection)
        check_owner(connection, "server", server.pid, server.comm)
    require(old.rows[0]["kind"] == "segment" and [row["new"] for row in ours if "new" in row][-1]
            == "TIME_WAIT", "the older connection:", old.rows)


def named_processes(stage):
    """--comm: the processes of that name, and nobody else"""
    serve(stage)
    client, other = stage.worker("tl-chosen"), stage.worker("tl-other")
    tracer = start(["--comm", "tl-chosen"])
    stage.callback(lambda: tracer.poll() is None and tracer.kill())
    wait_until("it traces", lambda: "tcpladder: tracing" in read(ERR))
    code = (f"s = socket.create_connection(('{LO}', {port}))\n"
            "s.sendall(b'x')\nassert s.recv(9)\ns.close()")
    other(code)
    client(code)
    other(code)
    wait_until("the end", lambda: '"old":"LAST_ACK"' in read(OUT))
    tracer.send_signal(signal.SIGINT)
    status, rows = end_of(tracer)
    require(status == 0, f"status {status}: {read(ERR)}")
    (connection,) = only(rows)
    check_whole(connection)
    check_owner(connection, "client", client.pid, client.comm)


# --- What becomes of the command


def statuses(_):
    """The command's exit status is passed on; 127 and 126 if it cannot be started"""
    for words, expected in ((["true"], 0), (["sh", "-c", "exit 7"], 7),
                            (["/nonexistent/tl"], 127), (["/etc/passwd"], 126)):
        status, _, err = trace(words)
        require(status == expected, f"{words}: status {status}, not {expected}: {err}")
        if expected > 100:
            require(err.count("\n") == 1 and "cannot start" in err, f"not one sentence: {err}")


def user(_):
    """It runs as the user behind sudo, with that user's groups and environment"""
    code = "id -u; id -g; id -G; echo $HOME $USER; echo ${SUDO_UID-none}"
    status, _, err = trace(["sh", "-c", code], env={"SUDO_UID": "65534", "SUDO_GID": "65534"})
    require(status == 0, f"status {status}: {err}")
    lines = err.splitlines()
    for line in ("65534", "/nonexistent nobody", "none"):
        require(line in lines, f"no '{line}' in {lines}")
    require("0" not in lines, f"still root: {lines}")


def streams(_):
    """Where rows go to a file, the command's output goes to stderr; it reads our stdin"""
    with open(OUT, "wb") as out, open(ERR, "wb") as err:
        subprocess.run([program, "trace", "-f", "json", "--", "sh", "-c", "cat; echo done"],
                       input=b"from stdin\n", stdout=out, stderr=err, timeout=60, check=True)
    require(read(OUT) == "", f"among the rows: {read(OUT)}")
    require("from stdin\n" in read(ERR) and "done\n" in read(ERR), read(ERR))
    done = subprocess.run([program, "trace", "-q", "-f", "none", "--", "echo", "result"],
                          capture_output=True, timeout=60, check=True)
    require(done.stdout == b"result\n", f"without rows stdout is its own: {done.stdout}")


def forwarded(stage):
    """A signal that only we get is passed on, and the command decides"""
    code = "trap 'echo caught; exit 9' TERM; echo ready; while :; do sleep 0.05; done"
    tracer = start(["--", "sh", "-c", code])
    stage.callback(lambda: tracer.poll() is None and tracer.kill())
    wait_until("the command runs", lambda: "ready" in read(ERR))
    tracer.send_signal(signal.SIGTERM)
    status, _ = end_of(tracer)
    require(status == 9 and "caught" in read(ERR), f"status {status}: {read(ERR)}")


def terminal(stage):
    """Ctrl-C on the terminal reaches the command once, and its status is passed on"""
    code = "trap 'n=$((n+1))' INT; echo ready; until [ ${n-0} -gt 0 ]; do sleep 0.05; done; " \
           "sleep 0.2; echo got $n; exit 3"
    pid, terminal_fd = pty.fork()
    if pid == 0:
        os.execv(program, [program, "trace", "--", "sh", "-c", code])
    said = []

    def listen():
        try:
            while chunk := os.read(terminal_fd, 1000):
                said.append(chunk)
        except OSError:  # the terminal's end
            pass

    def text():
        return b"".join(said).decode(errors="replace")

    reader = threading.Thread(target=listen)
    reader.start()
    stage.callback(os.close, terminal_fd)
    stage.callback(reader.join)
    stage.callback(lambda: subprocess.run(["kill", "-9", str(pid)], stderr=subprocess.DEVNULL,
                                          check=False))
    wait_until("the command runs", lambda: "ready" in text())
    os.write(terminal_fd, b"\x03")
    _, status = os.waitpid(pid, 0)
    require(os.waitstatus_to_exitcode(status) == 3, f"status {status}: {text()}")
    reader.join()
    require("got 1" in text(), text())


def ended_with_the_trace(stage):
    """When the trace ends first, the command and its children are ended"""
    pids = f"{folder}/pids"
    tracer = start(["--duration", "500ms", "--", "sh", "-c",
                    f"sleep 1000 & echo $! $$ > {pids}; wait"])
    stage.callback(lambda: tracer.poll() is None and tracer.kill())
    status, _ = end_of(tracer)
    require(status == 128 + signal.SIGTERM, f"status {status}: {read(ERR)}")
    all_are_gone(pids)


def children_that_stay(stage):
    """Also where the command has ended before, or they ignore SIGTERM"""
    pids = f"{folder}/pids"
    for command in (f"sleep 1000 & echo $! > {pids}",
                    f"(trap '' TERM; exec sleep 1000) & echo $! > {pids}"):
        tracer = start(["--duration", "500ms", "--", "sh", "-c", command])
        stage.callback(lambda tracer=tracer: tracer.poll() is None and tracer.kill())
        status, _ = end_of(tracer)
        require(status == 0, f"status {status}: {read(ERR)}")
        all_are_gone(pids)
    tracer = start(["--duration", "500ms", "--", "sh", "-c", "trap '' TERM; sleep 1000"])
    stage.callback(lambda: tracer.poll() is None and tracer.kill())
    status, _ = end_of(tracer)
    require(status == 128 + signal.SIGKILL, f"status {status}: {read(ERR)}")


def all_are_gone(pids):
    for pid in read(pids).split():
        wait_until(f"{pid} is gone", lambda: not os.path.exists(f"/proc/{pid}/cmdline")
                   or read(f"/proc/{pid}/cmdline") == "")


scenes = [client_v4, server, dual_stack_server, server_over_a_cable, children, killed,
          older_process, named_processes, statuses, user, streams, forwarded, terminal,
          ended_with_the_trace, children_that_stay]
with open("/proc/net/if_inet6", encoding="ascii") as addresses:
    if any(line.startswith("0" * 31 + "1 ") for line in addresses):
        scenes.insert(1, client_v6)
run_scenes(scenes, program, folder)

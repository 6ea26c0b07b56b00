# SPDX-License-Identifier: MIT
"""Actors for the privileged tests: a tracer, and processes that do with sockets what they are told.

Everything here is undone by closing the Stage that made it, last in first out.
"""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time

import timeline

PATIENCE = 20  # seconds until something that we wait for is called a failure

# --- In the process of a worker


def _serve(comm, user):
    import ctypes, encodings.idna, errno, fcntl, socket, struct  # for the code that comes

    with open("/proc/self/comm", "w", encoding="ascii") as file:
        file.write(comm)
    if user:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    names = dict(locals(), os=os, signal=signal, time=time)
    for line in sys.stdin:
        try:
            code = json.loads(line)
            try:
                value = eval(compile(code, "<test>", "eval"), names)
            except SyntaxError:
                value = exec(compile(code, "<test>", "exec"), names)
            reply = {"value": value if isinstance(value, (int, float, str, list, tuple)) else None}
        except Exception as error:  # whatever it is, the test hears of it
            reply = {"error": repr(error)}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    _serve(sys.argv[1], int(sys.argv[2]))
    sys.exit()

# --- In the test


def wait_until(what, condition, seconds=PATIENCE, pace=0.02):
    """What the condition returns as soon as it is true."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        timeline.require(time.monotonic() < deadline, f"waited {seconds} s in vain: {what}")
        time.sleep(pace)
    return value


def command(*words):
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False)
    timeline.require(done.returncode == 0, f"{' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def _kill(process):
    if process.poll() is None:
        process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream:
            with contextlib.suppress(BrokenPipeError):
                stream.close()


class Worker:
    """A process with a name of its own. Calling it runs Python code there, which sees `socket`,
    `os` and what earlier calls have left behind; an expression's value comes back."""

    def __init__(self, comm, user=0, netns_of=None, own_netns=False):
        prefix = ["unshare", "--net"] if own_netns else []
        if netns_of is not None:
            prefix = ["nsenter", f"--net=/proc/{netns_of.pid}/ns/net"]
        self.comm = comm
        self.process = subprocess.Popen(
            prefix + [sys.executable, os.path.abspath(__file__), comm, str(user)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = self.process.pid
        self("None")  # it is up

    def begin(self, code):
        """Does not wait for its end; `end` does."""
        self.process.stdin.write(json.dumps(code) + "\n")
        self.process.stdin.flush()

    def end(self, code="", seconds=PATIENCE):
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        timeline.require(ready, f"{self.comm} has not finished in {seconds} s: {code}")
        line = self.process.stdout.readline()
        timeline.require(line, f"{self.comm} died: {code}")
        reply = json.loads(line)
        timeline.require("error" not in reply, f"{self.comm}: {code}: {reply.get('error')}")
        return reply["value"]

    def __call__(self, code):
        self.begin(code)
        return self.end(code)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def netns(self):
        return os.stat(f"/proc/{self.pid}/ns/net").st_ino


class Trace:
    """`tcpladder trace`; ready when everything is attached."""

    def __init__(self, program, folder, *options):
        self.out = os.path.join(folder, "trace.out")
        self.err = os.path.join(folder, "trace.err")
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.process = subprocess.Popen([program, "trace", *options], stdout=out, stderr=err)
        try:
            wait_until("tcpladder is attached", self._says_tracing)
        except timeline.Failure:
            _kill(self.process)
            raise

    def _says_tracing(self):
        text = self.errors()
        timeline.require(self.process.poll() is None, f"tcpladder did not start: {text}")
        return "tcpladder: tracing " in text

    def errors(self):
        with open(self.err, encoding="utf-8") as file:
            return file.read()

    def rows_so_far(self):
        with open(self.out, encoding="utf-8") as file:
            lines = file.read().split("\n")
        return [timeline.parse(line) for line in lines[:-1]]

    def await_row(self, what, seconds=PATIENCE, **wanted):
        """The first row with these values; cause_what is the cause's what."""

        def fits(row):
            values = dict(row, cause_what=row.get("cause", {}).get("what"))
            return all(values.get(key) == value for key, value in wanted.items())

        return wait_until(f"a row that shows {what}",
                          lambda: next(filter(fits, self.rows_so_far()), None), seconds)

    def stop(self):
        """Ctrl-C; all rows of what happened until now. None may be lost or out of order."""
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(PATIENCE)
        timeline.require(status == 0, f"tcpladder ended with {status}: {self.errors()}")
        rows = timeline.load(self.out)
        timeline.check_order(rows)
        timeline.check_none_lost(rows)
        timeline.check_summary(rows, self.err)
        return rows


class Stage(contextlib.ExitStack):
    def __init__(self, program, folder):
        super().__init__()
        self.program = program
        self.folder = folder
        self.own_namespaces = []
        self.traces = []

    def worker(self, comm, **options):
        worker = Worker(comm, **options)
        self.callback(_kill, worker.process)
        if options.get("own_netns"):
            self.own_namespaces.append(worker)
        return worker

    def trace(self, *options):
        trace = Trace(self.program, self.folder, *options)
        self.callback(_kill, trace.process)
        self.traces.append(trace)
        return trace

    def unseen(self):
        """What kernels of namespaces made for this scene have counted and no trace has shown."""
        rows = [row for trace in self.traces for row in trace.rows_so_far()]
        for worker in self.own_namespaces:
            if worker.process.poll() is not None:
                continue
            here = [row for row in rows if row.get("netns") == worker.netns()]
            ends = [row for row in here if row["kind"] == "state" and row["new"] == "CLOSE"]
            shown = {
                "RetransSegs": sum(row["kind"] == "retransmit" for row in here),
                "EstabResets": sum(row["old"] in ("ESTABLISHED", "CLOSE_WAIT") for row in ends),
                "TCPAbortOnTimeout": sum(row["cause"].get("what") == "timeout" for row in ends),
            }
            folder = f"/proc/{worker.pid}/net"
            counted = (timeline.tcp_counters(f"{folder}/snmp") |
                       timeline.tcp_counters(f"{folder}/netstat", "TcpExt"))
            for name, count in shown.items():
                if counted[name] > count:
                    return (f"{worker.comm}'s kernel counted {name} {counted[name]}, "
                            f"shown are {count}")
        return ""


def play(scene, program, folder):
    """Again, if the kernel has counted what it told no tracer (docs/architecture.md, "Interrupts
    that no tracer sees"): such a run proves nothing."""
    most = 5
    for again in range(most):
        with Stage(program, folder) as stage:
            try:
                return scene(stage)
            except timeline.Failure:
                unseen = stage.unseen()
                if not unseen or again == most - 1:
                    raise
        print(f"note: played again: {unseen}", flush=True)


def run_scenes(scenes, program, folder):
    """Each on a stage of its own. One that fails does not keep the others from running."""
    failures = 0
    for scene in scenes:
        what = scene.__doc__.strip().splitlines()[0].rstrip(".")
        try:
            play(scene, program, folder)
            timeline.ok(what)
        except timeline.Failure as failure:
            failures += 1
            print(f"FAIL {what}: {failure}", file=sys.stderr, flush=True)
    timeline.require(failures == 0, f"{failures} of {len(scenes)} scenes")

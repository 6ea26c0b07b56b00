# SPDX-License-Identifier: MIT
"""One run of one tracer beside one load: processes, network namespace, figures, BPF statistics."""

import ctypes
import dataclasses
import fcntl
import glob
import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import time

LOAD_CPU, TRACER_CPU = 0, 1
READY_SECONDS = 20  # bpftrace compiles first
STOP_SECONDS = 60  # from SIGINT to the end: a full buffer may have to be written
SETTLE_SECONDS = 0.5  # the previous namespace is torn down in the background
QUIET = 0.15  # of one CPU: what other processes may use in a machine that we call quiet
UNDISTURBED = 0.95  # of its CPU: what the load, which never waits, gets when nobody is in its way
IDLE_SECONDS = 0.3

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
TICKS = os.sysconf("SC_CLK_TCK")


class Unavailable(Exception):
    """A variant cannot run on this machine; the text says why, in one line."""


class Failed(Exception):
    """The benchmark itself cannot go on."""


def take_precedence():
    """For load and tracer alike, so that other processes take little from either."""
    try:
        os.setpriority(os.PRIO_PROCESS, 0, -20)
        # Where sessions are scheduled as groups, the line above counts inside the group only.
        pathlib.Path("/proc/self/autogroup").write_text("-20")
    except OSError:
        pass


@dataclasses.dataclass
class Ended:
    status: int
    cpu_s: float


class Process:
    """A child that dies with us: in a session of its own, so that Ctrl-C is for us to handle."""

    alive = set()

    def __init__(self, argv, out, err):
        parent = os.getpid()

        def prepare():
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(1)  # it died before it could be named
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.sched_setaffinity(0, {TRACER_CPU})  # as `taskset`; bench-load moves itself
            take_precedence()

        with open(out, "wb") as stdout, open(err, "wb") as stderr:
            self.popen = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr,
                start_new_session=True, preexec_fn=prepare)
        self.pid = self.popen.pid
        Process.alive.add(self)

    def wait(self, seconds):
        """The end with its CPU time, or None when it still runs after that many seconds."""
        pidfd = os.pidfd_open(self.pid)
        try:
            if not select.select([pidfd], [], [], seconds)[0]:
                return None
        finally:
            os.close(pidfd)
        _, status, usage = os.wait4(self.pid, 0)  # the CPU time of this child, not of all
        Process.alive.discard(self)
        self.popen.returncode = os.waitstatus_to_exitcode(status)
        return Ended(self.popen.returncode, usage.ru_utime + usage.ru_stime)

    def cpu_seconds(self):
        """So far."""
        try:
            stat = pathlib.Path(f"/proc/{self.pid}/stat").read_text()
        except OSError:
            return 0
        return sum(map(int, stat.rpartition(")")[2].split()[11:13])) / TICKS

    def kill(self):
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            os.kill(self.pid, signal.SIGKILL)  # not yet reaped, so the pid is still ours
        self.wait(10)

    @classmethod
    def kill_all(cls):
        for process in list(cls.alive):
            process.kill()


def new_network_namespace():
    """No TIME_WAIT left by an earlier run, no other traffic, no firewall; gone with its user."""
    if LIBC.unshare(CLONE_NEWNET) != 0:
        raise Failed(f"cannot make a network namespace: {os.strerror(ctypes.get_errno())} "
                     "(try --same-netns)")
    get_flags, set_flags, is_up = 0x8913, 0x8914, 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = fcntl.ioctl(control, get_flags, struct.pack("16sH22x", b"lo", 0))
        flags = struct.unpack("16sH22x", request)[1] | is_up
        fcntl.ioctl(control, set_flags, struct.pack("16sH22x", b"lo", flags))
    try:  # room for all that one run leaves; the limit is the namespace's own
        pathlib.Path("/proc/sys/net/ipv4/tcp_max_tw_buckets").write_text("2000000")
    except OSError:
        pass


def busy_seconds():
    """CPU time that the two CPUs have spent, or had stolen, since boot."""
    total = 0
    for line in pathlib.Path("/proc/stat").read_text().splitlines():
        name, *ticks = line.split()
        if name in (f"cpu{LOAD_CPU}", f"cpu{TRACER_CPU}"):
            user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, ticks[:8])
            total += user + nice + system + irq + softirq + steal
    return total / TICKS


def first_error(path):
    """The line of stderr that tells most."""
    lines = [line.strip() for line in path.read_text(errors="replace").splitlines()]
    lines = [line for line in lines if line and "RLIMIT_MEMLOCK" not in line]
    errors = [line for line in lines if re.search(r"error|fatal|cannot|denied", line, re.I)]
    return (errors or lines or ["it says nothing"])[0]


def bpf_programs():
    argv = ["bpftool", "-j", "prog", "show"]
    done = subprocess.run(argv, capture_output=True, check=True, timeout=20)
    return {program["id"]: program for program in json.loads(done.stdout)}


def owned_programs(pid):
    """Ids of the BPF programs that a process holds, directly or through links."""
    ids = set()
    for path in glob.glob(f"/proc/{pid}/fdinfo/*"):
        try:
            text = pathlib.Path(path).read_text()
        except OSError:
            continue  # closed meanwhile
        ids.update(int(number) for number in re.findall(r"^prog_id:\s*(\d+)", text, re.M))
    return ids


def measure_hooks(tracer, before=None):
    """Called twice: first the programs as they stand, then what each has done since."""
    programs = bpf_programs()
    if before is None:
        return programs
    owned = owned_programs(tracer.pid)
    result = []
    for number, program in programs.items():
        old = before.get(number, {})
        runs = program.get("run_cnt", 0) - old.get("run_cnt", 0)
        ns = program.get("run_time_ns", 0) - old.get("run_time_ns", 0)
        if number in owned and runs > 0:
            result.append({"program": program.get("name", f"#{number}"), "runs": runs, "ns": ns})
    return sorted(result, key=lambda row: -row["ns"])


class Bench:
    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.load = options.bin / "bench-load"
        self.patience = options.patience
        self.command = {}  # variant -> the argument list that attaches here

    def start(self, variant, argv, stem):
        """Starts a tracer and waits until it is attached."""
        out = self.folder / f"{stem}.{variant.suffix}"
        err = self.folder / f"{stem}.err"
        words = {"{out}": str(out), "{port}": str(self.options.port)}
        # A tracer that writes the file itself has nothing to say on stdout.
        stdout = os.devnull if "{out}" in argv else out
        tracer = Process([words.get(word, word) for word in argv], stdout, err)
        watched = out if variant.ready_in == "out" else err
        end = time.monotonic() + READY_SECONDS
        while True:
            with open(watched, "rb") as file:
                text = file.read(1 << 16).decode(errors="replace")
            if re.search(variant.ready, text, re.M):
                return tracer, out, err
            if ended := tracer.wait(0.02):
                raise Unavailable(f"{first_error(err)} (exit {ended.status})")
            if time.monotonic() > end:
                tracer.kill()
                raise Unavailable(f"not ready within {READY_SECONDS} s: {first_error(err)}")
            if variant.provoke:
                with socket.socket() as refused:  # nobody listens: two changes of state
                    refused.connect_ex(("127.0.0.1", self.options.port))

    def stop(self, variant, tracer):
        if ended := tracer.wait(0):
            raise Unavailable(f"ended by itself (exit {ended.status})")
        end = time.monotonic() + STOP_SECONDS
        while time.monotonic() < end:
            os.kill(tracer.pid, signal.SIGINT)
            if ended := tracer.wait(1 if variant.insist else STOP_SECONDS):
                if ended.status not in (0, -signal.SIGINT, 128 + signal.SIGINT):
                    raise Unavailable(f"exit {ended.status} after SIGINT")
                return ended
        tracer.kill()
        raise Unavailable(f"did not end within {STOP_SECONDS} s of SIGINT")

    def settle(self):
        """Until the machine is quiet, or patience is at its end."""
        while True:
            busy = busy_seconds()
            time.sleep(SETTLE_SECONDS)
            if self.patience <= 0 or busy_seconds() - busy < QUIET * SETTLE_SECONDS:
                return
            self.patience -= SETTLE_SECONDS

    def run_undisturbed(self, variant, stem):
        """A run that others disturbed is repeated while patience lasts, else marked."""
        while True:
            figures = self.run(variant, stem)
            figures["disturbed"] = figures["load_cpu_s"] < UNDISTURBED * figures["seconds"]
            if not figures["disturbed"] or self.patience <= 0:
                return figures
            self.patience -= figures["seconds"]

    def run_load(self, stem, tracer=None):
        out, err = self.folder / f"{stem}.load", self.folder / f"{stem}.load.err"
        seconds = self.options.seconds
        ours = tracer.cpu_seconds() if tracer else 0
        busy = busy_seconds()
        load = Process([str(self.load), "--cpu", str(LOAD_CPU), "--port", str(self.options.port),
                        "--seconds", str(seconds)], out, err)
        ended = load.wait(seconds + 20)
        if not ended:
            load.kill()
            raise Failed("bench-load does not end")
        if ended.status != 0:
            raise Failed(f"bench-load: {first_error(err)}")
        result = json.loads(out.read_text())
        result["load_cpu_s"] = round(ended.cpu_s, 3)
        ours = ended.cpu_s + (tracer.cpu_seconds() - ours if tracer else 0)
        result["others_cpu_s"] = round(busy_seconds() - busy - ours, 3)
        out.unlink()
        err.unlink()
        return result

    def discard(self, *files):
        for file in files:
            if self.options.keep and file.exists():
                with open(file, "rb") as kept:
                    os.fsync(kept.fileno())  # not during the next run
            else:
                file.unlink(missing_ok=True)

    def run(self, variant, stem, during=None, idle=False):
        """One run of one variant: its figures. `during` is called before and after the load."""
        if not self.options.same_netns:
            new_network_namespace()
        if not variant.commands:
            self.settle()
            return self.run_load(stem)
        tracer, out, err = self.start(variant, self.command[variant.key], stem)
        before = during(tracer) if during else None
        if idle:
            time.sleep(IDLE_SECONDS)
            figures = {}
        else:
            self.settle()
            figures = self.run_load(stem, tracer)
        if during:
            figures["hooks"] = during(tracer, before)
        try:
            figures["tracer_cpu_s"] = round(self.stop(variant, tracer).cpu_s, 4)
        except Unavailable as error:
            raise Unavailable(f"{error}: {first_error(err)}") from None
        figures["lost"] = sum_of(variant.lost, out if variant.lost_in == "out" else err)
        if figures["lost"] is None:
            figures["lost"] = variant.lost_if_untold
        figures["output_bytes"] = out.stat().st_size if out.exists() else 0
        figures["records"] = sum_of(variant.records, err)
        if variant.records == "lines":
            figures["records"] = count_lines(out)
        self.discard(out, err)
        return figures

    def choose(self, variant):
        """Finds the command that attaches here by an idle run, and what that run costs."""
        if not variant.commands:
            return None
        if not shutil.which(variant.program):
            raise Unavailable("not built" if "/" in variant.program else "not installed")
        reasons = []
        for argv in variant.commands:
            self.command[variant.key] = argv
            try:
                return self.run(variant, f"idle-{variant.key}", idle=True)["tracer_cpu_s"]
            except Unavailable as error:
                reasons.append(str(error))
        raise Unavailable(f"not available here: {reasons[0]}")


def sum_of(pattern, path):
    """The sum of all counts that match; None when there is none."""
    if not pattern or not path.exists():
        return None
    found = re.findall(pattern, path.read_text(errors="replace"), re.M)
    return sum(int(number.replace(",", "")) for number in found) if found else None


def count_lines(path):
    lines = 0
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            lines += block.count(b"\n")
    return lines

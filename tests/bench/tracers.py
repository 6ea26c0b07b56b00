# SPDX-License-Identifier: MIT
"""What `overhead` compares: each tracer with its command lines and how to read what it says."""

import dataclasses
import pathlib
import typing

TRACEFS = pathlib.Path("/sys/kernel/tracing")


@dataclasses.dataclass(frozen=True)
class Variant:
    """One tracer. The first of `commands` that attaches is used."""

    key: str
    title: str
    commands: tuple = ()  # of argument lists; {out} and {port} are filled in
    program: str = ""  # looked up in --bin when it has no place in PATH
    ready: str = ""  # pattern of the line that says "attached"
    ready_in: str = "err"  # err or out
    provoke: bool = False  # make changes of state until one is printed
    insist: bool = False  # send SIGINT again and again
    lost: str = ""  # pattern of the count of lost events
    lost_in: str = "err"  # err or out
    lost_if_untold: typing.Optional[int] = None
    records: str = ""  # pattern of the count of records on stderr, or "lines" of output
    suffix: str = "txt"


BPFTRACE_BODY = r'{ printf("%d %d %d\n", pid, '


def bpftrace_commands():
    """The state one-liner, by whatever this bpftrace and this kernel offer, best first."""
    tracepoint = "tracepoint:sock:inet_sock_set_state"
    scripts = [
        f"{tracepoint} {BPFTRACE_BODY}args->oldstate, args->newstate); }}",
        f"{tracepoint} {BPFTRACE_BODY}args.oldstate, args.newstate); }}",
        f"rawtracepoint:inet_sock_set_state {BPFTRACE_BODY}arg1, arg2); }}",
        f"kfunc:tcp_set_state {BPFTRACE_BODY}args->sk->__sk_common.skc_state, args->state); }}",
    ]
    commands = [["bpftrace", "-e", script] for script in scripts]
    if not (TRACEFS / "events").is_dir():
        # Classic tracepoints are found through tracefs: mounted for this one process only.
        mount = f'mount -t tracefs tracefs {TRACEFS} && exec "$@"'
        prefix = ["unshare", "--mount", "sh", "-c", mount, "sh"]
        commands = [prefix + command for command in commands] + commands[2:]
    return tuple(commands)


def variants(bin_dir):
    tcpladder = str(bin_dir / "tcpladder")
    ladder = dict(
        program=tcpladder,
        ready=r"^tcpladder: tracing",
        lost=r"\b(\d[\d,]*) lost\b",
        records="lines",
        suffix="json",
    )
    tcpdump = dict(
        program="tcpdump",
        ready=r"listening on ",
        lost=r"^(\d+) packets? dropped by kernel",
        records=r"^(\d+) packets? captured",
    )
    trace = [tcpladder, "trace", "--all", "--port", "{port}", "-f", "json"]
    # -Z root: where tcpdump gives root up by default, it could not write into our directory.
    dump = ["tcpdump", "-Z", "root", "-i", "lo"]
    which = ["tcp", "port", "{port}"]
    return [
        Variant("untraced", "untraced"),
        Variant("empty", "three empty BPF programs", ([str(bin_dir / "bench-empty")],),
                program=str(bin_dir / "bench-empty"), ready=r"^ready", ready_in="out"),
        Variant("full", "tcpladder trace -f json", (trace,), **ladder),
        Variant("light", "tcpladder trace --light -f json", (trace + ["--light"],), **ladder),
        Variant("write", "tcpdump -s 96 -B 65536 -w FILE",
                (dump + ["-s", "96", "-B", "65536", "-w", "{out}"] + which,),
                **{**tcpdump, "suffix": "pcap"}),
        Variant("text", "tcpdump -nnS > FILE", (dump + ["-nnS"] + which,), **tcpdump),
        # bpftrace says nothing once it is attached, and 0.17 forgets a SIGINT that comes while it
        # is not waiting for events.
        Variant("bpftrace", "bpftrace, states > FILE", bpftrace_commands(), program="bpftrace",
                ready=r"^\d+ \d+ \d+$", ready_in="out", provoke=True, insist=True,
                lost=r"^Lost (\d+) events", lost_in="out", lost_if_untold=0, records="lines"),
    ]

# SPDX-License-Identifier: MIT
"""The JSON rows of a trace (docs/json.md), and what must hold of them.

Every check raises Failure, which names what is wrong and shows the rows. A
script that imports this module and does not catch it ends with status 1.
"""

import calendar
import json
import re
import sys
import time

SHOWN = 30  # offending rows in a failure

HEAD = ["v", "n", "kind", "time", "mono_ns", "host", "netns", "conn", "side", "local", "remote",
        "pid", "comm"]
BODY = {
    "segment": ["flags", "seq", "end", "ack", "rel_seq", "rel_end", "rel_ack", "len", "win",
                "win_scaled", "options", "sent_ns", "received_ns", "from", "aggregate", "notes",
                "copy_of", "acks", "reset_reason"],
    "state": ["old", "new", "observed", "cause", "in_state_ns"],
    "retransmit": ["seq", "end", "why"],
    "reset": ["direction", "reason"],
    "drop": ["reason", "seq", "end", "flags", "segment"],
    "lost": ["count", "of", "from_ns"],
    "note": ["text"],
}
NEEDED = {
    "segment": ["flags", "seq", "end", "len", "win"],
    "state": ["observed", "cause"],
    "retransmit": ["seq", "end"],
    "reset": ["direction"],
    "drop": ["reason", "seq", "end", "flags"],
    "lost": ["count"],
    "note": ["text"],
}
PLACE = {kind: {key: at for at, key in enumerate(HEAD + body)} for kind, body in BODY.items()}

STATES = {"CLOSE", "LISTEN", "SYN_SENT", "SYN_RECV", "ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2",
          "CLOSE_WAIT", "CLOSING", "LAST_ACK", "TIME_WAIT"}

# RFC 9293, section 3.3.2, in Linux's names. FIN_WAIT1 -> TIME_WAIT goes by way of FIN_WAIT2.
RFC_EDGES = {
    ("CLOSE", "LISTEN"), ("CLOSE", "SYN_SENT"), ("LISTEN", "CLOSE"), ("LISTEN", "SYN_RECV"),
    ("SYN_SENT", "SYN_RECV"), ("SYN_SENT", "ESTABLISHED"), ("SYN_SENT", "CLOSE"),
    ("SYN_RECV", "ESTABLISHED"), ("SYN_RECV", "FIN_WAIT1"), ("ESTABLISHED", "FIN_WAIT1"),
    ("ESTABLISHED", "CLOSE_WAIT"), ("FIN_WAIT1", "FIN_WAIT2"), ("FIN_WAIT1", "CLOSING"),
    ("FIN_WAIT2", "TIME_WAIT"), ("CLOSING", "TIME_WAIT"), ("CLOSE_WAIT", "LAST_ACK"),
    ("LAST_ACK", "CLOSE"), ("TIME_WAIT", "CLOSE"),
}
# A reset, a timeout or an abort ends each of these at once.
ABORTED = {"SYN_RECV", "ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "CLOSE_WAIT", "CLOSING", "LAST_ACK"}


class Failure(Exception):
    def __init__(self, message, rows=()):
        rows = list(rows)
        shown = "".join("\n    " + brief(row) for row in rows[:SHOWN])
        if len(rows) > SHOWN:
            shown += f"\n    ... and {len(rows) - SHOWN} more"
        super().__init__(message + shown)


def _show_failure(kind, value, trace):
    if issubclass(kind, Failure):
        print(f"FAIL {value}", file=sys.stderr)
    else:
        sys.__excepthook__(kind, value, trace)


sys.excepthook = _show_failure


def require(condition, message, rows=()):
    if not condition:
        raise Failure(message, rows)


def ok(text):
    print(f"ok   {text}", flush=True)


# --- Rows


def transition(row):
    return f"{row.get('old', '?')} -> {row.get('new', '?')}"


def numbers(row):
    seq = row.get("rel_seq", row["seq"])
    text = f"{row['flags']} {seq}:{row.get('rel_end', row['end'])}({row['len']})"
    if "ack" in row:
        text += f" ack {row.get('rel_ack', row['ack'])}"
    return text


def brief(row):
    """One row in one line, for people."""
    kind = row.get("kind")
    parts = [f"#{row.get('n')} {row.get('mono_ns', 0) / 1e6:.3f} ms"]
    if "conn" in row:
        parts.append(f"conn {row['conn']}")
    parts.append(f"{row.get('side', '-')} {row.get('local', '-')} {row.get('remote', '*')}")
    parts.append(f"{row.get('comm', '?')}[{row.get('pid', '?')}]")
    if kind == "segment":
        parts.append(numbers(row))
        if "sent_ns" in row and "received_ns" in row:
            parts.append(f"+{(row['received_ns'] - row['sent_ns']) / 1e3:.1f}us")
        else:
            parts.append("sent only" if "sent_ns" in row else "received only")
    elif kind == "state":
        cause = row.get("cause", {})
        parts.append(transition(row) + ("" if row.get("observed") else " (inferred)"))
        parts.append(f"cause {cause.get('type')} {cause.get('what')}")
        if "n" in cause:
            parts.append(f"#{cause['n']}")
    else:
        parts.append(kind or "?")
        parts.append(str({key: row[key] for key in BODY.get(kind, []) if key in row}))
    return "  ".join(parts)


_forms = {}


def _form_problem(kind, keys):
    """What is wrong with the keys of a row; remembered, there are few forms."""
    if kind not in BODY:
        return f"unknown kind {kind!r}"
    place = PLACE[kind]
    unknown = [key for key in keys if key not in place]
    if unknown:
        return f"unknown keys {unknown}"
    places = [place[key] for key in keys]
    if any(a >= b for a, b in zip(places, places[1:])):
        return f"keys out of order: {list(keys)}"
    missing = [key for key in HEAD[:5] + NEEDED[kind] if key not in keys]
    if missing:
        return f"keys missing: {missing}"
    return None


def _object(pairs):
    return {sys.intern(key): value for key, value in pairs}


def parse(line):
    try:
        row = json.loads(line, object_pairs_hook=_object)
    except ValueError as error:
        raise Failure(f"not JSON ({error}): {line!r}") from None
    require(isinstance(row, dict), f"no row: {line!r}")
    form = (row.get("kind"), tuple(row))
    if form not in _forms:
        _forms[form] = _form_problem(*form)
    require(_forms[form] is None, f"{_forms[form]} in: {line}")
    return row


_seconds = {}


def wall_ns(text):
    """RFC 3339 in UTC with nanoseconds, as nanoseconds since 1970."""
    second, fraction = text[:19], text[19:]
    if second not in _seconds:
        _seconds[second] = calendar.timegm(time.strptime(second, "%Y-%m-%dT%H:%M:%S"))
    if not (fraction[:1] == "." and fraction[10:] == "Z" and fraction[1:10].isdigit()):
        raise ValueError(text)
    return _seconds[second] * 1_000_000_000 + int(fraction[1:10])


def load(path):
    """All rows of a file, each of the documented form, numbered from 1 without a gap, with the same
    offset between the two clocks."""
    with open(path, encoding="utf-8", errors="strict") as file:
        text = file.read()
    require(text == "" or text.endswith("\n"), f"{path}: the last row is cut off")
    rows = [parse(line) for line in text.splitlines()]
    offset = None
    for position, row in enumerate(rows, 1):
        require(row["v"] == 1, "not version 1:", [row])
        require(row["n"] == position, f"n is not {position}:", [row])
        require(row.get("host") == rows[0].get("host"), "another host:", [row])
        try:
            now = wall_ns(row["time"]) - row["mono_ns"]
        except ValueError:
            raise Failure(f"time {row['time']!r} is not RFC 3339 in UTC with nanoseconds:",
                          [row]) from None
        offset = now if offset is None else offset
        require(now == offset, f"time is {now - offset} ns off mono_ns:", [row])
    return rows


def ahead(a, b):
    """How far sequence number a is ahead of b (RFC 9293, section 3.4)."""
    distance = (a - b) & 0xffffffff
    return distance - (1 << 32) if distance >= 1 << 31 else distance


class Connection:
    """The rows of one connection. `all_rows` is the whole trace: causes point into it."""

    def __init__(self, number, rows, all_rows):
        self.number = number
        self.rows = rows
        self.all_rows = all_rows

    def segments(self, sender=None):
        return [row for row in self.rows
                if row["kind"] == "segment" and sender in (None, row.get("from"))]

    def states(self, side=None):
        return [row for row in self.rows
                if row["kind"] == "state" and side in (None, row.get("side"))]

    def path(self, side):
        """The states that one end went through."""
        rows = self.states(side)
        return [row.get("old") for row in rows[:1]] + [row.get("new") for row in rows]

    def of(self, side):
        return [row for row in self.rows if row.get("side") == side]

    def only(self, kind):
        return [row for row in self.rows if row["kind"] == kind]

    def transition(self, side, old, new):
        """The one row of this transition."""
        found = [row for row in self.states(side) if row.get("old") == old and row["new"] == new]
        require(len(found) == 1, f"connection {self.number}: the {side} went {old} -> {new} "
                f"{len(found)} times; all of its rows:", self.rows)
        return found[0]


def connections(rows):
    """By number. Rows of listeners and of the trace itself belong to none."""
    groups = {}
    for row in rows:
        if "conn" in row:
            groups.setdefault(row["conn"], []).append(row)
    return {number: Connection(number, group, rows) for number, group in groups.items()}


def port_of(endpoint):
    return endpoint.rpartition(":")[2]


def other(side):
    return "server" if side == "client" else "client"


# --- What must hold of every trace


def check_order(rows):
    """Time never runs back, and nothing is received before it was sent."""
    for before, after in zip(rows, rows[1:]):
        require(after["mono_ns"] >= before["mono_ns"], "time runs back:", [before, after])
    for row in rows:
        if row["kind"] != "segment":
            continue
        sent, received = row.get("sent_ns"), row.get("received_ns")
        require(sent is not None or received is not None, "neither sent nor received:", [row])
        require(row["mono_ns"] == (sent if sent is not None else received),
                "mono_ns is neither the time of sending nor that of receipt:", [row])
        if sent is not None and received is not None:
            require(received >= sent, f"received {sent - received} ns before it was sent:", [row])


def check_both_times(rows):
    """Where both ends are traced, a segment is one row with two times."""
    bad = [row for row in rows
           if row["kind"] == "segment" and ("sent_ns" not in row or "received_ns" not in row)]
    require(not bad, f"{len(bad)} segments were not seen at both ends:", bad)


def check_numbers(connection):
    """Sequence numbers: SYN and FIN count one, relative numbers start at the SYN. Windows: scaled
    if both SYNs say so, and never in a SYN."""
    first = {}
    scale = {}
    for row in connection.segments():
        sender = row.get("from")
        require(sender in ("client", "server"), "a segment from nobody:", [row])
        require(row["side"] == sender, "side is not the sender:", [row])
        flags = row["flags"]
        length = row["len"] + ("S" in flags) + ("F" in flags)
        require(row["end"] == (row["seq"] + length) & 0xffffffff, "wrong end:", [row])
        require(("ack" in row) == ("." in flags), "ack and the ACK flag do not agree:", [row])
        if "S" in flags:
            first.setdefault(sender, row["seq"])
            found = re.search(r"wscale (\d+)", row.get("options", ""))
            scale.setdefault(sender, int(found.group(1)) if found else None)
        if "R" in flags:
            continue
        base, peer_base = first.get(sender), first.get(other(sender))
        if base is None or ("ack" in row and peer_base is None):
            continue  # the start was not seen
        if "S" in flags or len(scale) == 2:
            in_force = "S" not in flags and None not in scale.values()
            require(row.get("win_scaled") == row["win"] << (scale[sender] if in_force else 0),
                    "wrong win_scaled:", [row])
        require(row.get("rel_seq") == (row["seq"] - base) & 0xffffffff, "wrong rel_seq:", [row])
        require(row.get("rel_end") == (row["end"] - base) & 0xffffffff, "wrong rel_end:", [row])
        if "ack" in row:
            require(row.get("rel_ack") == (row["ack"] - peer_base) & 0xffffffff,
                    "wrong rel_ack:", [row])


def check_endpoints(connection, client=None, server=None):
    """One 4-tuple on all rows of a connection; no port is missing or 0. Only where a SYN waits for
    its neighbour's address, the port may not be known yet when connect() is told, and says so."""
    ends = set()
    namespaces = {"client": set(), "server": set()}
    unsent = not connection.only("segment")
    for row in connection.rows:
        if unsent and row.get("new") == "SYN_SENT" and row["local"].endswith(":?"):
            continue
        local, remote = row.get("local"), row.get("remote")
        side = row.get("side")
        require(local and remote, "an end is missing:", [row])
        require(side in ("client", "server"), "no side:", [row])
        for endpoint in (local, remote):
            require(port_of(endpoint).isdigit() and int(port_of(endpoint)) > 0,
                    f"no port in {endpoint}:", [row])
        ends.add((local, remote) if side == "client" else (remote, local))
        namespaces[side].add(row.get("netns"))
    several = [row for row in connection.rows if len(namespaces[row["side"]]) > 1]
    require(not several, "an end is in several network namespaces:", several)
    require(len(ends) == 1, f"connection {connection.number} has several 4-tuples, {sorted(ends)}:",
            connection.rows)
    (end,) = ends
    for expected, found in ((client, end[0]), (server, end[1])):
        require(expected in (None, found), f"connection {connection.number}: {found} is not "
                f"{expected}:", connection.rows)
    return end


def check_owner(connection, side, pid=None, comm=None):
    """The same owner on all rows of one end. Returns its pid."""
    rows = connection.of(side)
    require(rows, f"connection {connection.number} has no row of its {side}:", connection.rows)
    bad = [row for row in rows if not row.get("pid") or not row.get("comm")]
    require(not bad, f"rows of the {side} without an owner:", bad)
    pid = rows[0]["pid"] if pid is None else pid
    comm = rows[0]["comm"] if comm is None else comm
    bad = [row for row in rows if row["pid"] != pid or row["comm"] != comm]
    require(not bad, f"connection {connection.number}: rows of the {side} that are not "
            f"{comm}[{pid}]'s:", bad)
    return pid


def check_path(connection, side, expected=None):
    """Legal steps, each from where the one before ended, with the right durations."""
    rows = connection.states(side)
    _check_steps(rows)
    if expected is not None:
        require(connection.path(side) == expected,
                f"connection {connection.number}: the {side} did not go {' -> '.join(expected)}; "
                "all rows of the connection:", connection.rows)


def _check_steps(rows):
    for row in rows:
        old, new = row.get("old"), row.get("new")
        require(old in STATES and new in STATES, "unknown state:", [row])
        legal = (old, new) in RFC_EDGES or (new == "CLOSE" and old in ABORTED)
        require(legal, f"RFC 9293 has no transition {old} -> {new}:", [row])
    for before, after in zip(rows, rows[1:]):
        require(after["old"] == before["new"],
                f"leaves {after['old']}, but was in {before['new']}:", [before, after])
        lasted = after["mono_ns"] - before["mono_ns"]
        require(after.get("in_state_ns") == lasted,
                f"in_state_ns should be {lasted}, is {after.get('in_state_ns')}:", [before, after])


def check_path_at(connection, local, expected):
    """The same of the end at this address: in a connection that is older than the trace, it may not
    be known who is the client."""
    rows = [row for row in connection.states() if row["local"] == local]
    _check_steps(rows)
    found = [row["old"] for row in rows[:1]] + [row["new"] for row in rows]
    require(found == expected, f"connection {connection.number}: {local} did not go "
            f"{' -> '.join(expected)}; all rows of the connection:", connection.rows)


# --- Causes


def _sent_by(connection, end):
    """The segments that left this address and port: works without knowing which side it is."""
    return [row for row in connection.segments() if row["local"] == end]


def _fin_end(connection, end):
    """One past this end's FIN."""
    for row in _sent_by(connection, end):
        if "F" in row["flags"]:
            return row["end"]
    return None


def _isn(connection, end):
    for row in _sent_by(connection, end):
        if "S" in row["flags"]:
            return row["seq"]
    return None


def _is_handshake_ack(connection, end, row):
    isn = _isn(connection, end)
    return ("." in row["flags"] and "R" not in row["flags"]
            and (isn is None or ahead(row["ack"], isn) > 0))


def _acks_fin(connection, end, row):
    fin_end = _fin_end(connection, end)
    return ("." in row["flags"] and "R" not in row["flags"] and fin_end is not None
            and ahead(row["ack"], fin_end) >= 0)


# What a cause by segment says, and which received segments may be it.
BY_SEGMENT = {
    "rcv SYN": lambda c, end, row: "S" in row["flags"] and "." not in row["flags"],
    "rcv SYN+ACK": lambda c, end, row: (row["flags"].startswith("S.")
                                         and _is_handshake_ack(c, end, row)),
    "rcv ACK": _is_handshake_ack,
    "rcv FIN": lambda c, end, row: "F" in row["flags"] and "R" not in row["flags"],
    "rcv ACK of FIN": _acks_fin,
    "rcv RST": lambda c, end, row: "R" in row["flags"],
    "rcv data, too late": lambda c, end, row: row["len"] > 0,
}
# Of these only the first to arrive that fits can be it: the next one finds another state. It need
# not be the first that was sent: one that waits on a busy CPU is overtaken by one on the other CPU.
FIRST_ONLY = {"rcv SYN+ACK", "rcv ACK", "rcv FIN", "rcv ACK of FIN"}

CLOSING_CALLS = {"close()", "shutdown()", "exit()"}
ABORTING_CALLS = {"close(), abort", "exit()", "shutdown()", "connect(AF_UNSPEC)", "SOCK_DESTROY",
                  "close() of listener"}
CALLS = {
    "CLOSE -> LISTEN": {"listen()"},
    "CLOSE -> SYN_SENT": {"connect()"},
    "LISTEN -> CLOSE": {"close()", "exit()", "shutdown()", "connect(AF_UNSPEC)"},
    "SYN_SENT -> CLOSE": {"close()", "exit()", "shutdown()", "connect(AF_UNSPEC)",
                          "connect() failed", "SOCK_DESTROY"},
    "SYN_RECV -> FIN_WAIT1": CLOSING_CALLS,
    "ESTABLISHED -> FIN_WAIT1": CLOSING_CALLS,
    "CLOSE_WAIT -> LAST_ACK": CLOSING_CALLS,
    "TIME_WAIT -> CLOSE": {"connect()"},
}
SEGMENTS = {
    "LISTEN -> SYN_RECV": {"rcv SYN"},
    "SYN_SENT -> SYN_RECV": {"rcv SYN"},
    "SYN_SENT -> ESTABLISHED": {"rcv SYN+ACK"},
    "SYN_SENT -> CLOSE": {"rcv RST", "rcv ICMP error"},
    "SYN_RECV -> ESTABLISHED": {"rcv ACK", "rcv SYN+ACK"},
    "ESTABLISHED -> CLOSE_WAIT": {"rcv FIN"},
    "FIN_WAIT1 -> FIN_WAIT2": {"rcv ACK of FIN"},
    "FIN_WAIT1 -> CLOSING": {"rcv FIN"},
    "FIN_WAIT1 -> CLOSE": {"rcv RST", "rcv data, too late"},
    "FIN_WAIT2 -> CLOSE": {"rcv RST", "rcv data, too late"},
    "FIN_WAIT2 -> TIME_WAIT": {"rcv FIN"},
    "CLOSING -> TIME_WAIT": {"rcv ACK of FIN"},
    "LAST_ACK -> CLOSE": {"rcv ACK of FIN", "rcv RST"},
    "TIME_WAIT -> CLOSE": {"rcv SYN", "rcv RST"},
}
TIMERS = {
    "SYN_RECV -> CLOSE": {"SYN+ACK timeout"},
    "FIN_WAIT2 -> CLOSE": {"FIN_WAIT2 timeout", "timeout"},
    "TIME_WAIT -> CLOSE": {"2MSL"},
}


def check_cause(connection, row):
    """A transition has a known cause, of a kind that can make it; a segment that
    caused it stands before it, had been received by this end, and fits."""
    cause, what = row["cause"], row["cause"].get("what")
    kind, step = cause["type"], transition(row)
    require(kind != "unknown" and what, "the cause is unknown:", [row])
    if kind == "call":
        calls = CALLS.get(step, ABORTING_CALLS if row["new"] == "CLOSE" else set())
        allowed = calls | ({"close() or shutdown()"} if "close()" in calls else set())
        require(what in allowed, f"no {what} makes {step}:", [row])
    elif kind == "timer":
        allowed = TIMERS.get(step, {"timeout"} if row["new"] == "CLOSE" else set())
        require(what in allowed, f"no timer '{what}' makes {step}:", [row])
    else:
        require(kind == "segment", f"unknown type of cause {kind!r}:", [row])
        allowed = SEGMENTS.get(step, {"rcv RST", "rcv ICMP error"} if row["new"] == "CLOSE"
                               else set())
        require(what in allowed, f"no '{what}' makes {step}:", [row])
        if what == "rcv ICMP error":
            return
        _check_cause_segment(connection, row, what)
    if kind != "segment":
        require("n" not in cause, f"a {kind} has no segment:", [row])


def _check_cause_segment(connection, row, what):
    number = row["cause"].get("n")
    require(number is not None, f"the cause does not say which segment; rows of the connection:",
            [row] + connection.rows)
    require(0 < number < row["n"], "the cause stands behind its effect:", [row])
    segment = connection.all_rows[number - 1]
    require(segment["kind"] == "segment", "the cause is no segment:", [segment, row])
    # A new SYN may end the TIME_WAIT of the connection before it.
    later_connection = row["old"] == "TIME_WAIT" and what == "rcv SYN"
    require(segment.get("conn") == row.get("conn") or later_connection,
            "the cause belongs to another connection:", [segment, row])
    require(segment["local"] == row["remote"] and segment["remote"] == row["local"],
            "the cause was not sent to this end:", [segment, row])
    require("received_ns" in segment, "the cause has not been received:", [segment, row])
    require(segment["received_ns"] <= row["mono_ns"],
            f"received {segment['received_ns'] - row['mono_ns']} ns after what it caused:",
            [segment, row])
    fits = BY_SEGMENT[what]
    require(fits(connection, row["local"], segment),
            f"that segment is no '{what}':", [segment, row])
    if later_connection:
        require(segment["conn"] > row["conn"], "the SYN is not of a later connection:",
                [segment, row])
    if what in FIRST_ONLY and not _may_be_overtaken(connection, row):
        first = min((candidate for candidate in connection.segments()
                     if candidate["local"] == row["remote"]
                     and candidate.get("received_ns", segment["received_ns"] + 1)
                     <= segment["received_ns"] and fits(connection, row["local"], candidate)),
                    key=lambda candidate: candidate["received_ns"])
        require(first["received_ns"] == segment["received_ns"],
                f"an earlier segment was '{what}' already:", [first, segment, row])


def _may_be_overtaken(connection, row):
    """Nobody holds a request. So of two ACKs that come to two CPUs before either has been handled,
    any may be the first to make the connection, and the rows do not say on which CPU they were."""
    if row["old"] != "SYN_RECV":
        return False
    acks = [segment for segment in connection.segments()
            if segment["local"] == row["remote"] and "received_ns" in segment
            and segment["received_ns"] <= row["mono_ns"]
            and _is_handshake_ack(connection, row["local"], segment)]
    since = min(segment["received_ns"] for segment in acks)
    return len(acks) > 1 and not any(since < other["mono_ns"] < row["mono_ns"]
                                     for other in connection.of(row["side"]))


def check_causes(connection):
    for row in connection.states():
        check_cause(connection, row)


def check_effects(connection):
    """What a state makes a socket send comes after the state."""
    if connection.rows[0]["local"] == connection.rows[0]["remote"]:
        return  # connected to itself, it sends a SYN from SYN_SENT and another from SYN_RECV
    for side in ("client", "server"):
        for row in connection.states(side):
            if row["new"] not in ("SYN_SENT", "SYN_RECV", "FIN_WAIT1", "LAST_ACK"):
                continue
            flag = "S" if row["new"].startswith("SYN") else "F"
            early = [segment for segment in connection.segments(side)
                     if flag in segment["flags"] and segment["n"] < row["n"]]
            require(not early, f"the {side} sent it before its {transition(row)}:", early + [row])


def check_observed(rows, light=False):
    """The full profile infers nothing. The light one sees no timers, so it infers TIME_WAIT; but
    where the ACK of the FIN came alone, a small socket keeps FIN_WAIT2, and what that sends later
    shows that it has gone on to TIME_WAIT."""
    fin_wait2 = {}
    for row in rows:
        if row["kind"] != "state":
            continue
        expected = True
        if row["new"] == "FIN_WAIT2":
            fin_wait2[row["conn"], row["side"]] = row["cause"].get("n")
        elif light and row["new"] == "TIME_WAIT":
            expected = fin_wait2.get((row["conn"], row["side"])) != row["cause"].get("n")
        require(row["observed"] is expected,
                f"{transition(row)} should be {'observed' if expected else 'inferred'}:", [row])


def check_none_lost(rows):
    lost = [row for row in rows if row["kind"] == "lost"]
    require(not lost, f"{sum(row['count'] for row in lost)} records were lost:", lost)


def check_listener(rows, local, pid=None, comm=None, closed=True):
    """The rows of no connection: the listener's. They frame all others."""
    mine = [row for row in rows if "conn" not in row]
    steps = [("CLOSE -> LISTEN", "listen()")]
    if closed:
        steps.append(("LISTEN -> CLOSE", "exit()"))
    require([row["kind"] == "state" and transition(row) for row in mine]
            == [step for step, _ in steps], f"not {len(steps)} rows of a listener:", mine)
    _check_steps(mine)
    require(mine[0].get("netns") and len({row.get("netns") for row in mine}) == 1,
            "no network namespace, or several:", mine)
    for row, (_, what) in zip(mine, steps):
        require(row["cause"] == {"type": "call", "what": what}, f"the cause is not {what}:", [row])
        require(row.get("local") == local and "remote" not in row, f"not on {local}:", [row])
        require(row.get("side") == "server", "a listener is a server:", [row])
        require("pid" in row and row["pid"] == (mine[0]["pid"] if pid is None else pid)
                and comm in (None, row["comm"]), f"not {comm}'s, or not always the same process's:",
                mine)
    require(rows[0] is mine[0], "the trace does not begin with listen():", rows[:1])
    if closed:
        require(rows[-1] is mine[-1], "the trace does not end with the listener's end:", rows[-1:])


# --- A daytime conversation: 26 bytes from the server, which closes first

CLIENT_PATH = ["CLOSE", "SYN_SENT", "ESTABLISHED", "CLOSE_WAIT", "LAST_ACK", "CLOSE"]
SERVER_PATH = ["LISTEN", "SYN_RECV", "ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT"]
DAYTIME_BYTES = 26


def _word(row):
    text = f"{row['flags']} {row['rel_seq']}:{row['rel_end']}"
    return text + (f" ack {row['rel_ack']}" if "ack" in row else "")


def _one_of_each(words, expected, rows, what):
    """`expected` is a list of sets of alternatives, None among them: may be missing."""
    at = 0
    for alternatives in expected:
        if at < len(words) and words[at] in alternatives:
            at += 1
        else:
            require(None in alternatives, f"{what}: no {sorted(filter(None, alternatives))} at "
                    f"position {at + 1} of {words}:", rows)
    require(at == len(words), f"{what}: too many segments, {words[at:]}:", rows)


def check_daytime(connection, paused, reused=False):
    """The whole conversation, row by row. What the machine's speed decides may differ: whether
    data, FIN and ACK share a segment. With `paused` data and FIN cannot. `reused`: a later
    connection has the same 4-tuple, its SYN has ended this one's TIME_WAIT."""
    check_path(connection, "client", CLIENT_PATH)
    check_path(connection, "server", SERVER_PATH + (["CLOSE"] if reused else []))
    if reused:
        end = connection.states("server")[-1]
        require(end["cause"]["what"] == "rcv SYN", "not ended by the next SYN:", [end])
    kinds = {row["kind"] for row in connection.rows}
    require(kinds == {"segment", "state"}, f"unexpected rows, {sorted(kinds)}:", connection.rows)
    client, server = connection.segments("client"), connection.segments("server")
    client_words = [_word(row) for row in client]
    server_words = [_word(row) for row in server]
    what = f"connection {connection.number}"
    merged = "FP. 1:28 ack 1"
    if not paused and merged in server_words:
        sends = [{merged}]
    else:
        sends = [{"P. 1:27 ack 1"}, {"F. 27:28 ack 1"}]
    _one_of_each(server_words, [{"S. 0:1 ack 1"}, *sends, {". 28:28 ack 2"}], connection.rows,
                 f"{what}, server")
    ack_of_data = {". 1:1 ack 27"} if paused else {". 1:1 ack 27", None}
    _one_of_each(client_words, [{"S 0:1"}, {". 1:1 ack 1"}, ack_of_data, {". 1:1 ack 28", None},
                                {"F. 1:2 ack 28"}], connection.rows, f"{what}, client")
    data = next(row for row in server if "P" in row["flags"])
    require(data["len"] == DAYTIME_BYTES, f"not {DAYTIME_BYTES} bytes of data:", [data])
    _check_daytime_order(connection, client, server)


def _check_daytime_order(connection, client, server):
    def step(side, new):
        return next(row for row in connection.states(side) if row["new"] == new)

    def sent(rows, flag):
        return next(row for row in rows if flag in row["flags"])

    third = client[1]
    data, server_fin, client_fin = sent(server, "P"), sent(server, "F"), sent(client, "F")
    ack_of_server_fin = next(row for row in client[1:] if row["rel_ack"] == 28)
    last = server[-1]
    chains = [
        [step("client", "SYN_SENT"), client[0], step("server", "SYN_RECV"), server[0],
         step("client", "ESTABLISHED"), third, step("server", "ESTABLISHED"), data],
        [step("server", "ESTABLISHED"), step("server", "FIN_WAIT1"), server_fin,
         step("client", "CLOSE_WAIT"), step("client", "LAST_ACK"), client_fin, last,
         step("client", "CLOSE")],
        [step("client", "CLOSE_WAIT"), ack_of_server_fin, step("server", "FIN_WAIT2"),
         step("server", "TIME_WAIT")],
        [client_fin, step("server", "TIME_WAIT")],
    ]
    if data is not server_fin:
        chains.append([data, step("server", "FIN_WAIT1")])
    for row in client[2:-1]:
        if row["rel_ack"] == 27:
            chains.append([data, row, client_fin])
    for chain in chains:
        for before, after in zip(chain, chain[1:]):
            require(before["n"] < after["n"], f"connection {connection.number}: wrong order:",
                    [before, after] + connection.rows)
    causes = {
        ("client", "SYN_SENT"): "connect()", ("server", "SYN_RECV"): client[0],
        ("client", "ESTABLISHED"): server[0], ("server", "ESTABLISHED"): third,
        ("server", "FIN_WAIT1"): "close()", ("client", "CLOSE_WAIT"): server_fin,
        ("client", "LAST_ACK"): "close()", ("server", "FIN_WAIT2"): ack_of_server_fin,
        ("server", "TIME_WAIT"): client_fin, ("client", "CLOSE"): last,
    }
    for (side, new), expected in causes.items():
        row, cause = step(side, new), step(side, new)["cause"]
        if isinstance(expected, dict):
            require(cause["type"] == "segment" and cause.get("n") == expected["n"],
                    "this segment should be the cause of this transition:", [expected, row])
        else:
            require(cause["type"] == "call"
                    and cause["what"] in (expected, f"{expected} or shutdown()"),
                    f"the cause should be {expected}:", [row])


def check_call_names(rows):
    """Where the kernel's call chain was taken, calls have one name."""
    bad = [row for row in rows if row["kind"] == "state" and " or " in row["cause"].get("what", "")]
    require(not bad, "calls without a certain name:", bad)


def check_connection(connection):
    """What must hold of every connection, whatever happened in it."""
    check_numbers(connection)
    check_endpoints(connection)
    check_causes(connection)
    check_effects(connection)
    for side in ("client", "server"):
        check_path(connection, side)


# --- The line at the end on stderr


def summary(path):
    """Its numbers, and None for what it does not mention."""
    with open(path, encoding="utf-8") as file:
        lines = [line.rstrip("\n") for line in file]
    pattern = re.compile(
        r"tcpladder: (?P<connections>\d+) connections?, (?P<segments>\d+) segments?, "
        r"(?P<states>\d+) state changes?(?: \((?P<inferred>\d+) inferred\))?"
        r"(?:, (?P<retransmits>\d+) retransmissions?)?(?:, (?P<resets>\d+) resets?)?"
        r"(?:, (?P<drops>\d+) dropped segments?)?"
        r"(?:, (?P<unknown>\d+) with unknown cause)?; (?P<records>\d+) records? from the kernel, "
        r"(?P<lost>\d+) lost(?: \((?P<lost_segments>\d+) of segments, (?P<lost_states>\d+) of "
        r"states\))?(?P<rest>.*)")
    found = [match for match in map(pattern.fullmatch, lines) if match]
    require(len(found) == 1, f"not one summary on stderr: {lines}")
    groups = found[0].groupdict()
    rest = groups.pop("rest")
    values = {key: int(value or 0) for key, value in groups.items()}
    arrived = re.search(r"; (\d+) arrived of \d+ records", rest)
    values["arrived"] = int(arrived.group(1)) if arrived else values["records"]
    late = re.search(r"; (\d+) rows? out of order", rest)
    values["late"] = int(late.group(1)) if late else 0
    values["text"] = found[0].group(0)
    return values


def check_summary(rows, path):
    """The summary counts what the rows show. Returns it."""
    told = summary(path)
    states = [row for row in rows if row["kind"] == "state"]
    counted = {
        "connections": len({row["conn"] for row in rows if "conn" in row}),
        "segments": sum(row["kind"] == "segment" for row in rows),
        "states": len(states),
        "inferred": sum(not row["observed"] for row in states),
        "retransmits": sum(row["kind"] == "retransmit" for row in rows),
        "resets": sum(row["kind"] == "reset" for row in rows),
        "drops": sum(row["kind"] == "drop" for row in rows),
        "unknown": sum(row["cause"]["type"] == "unknown" for row in states),
        "lost": sum(row["count"] for row in rows if row["kind"] == "lost"),
    }
    for key, count in counted.items():
        require(told[key] == count, f"{count} {key} in the rows, but the summary says "
                f"'{told['text']}'")
    require(told["arrived"] == told["records"], f"records vanished: '{told['text']}'")
    require(told["late"] == 0, f"rows out of order: '{told['text']}'")
    return told


def tcp_counters(path, kind="Tcp"):
    """The kernel's own TCP counters of a network namespace, from /proc/net/snmp or a copy of it, or
    the TcpExt of /proc/net/netstat."""
    with open(path, encoding="ascii") as file:
        names, values = [line.split()[1:] for line in file if line.startswith(f"{kind}:")]
    return dict(zip(names, map(int, values)))


def sightings(rows):
    """How often a segment was seen: at its sending and at its receipt."""
    return sum(("sent_ns" in row) + ("received_ns" in row) for row in rows
               if row["kind"] == "segment")

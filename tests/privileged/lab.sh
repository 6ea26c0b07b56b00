#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The lab: every scenario holds over IPv6 (coverage.sh plays all over IPv4), its recording shows what
# was live, and nothing of it stays behind.
#
#   tests/privileged/lab.sh BIN_DIR
. "$(dirname "$0")/lib.sh"
begin "$@"
[ -c /dev/net/tun ] || skip "there is no /dev/net/tun"

# What a lab could leave behind: processes, namespaces, devices, mounts, files.
traces_of_labs() {
    pgrep -x lab-client || true
    pgrep -x lab-server || true
    find /proc/[0-9]*/ns/net -exec readlink {} + 2>/dev/null | sort -u
    ip -o link | cut -d: -f2
    cut -d' ' -f2 /proc/mounts
    ls /run/netns 2>/dev/null || true
    find "${TMPDIR:-/tmp}" -maxdepth 1 -name '*tcpladder*'
}

nothing_stays() { [ "$(traces_of_labs)" = "$before" ]; }

# Each by itself, recorded: the replay is what was live, and the scenario holds.
all_replay() { # OPTION…
    local name count=0
    for name in $("$bin/tcpladder" lab list | cut -d' ' -f1); do
        run "$bin/tcpladder" lab "$name" "$@" -f json -w "$scratch/$name.pcapng"
        [ "$status" -eq 0 ] || grep -v '^{' "$scratch/run.out" | sed 's/^/    /' >&2
        expect_status 0 run
        # The last one, if it was played again.
        awk '/^{"v":1,"n":1,/ { rows = "" } /^{"v"/ { rows = rows $0 "\n" } END { printf "%s", rows }' \
            "$scratch/run.out" >"$scratch/live"
        [ -s "$scratch/live" ] || [ ! -s "$scratch/$name.pcapng" ] ||
            fail "$name: there is a recording and no row"
        if [ -s "$scratch/$name.pcapng" ]; then # it was not skipped
            run "$bin/tcpladder" show "$scratch/$name.pcapng" -f json
            cmp "$scratch/live" "$scratch/run.out" || fail "$name: its replay is not what was live"
            count=$((count + 1))
        fi
    done
    [ "$count" -gt 0 ] || fail "nothing was recorded"
    ok "$count scenarios hold $*, and their replays are what was live"
}

# A scenario whose end never comes is stopped by the signal.
is_gone_after() { # SIGNAL
    cat >"$scratch/endless.lab" <<'END'
title  Nobody comes
shows  a server that waits
server listens
server accepts
expect client
  nothing
END
    before=$(traces_of_labs)
    start endless "$bin/tcpladder" lab "$scratch/endless.lab"
    wait_until "the server listens" says "$scratch/endless.out" 'LISTEN'
    ! nothing_stays || fail "a lab that runs shows nowhere: this test sees nothing"
    kill -"$1" "${pids[endless]}"
    finish endless
    wait_until "nothing of the lab is there after SIG$1" nothing_stays
    ok "SIG$1 ends the lab, and nothing of it stays"
}

# The main job on the two hosts.
main_job() { # OPTION…
    before=$(traces_of_labs)
    run "$bin/tcpladder" trace --hosts -f json --strict --pause 1ms "$@"
    expect_status 0 run
    python3 - "$scratch/run.out" "$scratch/run.err" "$*" <<'PY' || fail "trace --hosts $*"
import sys
from timeline import *

rows, options = load(sys.argv[1]), sys.argv[3]
told = check_summary(rows, sys.argv[2])
check_order(rows)
check_both_times(rows)
connection, = connections(rows).values()
check_connection(connection)
check_daytime(connection, False, False)
client, server = (("[2001:db8::1]", "[2001:db8::2]") if "-6" in options
                  else ("192.0.2.1", "192.0.2.2"))
require({connection.segments("client")[0]["local"].rsplit(":", 1)[0],
         connection.segments("server")[0]["local"].rsplit(":", 1)[0]} == {client, server},
        "the hosts' addresses:", connection.rows)
late = [row for row in rows if row["kind"] == "segment"
        and not 10_000_000 <= row["received_ns"] - row["sent_ns"]]
require(not late, "the wire needs 10 ms at least:", late)
require(len({row["netns"] for row in rows if "netns" in row}) == 2, "two hosts have two namespaces")
check_owner(connection, "server", comm="daytime-server")
check_owner(connection, "client", comm="daytime-client")
PY
    wait_until "nothing of the hosts is there" nothing_stays
    ok "trace --hosts $*: the main job over the wire, both ends' times, nothing left"
}

failure_is_told() {
    cat >"$scratch/wrong.lab" <<'END'
title  Wrong
shows  that a wrong expectation is found
client connects -> ECONNREFUSED
expect client
  CLOSE -> SYN_SENT   listen()
  SYN_SENT -> CLOSE   rcv RST
END
    run "$bin/tcpladder" lab "$scratch/wrong.lab"
    expect_status 3 run
    grep -q '! CLOSE -> SYN_SENT   listen()   CLOSE -> SYN_SENT  connect()' "$scratch/run.out" ||
        fail "expected and seen do not stand side by side: $(cat "$scratch/run.out")"
    ok "a wrong expectation gives status 3, and stands beside what was seen"
}

each all_replay --ipv6 # coverage.sh runs all over IPv4
each failure_is_told
each main_job
each main_job -6
for signal in INT TERM KILL; do
    each is_gone_after "$signal"
done
each refuses 2 "there is no scenario 'nonsense'" "$bin/tcpladder" lab nonsense
conclude

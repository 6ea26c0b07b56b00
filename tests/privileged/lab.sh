#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The lab: every scenario holds, over IPv4 and IPv6, and nothing of it stays behind.
#
#   tests/privileged/lab.sh BIN_DIR
. "$(dirname "$0")/lib.sh"
begin "$@"
[ -c /dev/net/tun ] || skip "there is no /dev/net/tun"

namespaces() { find /proc/[0-9]*/ns/net -exec readlink {} + 2>/dev/null | sort -u; }

all_hold() { # OPTION…
    run "$bin/tcpladder" lab all "$@"
    [ "$status" -eq 0 ] || sed 's/^/    /' "$scratch/run.out" >&2
    expect_status 0 run
    grep -q '^ok ' "$scratch/run.out" || fail "no scenario ran"
    ok "all scenarios hold ${*:-over IPv4}: $(tail -n 1 "$scratch/run.out")"
}

nothing_stays() { # PIDs: of the actors
    ! pgrep -x 'lab-(client|server)' >/dev/null
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
    start endless "$bin/tcpladder" lab "$scratch/endless.lab"
    wait_until "the server listens" says "$scratch/endless.out" 'LISTEN'
    kill -"$1" "${pids[endless]}"
    finish endless
    wait_until "the actors are gone after SIG$1" nothing_stays
    ok "SIG$1 ends the lab, and nothing of it stays"
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

time_limit=180
each all_hold
each all_hold --ipv6
each failure_is_told
for signal in INT TERM KILL; do
    each is_gone_after "$signal"
done
each refuses 2 "there is no scenario 'nonsense'" "$bin/tcpladder" lab nonsense
conclude

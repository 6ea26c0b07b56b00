#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Once attached, the tracer is the user who called it and may no more than it still needs; the
# workload is that user, too. And file capabilities do instead of root.
#
#   tests/privileged/privileges.sh BIN_DIR
. "$(dirname "$0")/lib.sh"
begin "$@"
need setcap pgrep
publish_programs
tcpladder=$bin/tcpladder
user=nobody
uid=$(id -u $user)
as_user=(setpriv --reuid "$uid" --regid "$(id -g $user)" --init-groups)
as_sudo=(env SUDO_UID="$uid" SUDO_GID="$(id -g $user)" SUDO_USER=$user SUDO_COMMAND=x HOME=/root)

# The bits of /proc/PID/status.
dac_override=$((1 << 1)) fowner=$((1 << 3)) kill=$((1 << 5))

status_of() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status" | xargs; } # PID FIELD

expect() { # WHAT FOUND WANTED
    [ "$2" = "$3" ] || fail "$1: '$2', not '$3'"
}

check_capabilities() { # PID SET
    local field
    for field in CapEff CapPrm; do
        expect "$field of $1" "$((16#$(status_of "$1" $field)))" "$2"
    done
    expect "CapInh of $1" "$((16#$(status_of "$1" CapInh)))" 0
    expect "CapAmb of $1" "$((16#$(status_of "$1" CapAmb)))" 0
}

check_ids() { # PID USER
    local u g
    u=$(id -u "$2") g=$(id -g "$2")
    expect "the user of $1" "$(status_of "$1" Uid)" "$u $u $u $u"
    expect "the group of $1" "$(status_of "$1" Gid)" "$g $g $g $g"
    expect "the groups of $1" "$(status_of "$1" Groups)" "$(id -G "$2")"
}

# Sets $server and $client.
start_paused() { # COMMAND… of the tracer, with its options
    start trace "$@" --daytime-port "$port" --pause 1000s -f json
    wait_until "it is in its pause" \
        says "$scratch/trace.out" '"side":"server".*"new":"ESTABLISHED"'
    server=$(pgrep -P "${pids[trace]}" -f daytime-server)
    client=$(pgrep -P "${pids[trace]}" -f daytime-client)
}

interrupt() {
    kill -INT "${pids[trace]}"
    finish trace
    expect_status 0 trace
}

behind_sudo() {
    local pid variables
    start_paused "${as_sudo[@]}" "$tcpladder" trace
    check_ids "${pids[trace]}" $user
    check_capabilities "${pids[trace]}" 0
    expect "no_new_privs" "$(status_of "${pids[trace]}" NoNewPrivs)" 1
    for pid in "$server" "$client"; do
        check_ids "$pid" $user
        check_capabilities "$pid" 0
        expect "no_new_privs of the workload" "$(status_of "$pid" NoNewPrivs)" 0
        variables=$(tr '\0' '\n' <"/proc/$pid/environ")
        expect "HOME" "$(sed -n 's/^HOME=//p' <<<"$variables")" \
            "$(getent passwd $user | cut -d: -f6)"
        expect "USER" "$(sed -n 's/^USER=//p' <<<"$variables")" $user
        ! grep '^SUDO_' <<<"$variables" || fail "the workload sees sudo's variables"
    done
    interrupt
    ok "behind sudo, tracer and workload are the user, without any capability"
}

root_itself() {
    start_paused "$tcpladder" trace
    expect "the user" "$(status_of "${pids[trace]}" Uid)" "0 0 0 0"
    check_capabilities "${pids[trace]}" 0
    interrupt
    ok "root itself keeps no capability, either"
}

another_user() {
    local other=daemon
    start_paused "${as_sudo[@]}" "$tcpladder" trace --user $other
    check_ids "${pids[trace]}" $user
    check_capabilities "${pids[trace]}" "$kill"
    check_ids "$server" $other
    check_capabilities "$server" 0
    check_ids "$client" $other
    interrupt
    ! kill -0 "$server" 2>/dev/null || fail "the server of another user is still there"

    start_paused "${as_sudo[@]}" "$tcpladder" trace --user $other
    kill -KILL "${pids[trace]}"
    finish trace
    wait_until "the workload of another user is ended by the kernel" ended "$server"
    wait_until "the client, too" ended "$client"
    ok "with --user, it keeps the right to end what runs as that user, and no other"
}

# The folder is root's alone. Files of one million bytes: each starts with what is known already.
more_files() {
    local folder=$scratch/root
    mkdir -m 700 "$folder"
    start_server server 127.0.0.1 --pause 0
    start trace "${as_sudo[@]}" "$tcpladder" trace --all --port "$port" -q -f none \
        -w "$folder/r.pcapng" -C 1
    wait_until "it is attached" has_dropped "${pids[trace]}"
    check_ids "${pids[trace]}" $user
    check_capabilities "${pids[trace]}" $((dac_override | fowner))
    start client "$bin/daytime-client" --port "$port" --repeat 1500 --quiet
    finish client
    interrupt
    [ -e "$folder/r.pcapng1" ] || fail "there is no second file: $(ls "$folder")"
    expect "the second file's owner" "$(stat -c %U "$folder/r.pcapng1")" $user
    kill "${pids[server]}"
    finish server
    run "$tcpladder" show -q -f none "$folder/r.pcapng" "$folder"/r.pcapng[1-9]*
    expect_status 0 run
    ok "with -C, it keeps what opens the next file where root may, and no other"
}
has_dropped() { [ "$(status_of "$1" NoNewPrivs)" = 1 ]; }

with_capabilities() { # SET: makes $capable
    capable=$bin/capable
    rm -f "$capable"
    cp "$tcpladder" "$capable"
    setcap "$1+ep" "$capable" 2>/dev/null || skip "files cannot have capabilities here"
}

lacking() {
    each refuses 1 'lacks CAP_BPF and CAP_PERFMON' "${as_user[@]}" "$tcpladder" trace
    with_capabilities cap_bpf
    each refuses 1 'lacks CAP_PERFMON' "${as_user[@]}" "$capable" trace --all
    with_capabilities cap_perfmon
    each refuses 1 'lacks CAP_BPF' "${as_user[@]}" "$capable" trace --all
    with_capabilities cap_bpf,cap_perfmon
    each refuses 1 'only root can run programs as another user (--user)' \
        "${as_user[@]}" "$capable" trace --user daemon
}

# Everything is told as to root; a stranger's listener, too, which is read from all open files.
without_root() {
    with_capabilities cap_bpf,cap_perfmon,cap_syslog
    start_paused "${as_user[@]}" "$capable" trace
    check_ids "${pids[trace]}" $user
    check_capabilities "${pids[trace]}" 0
    check_capabilities "$server" 0
    interrupt
    run "${as_user[@]}" "$capable" trace --daytime-port "$port" --pause 0 -f json
    expect_status 0 run
    python3 - "$scratch" <<'PY' || fail "it is not as with root"
import sys
from timeline import *

scratch = sys.argv[1]
rows = load(f"{scratch}/run.out")
(connection,) = connections(rows).values()
check_connection(connection)
check_daytime(connection, True)
check_observed(rows, False)
for side in ("server", "client"):
    check_owner(connection, side, comm=f"daytime-{side}")
check_summary(rows, f"{scratch}/run.err")
PY
    start_server server 127.0.0.1
    each refuses 1 "port $port is already in use by daytime-server[${pids[server]}]" \
        "${as_user[@]}" "$capable" trace --daytime-port "$port"
    kill "${pids[server]}"
    finish server
    ok "three file capabilities do instead of root"

    with_capabilities cap_bpf,cap_perfmon
    run "${as_user[@]}" "$capable" trace --daytime-port "$port" --pause 0 -f json
    expect_status 0 run
    grep -q 'symbols are hidden.*TIME_WAIT is inferred' "$scratch/run.err" ||
        fail "that TIME_WAIT is inferred is not told"
    grep -q '"new":"TIME_WAIT","observed":false' "$scratch/run.out" ||
        fail "TIME_WAIT is not marked as inferred"
    ok "without CAP_SYSLOG, TIME_WAIT is inferred, and that is told"
}

each behind_sudo
each root_itself
each another_user
each more_files
each lacking
each without_root
conclude

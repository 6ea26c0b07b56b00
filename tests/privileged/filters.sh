#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# What --netns, --state and the words of a filter let through, live and of a recording: the same.
#
#   tests/privileged/filters.sh BIN_DIR
. "$(dirname "$0")/lib.sh"
begin "$@"
need jq

# job FILTER…: the workload, all of it recorded, with a filter or options.
job() { run "$bin/tcpladder" trace --daytime-port "$port" -f json -w "$scratch/some.pcapng" "$@"; }

run "$bin/tcpladder" trace -q --daytime-port "$port" --clients 2 -f json -w "$scratch/all.pcapng"
expect_status 0 run
of_connections() { jq -c 'select(.conn)' "$1" | wc -l; } # a listener is none
whole=$(of_connections "$scratch/run.out")

# jq_all EXPRESSION WHAT FILE: true of each row, and there is one.
jq_all() {
    jq -es "length > 0 and all(.[]; $1)" "$3" >"$scratch/jq" || fail "$2: $(cat "$3")"
}

# both WHAT EXPRESSION WORD…: rows of the recording with that filter; EXPRESSION is true of each.
# Live, the recording holds just what is shown, and is shown again the same.
both() {
    local what=$1 expression=$2
    shift 2
    "$bin/tcpladder" show -f json "$scratch/all.pcapng" "$@" >"$scratch/shown" || fail "$what: show"
    jq_all "$expression" "$what" "$scratch/shown"
    job "$@"
    expect_status 0 run
    jq_all "$expression" "$what, live" "$scratch/run.out"
    "$bin/tcpladder" show -f json "$scratch/some.pcapng" "${options[@]}" >"$scratch/again"
    cmp -s "$scratch/again" "$scratch/run.out" || fail "$what: the replay differs from the trace"
    ok "$what"
}

options=()
both "words about ends keep whole connections" true "port $port"
[ "$(of_connections "$scratch/shown")" -eq "$whole" ] || fail "port $port is not all of the workload"
both "src and dst, too: the other direction belongs to it" true "src host 127.0.0.1 and dst port $port"
[ "$(of_connections "$scratch/shown")" -eq "$whole" ] || fail "src … dst … is not all of the workload"
client=$("$bin/tcpladder" show -f json "$scratch/all.pcapng" |
    jq -r 'select(.conn == 2 and .side == "client") | .local' | head -1)
"$bin/tcpladder" show -f json "$scratch/all.pcapng" port "${client##*:}" >"$scratch/shown"
jq_all ".local == \"$client\" or .remote == \"$client\"" "one client's port" "$scratch/shown"
jq -es '.[0].new == "SYN_SENT" and .[-1].new != null' "$scratch/shown" >/dev/null ||
    fail "one client's port: not from connect() on: $(cat "$scratch/shown")"
ok "a client's port keeps its connection, from connect() on, before which it has none"
both "words about segments take those only" \
    '.kind == "segment" and (.flags | startswith("S"))' 'tcp[tcpflags] & tcp-syn != 0'

"$bin/tcpladder" show -f json "$scratch/all.pcapng" port 1 >"$scratch/shown"
[ ! -s "$scratch/shown" ] || fail "port 1: $(cat "$scratch/shown")"
run "$bin/tcpladder" trace --all prot 443
expect_status 2 run
says "$scratch/run.err" "'prot 443' is no filter: " || fail "a wrong filter: $(cat "$scratch/run.err")"
ok "what is no filter is refused, in one sentence and libpcap's words"

options=(--state CLOSE-WAIT)
both "--state: from the transition into it to the one out of it" \
    '.conn != null' --state close_wait
jq -es '.[0].new == "CLOSE_WAIT" and (map(select(.old == "CLOSE_WAIT")) | length == 2)' \
    "$scratch/shown" >/dev/null || fail "--state close_wait: $(cat "$scratch/shown")"

number=$(stat -Lc %i /proc/self/ns/net)
"$bin/tcpladder" show -f json "$scratch/all.pcapng" --netns "$number" | cmp -s - <(
    "$bin/tcpladder" show -f json "$scratch/all.pcapng") || fail "--netns $number is not all"
"$bin/tcpladder" show -f json "$scratch/all.pcapng" --netns 1 >"$scratch/shown"
[ ! -s "$scratch/shown" ] || fail "--netns 1: $(cat "$scratch/shown")"
unshare --net sh -c "ip link set lo up; exec '$bin/daytime-server' --port $port" >"$scratch/server" &
other=$!
defer kill "$other"
other_listens() { nsenter --net="/proc/$other/ns/net" ss -tlnH "sport = :$port" | grep -q .; }
wait_until "a server listens in another namespace" other_listens
start there "$bin/tcpladder" trace --all --netns "/proc/$other/ns/net" -c 3 -f json
wait_until "it traces" says "$scratch/there.err" '^tcpladder: tracing '
"$bin/daytime-server" --port "$port" >"$scratch/noise" & # here, of no interest
defer kill $!
nsenter --net="/proc/$other/ns/net" "$bin/daytime-client" --port "$port" --quiet
finish there
expect_status 0 there
jq_all ".netns == $(stat -Lc %i "/proc/$other/ns/net")" "--netns, live" "$scratch/there.out"
ok "--netns: a number, a file; live and of a recording"
conclude

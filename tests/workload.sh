#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The daytime server and client, for real, over loopback.
#
#   tests/workload.sh BIN_DIR
#
# Prints a line for each thing that holds. The first that does not ends the test with status 1.
set -eu

bin=${1:?usage: tests/workload.sh BIN_DIR}
server=$bin/daytime-server
client=$bin/daytime-client
scratch=$(mktemp -d)
patience=20 # seconds until a condition that we wait for is called a failure
server_pid=

stop_server() {
    [ -n "$server_pid" ] || return 0
    kill -CONT "$server_pid" 2>/dev/null || true
    kill -TERM "$server_pid" 2>/dev/null || true
    wait "$server_pid" 2>/dev/null || true
    server_pid=
}

clean_up() {
    stop_server
    rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 1' INT TERM HUP

ok() { echo "ok   $*"; }
skip() { echo "skip $*"; }

fail() {
    echo "FAIL $*"
    tail -n 5 "$scratch"/* 2>/dev/null || true
    exit 1
} >&2

# wait_until WHAT COMMAND [ARG…]: no sleep, the command itself is the pace.
wait_until() {
    local what=$1 deadline=$((SECONDS + patience))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || fail "waited $patience s in vain: $what"
    done
}

# Below the ports that the kernel gives to clients, so that none of those gets in the way.
free_port() {
    local try candidate
    for try in {1..100}; do
        candidate=$((20000 + RANDOM % 10000))
        if [ -z "$(ss -tanH "sport = :$candidate")" ]; then
            echo "$candidate"
            return
        fi
    done
    fail "no free port after $try tries"
}

listens() { [ -n "$(ss -ltnH "sport = :$port")" ]; }
alive() { kill -0 "$server_pid" 2>/dev/null; }
listens_or_ended() { listens || ! alive; }

# start_server [OPTION…]: on $port.
start_server() {
    "$server" --port "$port" "$@" >"$scratch/server.out" 2>"$scratch/server.err" &
    server_pid=$!
    wait_until "the server listens" listens_or_ended
    alive || fail "the server did not start"
}

# The server ends by itself; its status goes to $status.
await_server() {
    wait_until "the server ends" eval '! alive'
    status=0
    wait "$server_pid" || status=$?
    server_pid=
}

# run COMMAND [ARG…]: fills $status, $scratch/out and $scratch/err.
run() {
    status=0
    "$@" >"$scratch/out" 2>"$scratch/err" || status=$?
}

lines() { wc -l <"$1"; }

# expect_failure STATUS TEXT COMMAND [ARG…]: one line on stderr, that text in it, nothing on stdout.
expect_failure() {
    local expected=$1 text=$2
    shift 2
    run timeout "$patience" "$@"
    [ "$status" -eq "$expected" ] || fail "status $status, expected $expected: $*"
    [ "$(lines "$scratch/err")" -eq 1 ] || fail "more or less than one line on stderr: $*"
    [ ! -s "$scratch/out" ] || fail "something on stdout: $*"
    grep -qF -- "$text" "$scratch/err" || fail "stderr does not say '$text': $*"
}

expect_one_reply() {
    [ "$status" -eq 0 ] || fail "the client's status is $status"
    [ "$(wc -c <"$1")" -eq 26 ] || fail "the reply has $(wc -c <"$1") bytes"
    [ "$(tail -c 2 "$1" | od -An -tx1 | tr -d ' ')" = 0d0a ] || fail "no CR LF at the end"
    grep -qE '^[A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9]?[0-9] [0-9:]{8} [0-9]{4}' "$1" || fail "no date"
}

test_replies() { # ADDRESS SHOWN
    port=$(free_port)
    start_server --address "$1" --count 5
    run "$client" --port "$port" --address "$1"
    expect_one_reply "$scratch/out"
    ok "a reply of 26 bytes from $2, CR LF at the end"

    run "$client" --port "$port" --address "$1" --repeat 3
    [ "$(lines "$scratch/out")" -eq 3 ] || fail "three replies expected from $2"
    run "$client" --port "$port" --address "$1" --quiet
    [ "$status" -eq 0 ] || fail "--quiet ends with status $status"
    [ ! -s "$scratch/out" ] || fail "--quiet prints something"
    ok "--repeat repeats and --quiet prints nothing, from $2"

    await_server
    [ "$status" -eq 0 ] || fail "the server's status after --count clients is $status"
    ok "--count ends the server with status 0 on $2"

    start_server --address "$1"
    ok "a new server binds $2 at once, though old connections are in TIME_WAIT"
    expect_failure 1 "daytime-server: error: cannot bind $2:$port: Address already in use" \
        "$server" --port "$port" --address "$1"
    ok "a port in use on $2 is told in one line"

    stop_server
    expect_failure 1 "daytime-client: error: cannot connect to $2:$port: Connection refused" \
        "$client" --port "$port" --address "$1"
    ok "a refused connection to $2 is told in one line"
}

test_default_address() {
    port=$(free_port)
    start_server
    [ -n "$(ss -ltnH "src 127.0.0.1:$port")" ] || fail "the server listens elsewhere"
    ss -ltnH "sport = :$port" | grep -q ' 1024 ' || fail "the backlog is not 1024"
    stop_server
    ok "the server listens on 127.0.0.1 unless told otherwise, with a backlog of 1024"
}

test_pause() {
    local before after elapsed
    port=$(free_port)
    start_server --pause 150ms
    before=$(date +%s%N)
    run "$client" --port "$port"
    after=$(date +%s%N)
    expect_one_reply "$scratch/out"
    elapsed=$(((after - before) / 1000000))
    [ "$elapsed" -ge 300 ] || fail "two pauses of 150 ms took $elapsed ms"
    stop_server
    ok "--pause comes before the reply and before the close"
}

accepted() { ss -tnpH state established "sport = :$port" | grep -q daytime-server; }

# The shell ignores SIGINT for a command in the background; env undoes that.
test_signal() { # NAME STATUS
    port=$(free_port)
    env --default-signal="$1" "$server" --port "$port" --pause 1000s 2>"$scratch/server.err" &
    server_pid=$!
    wait_until "the server listens" listens
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    wait_until "the server accepts" accepted
    kill -s "$1" "$server_pid"
    await_server
    exec 3>&-
    [ "$status" -eq "$2" ] || fail "the server's status after SIG$1 is $status"
    [ ! -s "$scratch/server.err" ] || fail "the server complains about SIG$1"
    ok "SIG$1 ends the server at once, in a pause too"
}

test_client_closes_early() {
    port=$(free_port)
    start_server --count 2
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    exec 3>&-
    run "$client" --port "$port"
    expect_one_reply "$scratch/out"
    await_server
    [ "$status" -eq 0 ] || fail "the server's status is $status"
    ok "the server survives a client that closes before the reply"
}

server_stopped() { grep -q '^State:.T' "/proc/$server_pid/status"; }

# SO_LINGER of zero seconds: close() sends a reset.
reset_connection() {
    perl -MSocket -e '
        socket(my $s, PF_INET, SOCK_STREAM, 0) or die $!;
        setsockopt($s, SOL_SOCKET, SO_LINGER, pack("ii", 1, 0)) or die $!;
        connect($s, sockaddr_in($ARGV[0], INADDR_LOOPBACK)) or die $!;
        close($s) or die $!;' "$port"
}

# The server is stopped meanwhile, so the reset is certain to come before its reply.
test_client_resets_early() {
    port=$(free_port)
    start_server --count 2
    kill -STOP "$server_pid"
    wait_until "the server is stopped" server_stopped
    reset_connection
    kill -CONT "$server_pid"
    run "$client" --port "$port"
    expect_one_reply "$scratch/out"
    await_server
    [ "$status" -eq 0 ] || fail "the server's status is $status"
    [ "$(lines "$scratch/server.err")" -eq 1 ] || fail "not one line about the lost client"
    grep -q '^daytime-server: warning: cannot write to 127.0.0.1:[0-9]*: ' "$scratch/server.err" ||
        fail "no warning about the lost client"
    ok "the server survives a client that resets before the reply, and says so in one line"
}

# A listener that closes without a word.
start_silent_server() {
    perl -MSocket -e '
        socket(my $s, PF_INET, SOCK_STREAM, 0) or die $!;
        bind($s, sockaddr_in($ARGV[0], INADDR_LOOPBACK)) or die $!;
        listen($s, 1) or die $!;
        accept(my $c, $s) or die $!;
        close($c) or die $!;' "$port" &
    server_pid=$!
    wait_until "the silent server listens" listens_or_ended
}

test_nothing_received() {
    port=$(free_port)
    start_silent_server
    expect_failure 1 "daytime-client: error: received nothing from 127.0.0.1:$port" \
        "$client" --port "$port"
    stop_server
    ok "an empty reply is a failure"
}

test_stdout_full() {
    port=$(free_port)
    start_server
    # shellcheck disable=SC2016 # for the inner shell to expand
    expect_failure 1 "daytime-client: error: cannot write to standard output: No space left" \
        sh -c 'exec "$0" "$@" >/dev/full' "$client" --port "$port"
    stop_server
    ok "a reply that cannot be printed is a failure"
}

test_both_usages() {
    local program bad
    for program in "$server" "$client"; do
        for bad in '' 0 65536 +1 ' 1' 1x -1 http; do
            expect_failure 2 "error: invalid port '$bad'" "$program" --port "$bad"
        done
        for bad in '' localhost 127.1 '[::1]' 127.0.0.256; do
            expect_failure 2 "error: invalid address '$bad'" "$program" --address "$bad"
        done
        expect_failure 2 "'--nonsense'" "$program" --nonsense
        expect_failure 2 "'word'" "$program" word
        expect_failure 2 'error: option --port takes one value' "$program" --port
        expect_failure 2 'error: option --port takes one value' "$program" --port 1 --port 2
        expect_failure 2 "invalid port '1\\x0a2'" "$program" --port $'1\n2'
    done
    ok "bad ports, addresses and words end both programs with status 2 and one line"
}

test_own_usages() {
    local bad
    for bad in '' -1 -1s 1m 1e3 soon 86401 99999999999999999999s '1 s' .5 --count; do
        expect_failure 2 "error: invalid duration '$bad'" "$server" --pause "$bad"
    done
    for bad in '' 0 -1 1x 99999999999999999999; do
        expect_failure 2 "error: invalid count '$bad'" "$server" --count "$bad"
        expect_failure 2 "error: invalid count '$bad'" "$client" --repeat "$bad"
    done
    expect_failure 2 'quiet' "$client" --quiet=maybe
    ok "bad durations and counts end with status 2 and one line"
}

test_help() {
    local program
    for program in "$server" "$client"; do
        run "$program" --help
        [ "$status" -eq 0 ] || fail "--help ends with status $status"
        grep -q '^Example' "$scratch/out" || fail "--help shows no example"
        [ ! -s "$scratch/err" ] || fail "--help writes to stderr"
    done
    ok "--help shows an example and ends with status 0"
}

test_replies 127.0.0.1 127.0.0.1
if grep -q '^0\{31\}1 ' /proc/net/if_inet6 2>/dev/null; then
    test_replies ::1 '[::1]'
else
    skip "no IPv6 on loopback"
fi
test_default_address
test_pause
test_signal TERM 143
test_signal INT 130
test_client_closes_early
if command -v perl >/dev/null; then
    test_client_resets_early
    test_nothing_received
else
    skip "no perl to reset a connection with, and to be a silent server"
fi
test_stdout_full
test_both_usages
test_own_usages
test_help

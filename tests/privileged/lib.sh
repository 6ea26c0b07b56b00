# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Helpers of the privileged tests. A test sources this file and calls
#
#   begin "$@"
#
# which gives it a network namespace of its own (with lo up, and no old TIME_WAIT
# sockets), a folder $scratch, a $port that nobody uses, $bin with the programs,
# and a cleanup that undoes all in the opposite order.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
patience=20 # seconds until a condition that we wait for is called a failure
export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$here LC_ALL=C.UTF-8 TZ=UTC

ok() { echo "ok   $*"; }

# A sentence for CTest, which shows the test as skipped.
skip() {
    echo "skip $*"
    exit 77
}

fail() {
    echo "FAIL $*"
    exit 1
} >&2

failed=0

# each COMMAND [ARG…]: one of several cases. It ends at its first error, which is counted, and the
# others still run. A case may have cases of its own. (In a condition, as before `||`, the shell would
# not stop at errors.)
each() {
    local status
    set +e
    (
        set -e
        failed=0
        "$@"
        ((failed == 0))
    )
    status=$?
    set -e
    ((status == 0)) && return
    failed=$((failed + 1))
    echo "FAIL $* (status $status)" >&2
}

# The test's last command.
conclude() {
    [ "$failed" -eq 0 ] || fail "$failed of the cases above"
}

# need COMMAND…: or the test is skipped.
need() {
    local command
    for command in "$@"; do
        command -v "$command" >/dev/null || skip "there is no $command"
    done
}

# --- Cleanup, last in first out

deferred=()

# defer COMMAND [ARG…]: when the test ends, however it does.
defer() { deferred+=("$(printf '%q ' "$@")"); }

clean_up() {
    local status=$? i
    trap - EXIT
    for ((i = ${#deferred[@]} - 1; i >= 0; i--)); do
        eval "${deferred[i]}" || true
    done
    exit "$status"
}

# --- Start of a test

free_port() {
    local try candidate
    for try in {1..100}; do
        candidate=$((20000 + RANDOM % 10000)) # below those that the kernel gives to clients
        if [ -z "$(ss -tanH "sport = :$candidate or dport = :$candidate")" ]; then
            echo "$candidate"
            return
        fi
    done
    fail "no free port after $try tries"
}

begin() {
    bin=$(cd "${1:?usage: $0 BIN_DIR}" && pwd)
    [ "$(id -u)" -eq 0 ] || skip "tracing the kernel needs root"
    [ -r /sys/kernel/btf/vmlinux ] || skip "this kernel has no type information (BTF)"
    [ -x "$bin/tcpladder" ] || skip "tcpladder is built without its live commands"
    need ip ss unshare setpriv python3
    if [ -z "${TL_TEST_PORT:-}" ]; then # outside, where a port of the host shows
        TL_TEST_PORT=$(free_port) exec unshare --net "$0" "$@"
    fi
    port=$TL_TEST_PORT
    # Under sudo the workload would run as the user behind it, who may not get at $bin.
    unset TL_TEST_PORT SUDO_UID SUDO_GID SUDO_USER SUDO_COMMAND
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    scratch=$(mktemp -d)
    defer rm -rf "$scratch"
    ip link set lo up
}

# ::1 is there, unless IPv6 is switched off.
has_ipv6() { grep -q '^0\{31\}1 ' /proc/net/if_inet6 2>/dev/null; }

# Copies of the programs for other users, who may not get at $bin.
publish_programs() {
    chmod 755 "$scratch"
    mkdir "$scratch/bin"
    cp "$bin"/tcpladder "$bin"/daytime-server "$bin"/daytime-client "$scratch/bin"
    bin=$scratch/bin
}

# --- Waiting

# wait_until WHAT COMMAND [ARG…]: looks again and again, for $patience seconds.
wait_until() {
    local what=$1 deadline=$((SECONDS + patience))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || fail "waited $patience s in vain: $what"
        sleep 0.02
    done
}

says() { grep -qE -- "$2" "$1" 2>/dev/null; } # FILE PATTERN

# Neither there nor a zombie.
ended() { # PID
    local state
    state=$(sed 's/.*) \(.\).*/\1/' "/proc/$1/stat" 2>/dev/null) || true
    [ -z "$state" ] || [ "$state" = Z ]
}

# --- Processes, each with a name; its output goes to $scratch/NAME.out and .err

declare -A pids=()

kill_and_reap() { # PID
    kill -KILL "$1" 2>/dev/null || return 0
    wait "$1" 2>/dev/null || true
}

# start NAME COMMAND [ARG…]: in the background. The shell makes such a command
# ignore Ctrl-C; env undoes that.
start() {
    local name=$1
    shift
    : >"$scratch/$name.err" # nobody shall read what a process of that name said before
    env --default-signal=INT,TERM,PIPE "$@" >"$scratch/$name.out" 2>"$scratch/$name.err" &
    pids[$name]=$!
    defer kill_and_reap "$!"
}

# finish NAME: waits for its end; its status goes to $status.
finish() {
    wait_until "$1 ends" ended "${pids[$1]}"
    status=0
    wait "${pids[$1]}" 2>/dev/null || status=$? # the shell would tell of a signal
    unset "pids[$1]"
}

time_limit=60 # seconds for `run`

# run COMMAND [ARG…]: fills $status, $scratch/run.out and $scratch/run.err.
run() {
    status=0
    env --default-signal=INT,TERM,PIPE timeout --kill-after=5 "$time_limit" "$@" \
        >"$scratch/run.out" 2>"$scratch/run.err" || status=$?
}

show_errors() { sed 's/^/    /' "$scratch/$1.err" >&2; } # NAME

# expect_status STATUS NAME: of what has just ended.
expect_status() {
    [ "$status" -eq "$1" ] && return
    show_errors "$2"
    fail "$2 ended with status $status, not $1"
}

# --- What is refused

# check_refusal STATUS TEXT: of what has just run, $words: one sentence (and perhaps a hint) on
# stderr, TEXT in it, nothing on stdout.
check_refusal() {
    local sentences
    not_refused() {
        show_errors run
        fail "$words: $*"
    }
    [ "$status" -eq "$1" ] || not_refused "status $status, not $1"
    [ ! -s "$scratch/run.out" ] || not_refused "something on stdout"
    sentences=$(grep -cv '^tcpladder: hint: ' "$scratch/run.err") || true
    [ "$sentences" -eq 1 ] || not_refused "not one sentence"
    head -n 1 "$scratch/run.err" | grep -q '^tcpladder: error: .' || not_refused "no error first"
    head -n 1 "$scratch/run.err" | grep -qF -- "$2" || not_refused "does not say '$2'"
    [ "$(head -n 1 "$scratch/run.err" | wc -c)" -le 200 ] || not_refused "says too much"
}

# refuses STATUS TEXT COMMAND…
refuses() {
    local expected=$1 text=$2 time_limit=5
    shift 2
    words="${*@Q}"
    run "$@"
    check_refusal "$expected" "$text"
    ok "$(head -n 1 "$scratch/run.err")"
}

# --- The tracer

traces() { says "$scratch/$1.err" '^tcpladder: tracing '; }
traces_or_ended() { traces "$1" || ended "${pids[$1]}"; }

# start_trace NAME [OPTION…]: returns when everything is attached.
start_trace() {
    local name=$1
    shift
    start "$name" "$bin/tcpladder" trace "$@"
    wait_until "$name is attached" traces_or_ended "$name"
    traces "$name" && return
    show_errors "$name"
    fail "tcpladder trace $* did not start"
}

# stop_trace NAME: as Ctrl-C does.
stop_trace() {
    kill -INT "${pids[$1]}"
    finish "$1"
}

# --- The workload

listens() { ss -ltnH "sport = :$port" | awk '{ print $4 }' | grep -qxF "$1"; } # ADDRESS:PORT
listens_or_ended() { listens "$1" || ended "${pids[$2]}"; }

# start_server NAME ADDRESS [OPTION…]: a daytime server on $port.
start_server() {
    local name=$1 address=$2 shown=$2
    shift 2
    case $address in *:*) shown="[$address]" ;; esac
    start "$name" "${as_server[@]}" "$bin/daytime-server" --port "$port" --address "$address" "$@"
    wait_until "$name listens" listens_or_ended "$shown:$port" "$name"
    ended "${pids[$name]}" || return 0
    show_errors "$name"
    fail "the server did not start"
}
as_server=(env) # or setpriv with its options

# No connection of ours is on its way any more; those in TIME_WAIT do not count.
quiet() {
    [ -z "$(ss -tanH state connected exclude time-wait "sport = :$port or dport = :$port")" ]
}

# --- Another kernel, as far as its type information tells

# renamed 'OLD=NEW …' COMMAND…: runs it where tracepoints have other names, as long as the old ones.
renamed() {
    local changes=$1
    shift
    python3 - "$scratch/btf" "$changes" <<'PY'
import sys

with open("/sys/kernel/btf/vmlinux", "rb") as file:
    data = file.read()
places = []
for change in sys.argv[2].split():
    old, new = (f"\0btf_trace_{name}\0".encode() for name in change.split("="))
    assert old in data and len(old) == len(new), f"this kernel cannot be changed by {change}"
    places.append((data.index(old), new))
for place, new in places:
    data = data[:place] + new + data[place + len(new):]
with open(sys.argv[1], "wb") as file:
    file.write(data)
PY
    # shellcheck disable=SC2016 # for the inner shell to expand
    run unshare --mount sh -c \
        'mount --bind "$0" /sys/kernel/btf/vmlinux && exec "$@"' "$scratch/btf" "$@"
}

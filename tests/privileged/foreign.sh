#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# States inferred from a capture are those that the kernel had: real programs talk over loopback and
# between two hosts, tcpdump captures at several places, and tcpladder traces at the same time.
#
#   tests/privileged/foreign.sh BIN_DIR [PROGRAM…]
. "$(dirname "$0")/lib.sh"
begin "$@"
shift
need tcpdump nsenter curl

far=10.77.0.2
near=10.77.0.1

# --- A second host behind a veth pair

make_far_host() {
    start far unshare --net sleep 1000
    wait_until "the other host is there" has_own_netns "${pids[far]}"
    ip link add tl-near type veth peer name tl-far netns "${pids[far]}"
    ip addr add $near/24 dev tl-near
    ip link set tl-near up
    on_far ip addr add $far/24 dev tl-far
    on_far ip link set tl-far up
    on_far ip link set lo up
}
has_own_netns() { [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }
on_far() { nsenter --net="/proc/${pids[far]}/ns/net" "$@"; }

# --- Captures

capturing() { says "$scratch/$1.err" '^tcpdump: listening on|, link-type '; }

# start_capture NAME INTERFACE [PREFIX…]
start_capture() {
    local name=$1 interface=$2
    shift 2
    start "$name" "$@" tcpdump -i "$interface" -n -s 200 -B 32768 -U --immediate-mode -w "$scratch/$name.pcap" tcp
    wait_until "$name captures" capturing "$name"
}

# What is still in tcpdump's buffer when it is told to stop is not written: so it is asked before
# how many packets it has had of those that the kernel has for it. On loopback the kernel has each
# twice, and libpcap takes one.
caught_up() {
    local counts='^tcpdump: ([0-9]+) packets? captured, ([0-9]+) packets? received by filter'
    kill -USR1 "${pids[$1]}"
    [[ $(tail -n 1 "$scratch/$1.err") =~ $counts ]] &&
        ((BASH_REMATCH[1] == BASH_REMATCH[2] || 2 * BASH_REMATCH[1] == BASH_REMATCH[2]))
}

stop_capture() {
    wait_until "$1 has written all" caught_up "$1"
    kill -INT "${pids[$1]}"
    finish "$1"
}

all_quiet() {
    [ -z "$(ss -tanH state connected exclude time-wait)" ] &&
        [ -z "$(on_far ss -tanH state connected exclude time-wait)" ]
}

# --- What talks. $1 is the address to talk to, "${over[@]}" where the client runs.

serves() { ss -ltnH "sport = :$1" | grep -q .; } # PORT

play_http() { # of python: HTTP/1.0, a connection for each file
    start http python3 -m http.server --directory "$scratch/www" "$port"
    wait_until "http.server listens" serves "$port"
    local i
    for i in {1..10}; do
        "${over[@]}" curl -s -o /dev/null -o /dev/null \
            "http://$1:$port/small" "http://$1:$port/large"
    done
    "${over[@]}" curl -s -o /dev/null --range 0-10 "http://$1:$port/nothing" || true
    # Gone in the middle of a file.
    "${over[@]}" curl -s --max-time 0.3 --limit-rate 100k "http://$1:$port/large" \
        >/dev/null || true
    # A port that nobody listens on, and a client that says nothing.
    "${over[@]}" curl -s -o /dev/null "http://$1:$((port + 999))/" || true
    "${over[@]}" python3 -c "import socket; socket.create_connection(('$1', $port)).close()"
    sleep 0.2
    kill "${pids[http]}"
}

play_nginx() {
    need_program nginx || return 0
    cat >"$scratch/nginx.conf" <<END
pid $scratch/nginx.pid; error_log $scratch/nginx.log; daemon off; user root;
events {}
http { access_log off; keepalive_timeout 1; server { listen $port; root $scratch/www; } }
END
    start nginx nginx -c "$scratch/nginx.conf" -e "$scratch/nginx.log"
    wait_until "nginx listens" serves "$port"
    local i
    for i in {1..10}; do
        "${over[@]}" curl -s -o /dev/null -o /dev/null -o /dev/null "http://$1:$port/large" \
            "http://$1:$port/small" "http://$1:$port/none"
        "${over[@]}" curl -s -o /dev/null -H 'Connection: close' "http://$1:$port/small"
    done
    # nginx closes after a second of silence.
    "${over[@]}" python3 -c "import socket
s = socket.create_connection(('$1', $port)); s.sendall(b'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
while s.recv(65536): pass"
    kill "${pids[nginx]}"
}

play_redis() {
    need_program redis-server && need_program redis-benchmark || return 0
    start redis redis-server --port "$port" --bind 0.0.0.0 --save '' --protected-mode no
    wait_until "redis listens" serves "$port"
    "${over[@]}" redis-benchmark -q -h "$1" -p "$port" -c 20 -n 2000 -t set,get >/dev/null
    "${over[@]}" redis-cli -h "$1" -p "$port" info >/dev/null
    "${over[@]}" redis-cli -h "$1" -p "$port" client kill type normal skipme no >/dev/null || true
    kill "${pids[redis]}"
}

play_iperf() {
    need_program iperf3 || return 0
    start iperf iperf3 -s -p "$port"
    wait_until "iperf3 listens" serves "$port"
    "${over[@]}" iperf3 -c "$1" -p "$port" -t 1 -b 50M -P 3 >/dev/null
    wait_until "iperf3 listens again" serves "$port"
    "${over[@]}" iperf3 -c "$1" -p "$port" -t 1 -b 50M -R >/dev/null
    sleep 0.2
    kill "${pids[iperf]}"
}

play_ssh() {
    need_program ssh && [ -x /usr/sbin/sshd ] || return 0
    mkdir -p /run/sshd "$scratch/ssh"
    chmod 700 "$scratch/ssh"
    [ -e "$scratch/ssh/key" ] || ssh-keygen -q -t ed25519 -N '' -f "$scratch/ssh/key"
    cp "$scratch/ssh/key.pub" "$scratch/ssh/keys"
    start sshd /usr/sbin/sshd -D -e -f /dev/null -p "$port" -h "$scratch/ssh/key" \
        -o "AuthorizedKeysFile=$scratch/ssh/keys" -o StrictModes=no -o PermitRootLogin=yes \
        -o UsePAM=no
    wait_until "sshd listens" serves "$port"
    local i
    for i in 1 2 3; do
        "${over[@]}" ssh -F /dev/null -p "$port" -i "$scratch/ssh/key" -o BatchMode=yes \
            -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -q "root@$1" true ||
            true
    done
    sleep 0.2
    kill "${pids[sshd]}"
}

# How connections begin and end otherwise.
play_endings() {
    start endings python3 "$here/foreign_endings.py" serve "$port"
    wait_until "the server of endings listens" serves "$port"
    "${over[@]}" python3 "$here/foreign_endings.py" play "$1" "$port"
    sleep 0.3
    kill "${pids[endings]}"
}

need_program() {
    command -v "$1" >/dev/null && return
    echo "skip there is no $1"
    return 1
}

# --- Comparison

compare() { # WHAT CAPTURE [FLAG…]
    local what=$1 name=$2
    shift 2
    "$bin/tcpladder" show -f json "$scratch/$name.pcap" >"$scratch/$name.json" 2>"$scratch/$name.said"
    python3 "$here/foreign.py" "$what" "$scratch/trace.out" "$scratch/$name.json" "$@"
}

expect_said() { # CAPTURE PATTERN
    says "$scratch/$1.said" "$2" || fail "$1: $(cat "$scratch/$1.said"), not $2"
}

on_loopback() {
    local play=$1
    over=(env)
    start_capture lo lo
    start_capture any any
    start_trace trace --all -f json
    "play_$play" 127.0.0.1
    wait_until "all is quiet" all_quiet
    sleep 0.3
    stop_trace trace
    expect_status 0 trace
    stop_capture lo
    stop_capture any
    compare "$play over loopback" lo --segments
    compare "$play, -i any" any --segments
    expect_said lo 'captured on loopback'
}

between_hosts() {
    local play=$1
    over=(on_far)
    start_capture at-server tl-near
    start_capture at-client tl-far nsenter "--net=/proc/${pids[far]}/ns/net"
    start_capture any any
    start_trace trace --all -f json
    "play_$play" "$near"
    wait_until "all is quiet" all_quiet
    sleep 0.3
    stop_trace trace
    expect_status 0 trace
    stop_capture at-server
    stop_capture at-client
    stop_capture any
    compare "$play, at the server" at-server
    compare "$play, at the client" at-client
    compare "$play, at the server with -i any" any
    expect_said any "captured near $near \(server side\)"
}

mkdir "$scratch/www"
head -c 2000000 /dev/urandom >"$scratch/www/large"
echo small >"$scratch/www/small"
make_far_host
plays=("$@")
((${#plays[@]})) || plays=(http nginx redis iperf ssh endings)
for play in "${plays[@]}"; do
    each on_loopback "$play"
    each between_hosts "$play"
done
conclude

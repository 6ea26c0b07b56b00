#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Files as they come: from standard input, from pipes that pause, in a wrong combination; and what is
# exported to where it cannot be. Without root.
#
#   tests/files.sh BIN_DIR
set -euo pipefail

bin=$(cd "${1:?usage: $0 BIN_DIR}" && pwd)
recordings=$(cd "$(dirname "$0")" && pwd)/golden/ladder/recordings
scratch=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$scratch"' EXIT
export LC_ALL=C.UTF-8
cd "$scratch"
cp "$recordings/daytime.pcapng" ours.pcapng
cp "$recordings/ten.pcapng" ten.pcapng
cp "$recordings/tutorial.pcap" theirs.pcap

ok() { echo "ok   $*"; }
fail() {
    echo "FAIL $*" >&2
    exit 1
}

show() { timeout 60 "$bin/tcpladder" show "$@" 2>said; }
expect() { # WHAT WANTED GOT
    cmp "$2" "$3" || fail "$1: $(cat said)"
    ok "$1"
}
start() { # in the background, where bash would have it ignore Ctrl-C
    env --default-signal=INT "$bin/tcpladder" "$@" >got 2>said &
    shown=$!
}
wait_until() { # CONDITION: looks again and again, for half a minute
    local i
    for ((i = 0; i < 300; i++)); do
        "$@" && return
        sleep 0.1
    done
    fail "waited in vain: $*: $(cat said)"
}
refuses() { # STATUS SENTENCE COMMAND…
    local status=0 wanted=$1 sentence=$2
    shift 2
    timeout 60 "$bin/tcpladder" "$@" >out 2>said || status=$?
    [ "$status" -eq "$wanted" ] || fail "$*: status $status: $(cat said)"
    grep -q -- "$sentence" said || fail "$*: $(cat said)"
    ok "$1: $sentence"
}

show ours.pcapng >wanted.ours
show theirs.pcap >wanted.theirs
show ours.pcapng ten.pcapng >wanted.both

show - <ours.pcapng >got
expect "a recording as standard input" wanted.ours got
show - <theirs.pcap >got
expect "a capture as standard input" wanted.theirs got
show - ten.pcapng <ours.pcapng >got
expect "a recording as standard input, and another one" wanted.both got
show <(cat ours.pcapng) <(cat ten.pcapng) >got
expect "two recordings from pipes" wanted.both got
show <(cat theirs.pcap) >got
expect "a capture from a named pipe" wanted.theirs got

# The last packet is not there whole, and its writer lives: the others are shown.
mkfifo pipe
{
    head -c -20 theirs.pcap
    exec sleep 60
} >pipe &
start show pipe
segments() { grep -c ' > [0-9]' got || true; }
seven_are_shown() { [ "$(segments)" -ge 7 ]; }
wait_until seven_are_shown
kill -INT "$shown" && wait "$shown" || fail "a capture that pauses in a packet: $(cat said)"
kill %1
[ "$(segments)" -eq 7 ] || fail "a capture that pauses in a packet: $(cat got)"
ok "a capture that pauses within a packet: what came before is shown, Ctrl-C ends it"

# Ctrl-C ends both pipes, and what has come is shown.
mkfifo one other
{ cat ours.pcapng; exec sleep 60; } >one &
{ cat ten.pcapng; exec sleep 60; } >other &
start show one other
read_all() { # both are copied to files without a name by now
    local fd copied=0
    for fd in /proc/"$shown"/fd/*; do
        [ "$(stat -Lc %h "$fd" 2>/dev/null)" = 0 ] && copied=$((copied + $(stat -Lc %s "$fd")))
    done
    [ "$copied" -eq $(($(stat -c %s ours.pcapng) + $(stat -c %s ten.pcapng))) ]
}
wait_until read_all
kill -INT "$shown" && wait "$shown" || fail "two pipes and Ctrl-C: $(cat said)"
expect "Ctrl-C ends two pipes that go on" wanted.both got

show --nat 10.0.0.1=10.0.0.2 ours.pcapng ten.pcapng >got
expect "--nat takes one pair, and no file behind it" wanted.both got
show ours.pcapng --conn 1 >wanted
show --conn 1 ours.pcapng >got
expect "--conn takes one list, and no file behind it" wanted got
refuses 2 "between hosts" show --nat 10.0.0.1=10.0.0.2 ours.pcapng
for size in 1 50 100 200; do
    head -c "$size" ours.pcapng >short
    status=0
    timeout 60 "$bin/tcpladder" show short >out 2>said || status=$?
    [ "$status" -eq 1 ] || fail "cut at byte $size: status $status: $(cat said)"
done
ok "a recording that is cut within its first block is told as cut"

refuses 2 "it is what is read" export ours.pcapng -o ours.pcapng
refuses 2 "it is what is read" export theirs.pcap --to json -o theirs.pcap
cmp ours.pcapng "$recordings/daytime.pcapng" || fail "the recording has changed"
refuses 1 "No space left on device" export ours.pcapng --to pcap -o /dev/full
refuses 2 "several hosts' clocks" show --tail ours.pcapng ten.pcapng
refuses 2 "follows its own recordings only" show --tail theirs.pcap
refuses 2 "on which devices" show theirs.pcap -i lo
refuses 2 "single segments" show ours.pcapng --summary 'tcp[tcpflags] & tcp-syn != 0'
refuses 2 "on which devices" show ours.pcapng ten.pcapng -i lo

cat ours.pcapng ten.pcapng | show - >got
expect "the first of two recordings on one pipe is shown" wanted.ours got
grep -q "of other recordings in standard input left out" said || fail "two on one pipe: $(cat said)"
ok "and the other is told of"

# More than a pipe takes, so that it is closed before the end.
python3 - large.pcap <<'END'
import struct
import sys

with open(sys.argv[1], "wb") as file:
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))  # raw IP
    for i in range(20000):
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40, i, 0, 64, 6, 0, b"\x0a\0\0\1", b"\x0a\0\0\2")
        tcp = struct.pack(">HHIIBBHHH", 50000, 443, i, 1, 0x50, 0x10, 1000, 0, 0)
        file.write(struct.pack("<IIII", 1 + i // 1000, i % 1000 * 1000, 40, 40) + ip + tcp)
END
for kind in json pcap; do
    "$bin/tcpladder" export large.pcap --to "$kind" 2>said | head -c 24 >out ||
        fail "export --to $kind | head: $(cat said)"
    [ "$(stat -c %s out)" -eq 24 ] || fail "export --to $kind | head: $(cat out)"
    ! grep -q "error" said || fail "export --to $kind | head: $(cat said)"
    ok "export --to $kind to a pipe that is closed ends quietly"
done

"$bin/tcpladder" export theirs.pcap --to states -o states.csv 2>said
grep -q '"close() or shutdown()"' states.csv || fail "CSV: $(cat states.csv)"
ok "CSV: causes are whole"

# Names may be anything: they are not for a terminal to obey.
refuses 1 '\\x1b\[31m' show $'no\e[31mfile'

#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The tcpdump view against tcpdump itself: the same packets, cut after their
# headers, must make the same text, whatever the flags.
#
#   tests/tcpdump_oracle.sh BIN_DIR [FILE.pcap...]
#
# Without files: on generated packets, COUNT (500) per capture, from SEED (1) on.
# Prints a line for each capture that is the same. The first that is not ends the
# test with status 1.
set -eu

bin=${1:?usage: tests/tcpdump_oracle.sh BIN_DIR [FILE.pcap...]}
shift
driver=$bin/tcpdump-view-driver
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM HUP
export TZ=UTC

judge=4.99.3 # other versions differ in what they say of malformed packets
if ! tcpdump --version 2>&1 | grep -q "^tcpdump version $judge"; then
    echo "skip no tcpdump $judge"
    exit 77
fi

# Every combination that the view knows, each letter once alone.
flag_sets() {
    for time in '' t tt ttt tttt ttttt; do
        for verbose in '' v vv vvv; do
            for absolute in '' S; do
                for rest in '' q '#' 'q#'; do
                    printf '%s\n' "-nn$time$verbose$absolute$rest"
                done
            done
        done
    done
}

# compare NAME FILE.pcap [--late]
compare() {
    local name=$1 file=$2 sets=0
    shift 2
    "$driver" "$file" --cut "$scratch/cut.pcap"
    for flags in $(flag_sets); do
        tcpdump "$flags" -r "$scratch/cut.pcap" >"$scratch/expected" 2>"$scratch/errors"
        "$driver" "$file" "-${flags#-nn}" "$@" >"$scratch/shown"
        if ! diff "$scratch/expected" "$scratch/shown" >"$scratch/diff"; then
            echo "FAIL $name $flags"
            head -n 20 "$scratch/diff"
            exit 1
        fi
        sets=$((sets + 1))
    done
    echo "ok   $name: $(tcpdump -nn --count -r "$scratch/cut.pcap" 2>/dev/null), $sets flag sets"
}

# generate NAME OPTION...
generate() {
    local name=$1
    shift
    python3 "$here/golden/make_segments.py" "$scratch/$name.pcap" --count "${COUNT:-500}" "$@"
}

if [ $# -gt 0 ]; then
    for file; do
        compare "$file" "$file"
    done
    exit 0
fi

generate ethernet --link ethernet --seed "${SEED:-1}"
compare ethernet "$scratch/ethernet.pcap"
generate raw --link raw --seed "$((${SEED:-1} + 1))"
compare raw "$scratch/raw.pcap"
generate sll2-nano --link sll2 --nano --seed "$((${SEED:-1} + 2))"
compare sll2-nano "$scratch/sll2-nano.pcap"
# The view gets them in the order of their sending and has to find this one again.
generate late --nano --steady --seed "$((${SEED:-1} + 3))"
compare late "$scratch/late.pcap" --late

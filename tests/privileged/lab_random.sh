#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A megabyte each way over a wire that loses, repeats and swaps segments by chance: the data is
# whole, every state follows the one before, and the trace shows each segment and each
# retransmission that the kernels counted. (A late copy that comes to the client's closed port may
# end TIME_WAIT with a RST.)
#
# Not among the tests that run by themselves: one run in some hundreds waited 15 s in vain for data
# that was under way, and it is not known yet for what.
#
#   tests/privileged/lab_random.sh BIN_DIR [RUNS]
. "$(dirname "$0")/lib.sh"
begin "$@"
[ -c /dev/net/tun ] || skip "there is no /dev/net/tun"
runs=${2:-8}

story() { # SEED
    cat <<END
title  Chance $1
shows  data that comes through loss, copies and disorder
wire delay 1ms
server listens
client connects
server accepts
END
    local host deed seed=$1
    for host in client server; do
        for deed in "drops 3%" "duplicates 2%" "swaps 3%"; do
            echo "wire $deed of segment from $host seed $((seed += 1000))"
        done
    done
    for ((i = 0; i < 20; i++)); do
        echo "client sends 50000 bytes"
        echo "server receives 50000 bytes"
        echo "server sends 50000 bytes"
        echo "client receives 50000 bytes"
    done
    cat <<'END'
server closes
client receives the end
client closes
expect client
  CLOSE -> SYN_SENT           connect()
  SYN_SENT -> ESTABLISHED     rcv SYN+ACK
  ESTABLISHED -> CLOSE_WAIT   rcv FIN
  CLOSE_WAIT -> LAST_ACK      close()
  LAST_ACK -> CLOSE           rcv ACK of FIN
expect server
  LISTEN -> SYN_RECV          rcv SYN
  SYN_RECV -> ESTABLISHED     rcv ACK
  ESTABLISHED -> FIN_WAIT1    close()
  FIN_WAIT1 -> FIN_WAIT2      rcv ACK of FIN
  FIN_WAIT2 -> TIME_WAIT      rcv FIN
  maybe TIME_WAIT -> CLOSE    rcv RST
END
}

for ((seed = 1; seed <= runs; seed++)); do
    story "$seed" >"$scratch/chance-$seed.lab"
    run "$bin/tcpladder" lab "$scratch/chance-$seed.lab" -f none
    if [ "$status" -ne 0 ]; then
        sed 's/^/    /' "$scratch/run.out" "$scratch/run.err" | tail -n 60 >&2
        echo "FAIL seed $seed" >&2
        failed=$((failed + 1))
    else
        ok "seed $seed: $(grep -o '[0-9]* segments.*' "$scratch/run.out" | tail -n 1)"
    fi
done
conclude

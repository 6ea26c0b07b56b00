#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Whatever part of a lab is killed at whatever moment, nothing of it stays.
#
#   tests/privileged/lab_killed.sh BIN_DIR [RUNS [SEED]]
. "$(dirname "$0")/lib.sh"
begin "$@"
[ -c /dev/net/tun ] || skip "there is no /dev/net/tun"
mkdir "$scratch/tmp"
TMPDIR=$scratch/tmp python3 "$here/lab_killed.py" "$bin/tcpladder" "${2:-20}" "${3:-$RANDOM}"

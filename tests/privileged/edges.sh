#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The edges of TCP's state machine: each scene is played by two processes, and what the trace says
# of it must be what happened.
#
#   tests/privileged/edges.sh BIN_DIR [SCENE…]
. "$(dirname "$0")/lib.sh"
begin "$@"
shift
python3 "$here/edges.py" "$bin/tcpladder" "$scratch" "$port" "$@"

#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# On a terminal the ladder is the default, and a person sees each row as it happens.
#
#   tests/privileged/live.sh BIN_DIR
. "$(dirname "$0")/lib.sh"
begin "$@"
python3 "$here/live.py" "$bin/tcpladder" "$port"

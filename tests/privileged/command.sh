#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# `tcpladder trace -- COMMAND`, --pid and --comm: whole connections, of the chosen processes only,
# and a command that behaves as if nobody watched.
#
#   tests/privileged/command.sh BIN_DIR
. "$(dirname "$0")/lib.sh"
begin "$@"
chmod 755 "$scratch"
python3 "$here/command.py" "$bin/tcpladder" "$scratch" "$port"

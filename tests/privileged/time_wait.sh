#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# TIME_WAIT is shown from its true beginning to its true end, a minute later. Slow.
#
#   tests/privileged/time_wait.sh BIN_DIR
. "$(dirname "$0")/lib.sh"
begin "$@"
ipv6=no
! has_ipv6 || ipv6=yes
python3 "$here/time_wait.py" "$bin/tcpladder" "$scratch" "$port" "$ipv6"

#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Dropped segments: the kernel's own reason, at the very segment, and none where none was dropped.
#
#   tests/privileged/drops.sh BIN_DIR
. "$(dirname "$0")/lib.sh"
begin "$@"
"$bin/tcpladder" check | grep -q '^kfree_skb  *attached' || skip "this kernel has no reasons for drops"
python3 "$here/drops.py" "$bin/tcpladder" "$scratch" "$port"

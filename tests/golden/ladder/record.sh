#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Makes the recordings of the golden tests anew, on the running kernel: each scene is played by two
# processes. The expected files must be made anew, too (TCPLADDER_UPDATE_GOLDEN=1), and looked at.
#
#   tests/golden/ladder/record.sh BIN_DIR [SCENE…]
set -euo pipefail
golden=$(cd "$(dirname "$0")" && pwd)
if [ -z "${TL_TEST_PORT:-}" ]; then # the book's, in a network namespace of its own
    exec env TL_TEST_PORT=10000 unshare --net "$0" "$@"
fi
. "$golden/../../privileged/lib.sh"
begin "$@"
shift
python3 "$golden/record.py" "$bin/tcpladder" "$scratch" "$golden/recordings" "$@"

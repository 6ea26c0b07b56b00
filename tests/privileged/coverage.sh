#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# docs/coverage.md is what a run of the lab gives: every arrow, its cause, and how it was seen.
#
#   tests/privileged/coverage.sh BIN_DIR
. "$(dirname "$0")/lib.sh"
begin "$@"
[ -c /dev/net/tun ] || skip "there is no /dev/net/tun"

page=$(dirname "$0")/../../docs/coverage.md
if ! "$bin/tcpladder" lab all --slow --coverage >"$scratch/page" 2>"$scratch/table"; then
    sed 's/^/    /' "$scratch/table" >&2
    fail "a scenario or an arrow is missing"
fi
! grep -q '^skipped' "$scratch/table" || skip "this kernel cannot show all: $(grep '^skipped' "$scratch/table")"
diff -u "$page" "$scratch/page" >&2 || fail "docs/coverage.md is not what the lab gives"
ok "docs/coverage.md is what $(tail -n 1 "$scratch/table") have shown"
conclude

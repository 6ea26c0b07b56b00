#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# A recording in every view, against the expected files. TCPLADDER_UPDATE_GOLDEN=1 writes those:
# what has changed is for the review, line by line.
#
#   tests/golden/ladder/views.sh BIN_DIR NAME
set -euo pipefail
bin=${1:?usage: $0 BIN_DIR NAME} name=${2:?usage: $0 BIN_DIR NAME}
cd "$(dirname "$0")"
export LC_ALL=C.UTF-8 TZ=UTC
scratch=$(mktemp)
trap 'rm -f "$scratch"' EXIT
recording=$(ls recordings/"$name".pcap*)
failed=0

# view EXPECTED OPTION…
view() {
    local expected=expected/$name.$1
    shift
    "$bin/tcpladder" show "$recording" "$@" >"$scratch" 2>/dev/null
    if [ -n "${TCPLADDER_UPDATE_GOLDEN:-}" ]; then
        cp "$scratch" "$expected"
    elif ! diff -u "$expected" "$scratch" >&2; then
        echo "FAIL $expected: show $recording $*" >&2
        failed=1
    fi
}

for width in 80 120; do
    view "ladder-$width.txt" -f ladder --width "$width"
    view "ladder-$width-ascii.txt" -f ladder --width "$width" --ascii
    view "explained-$width-en.txt" -f ladder --width "$width" --explain=en
    view "explained-$width-zh.txt" -f ladder --width "$width" --explain=zh
done
view lines.txt -f lines
view json -f json
view json -f json --explain # for people only
case $name in
    tutorial | daytime)
        view ladder-100.txt -f ladder --width 100
        view ladder-160.txt -f ladder --width 160
        view ladder-80-absolute.txt -f ladder --width 80 -S
        view explained-lines-en.txt -f lines --explain=en
        view explained-lines-zh.txt -f lines --explain=zh
        view ladder-80-color.txt -f ladder --width 80 --color always
        view ladder-80-date.txt -f ladder --width 80 -tttt
        ;;
    ten)
        view ladder-80-interleave.txt -f ladder --width 80 --interleave
        view ladder-80-conn.txt -f ladder --width 80 --conn 2,7
        ;;
esac
exit "$failed"

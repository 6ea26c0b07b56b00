#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# The man pages render without a warning and tell what --help tells, and the completions work in
# their shells.
#
#   tests/pages.sh BIN_DIR
set -euo pipefail

bin=$(cd "${1:?usage: $0 BIN_DIR}" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export PATH=$bin:$PATH LC_ALL=C.UTF-8 MANWIDTH=80 HOME=$scratch
cd "$scratch"

fail() {
    echo "FAIL $*" >&2
    exit 1
}

missing=
for program in man zsh fish; do
    command -v "$program" >/dev/null || missing+=" $program"
done
[ -z "$missing" ] || { echo "skip there is no$missing" && exit 77; }

# The names of the options in the rows whose start is given.
options_of() { # FILE INDENT
    sed -nE "s/^ {$2}(-[^ ].*)/\1/p" "$1" | sed -E 's/  .*//; s/\[?=.*//' |
        grep -oE -- '(^|[ ,])--?[A-Za-z0-9#][-a-z]*' | tr -d ' ,' | sort -u
}

commands=$(tcpladder --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
[ "$(wc -w <<<"$commands")" -ge 4 ] || fail "the help lists too few commands: $commands"

for command in '' $commands; do
    # shellcheck disable=SC2086 # the program's own page has no command
    tcpladder man $command >page.8
    # shellcheck disable=SC2086
    tcpladder $command --help >help
    man --warnings -l page.8 >page 2>warnings
    [ ! -s warnings ] || fail "man warns of $command's page: $(cat warnings)"
    options_of help '2,6' >in_help
    options_of page 7 >in_page
    [ "$(wc -l <in_help)" -ge 1 ] || fail "$command --help has no options"
    diff in_help in_page || fail "$command: --help (<) and page (>) differ"
    grep -q '^EXAMPLES' page || ! grep -q '^Examples:' help || fail "$command: no examples"
done
echo "ok   pages render without a warning, and have the options of --help"

touch one.pcapng two.pcapng

tcpladder completion bash >bash
in_bash() { # WANTED WORD…
    bash --norc -c '
        compopt() { :; } # only while completing
        source ./bash || exit
        COMP_WORDS=("${@:2}") COMP_CWORD=$(($# - 2)) COMP_LINE="${*:2}"
        _tcpladder && [[ " ${COMPREPLY[*]} " == *" $1 "* ]] || {
            echo "bash: ${*:2}: ${COMPREPLY[*]}, not $1" >&2
            exit 1
        }' bash "$@"
}
in_bash show tcpladder ''
in_bash trace tcpladder tr
in_bash --format tcpladder trace --for
in_bash -w tcpladder trace -
in_bash --version tcpladder --v
in_bash 'lines' tcpladder trace -f li
in_bash 'json' tcpladder show --format = js
in_bash one.pcapng tcpladder show on
in_bash two.pcapng tcpladder trace --all -w t
in_bash lo tcpladder trace -i l
in_bash root tcpladder trace --user roo
echo "ok   bash completes commands, options, their words, files, devices, users"

tcpladder completion fish >fish
in_fish() { # WANTED LINE
    fish --no-config -c 'source ./fish; complete -C $argv[1]' "$2" | cut -f 1 | grep -qxF -- "$1" ||
        fail "fish: $2 does not give $1"
}
in_fish show 'tcpladder '
in_fish --format 'tcpladder trace --for'
in_fish lines 'tcpladder trace -f '
in_fish one.pcapng 'tcpladder show on'
in_fish two.pcapng 'tcpladder trace -w t'
echo "ok   fish does"

mkdir functions
tcpladder completion zsh >functions/_tcpladder
cat >zsh <<'END'
zmodload zsh/zpty
zpty -b shell zsh -f -i
zpty -w shell "PS1=; TERM=dumb; fpath=($PWD/functions \$fpath); autoload -Uz compinit; compinit -D -u; print REA''DY"
zpty -r shell text '*READY*' || exit 1
# Both are typed; the second is read when the first has been answered.
ask() { # LINE WANTED
    zpty -w -n shell "$1"$'\t\t'
    zpty -r shell text "*$2*" || exit 1
    zpty -w -n shell $'\x15'
}
ask 'tcpladder trace --form' '--format '
ask 'tcpladder trace --color al' 'always '
ask 'tcpladder sh' 'show '
ask 'tcpladder show on' 'one.pcapng '
END
timeout 60 zsh -f zsh >log 2>&1 </dev/null || fail "zsh does not complete: $(cat -v log)"
echo "ok   zsh does"

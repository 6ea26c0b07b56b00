#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# `tcpladder check`: what it says of this kernel, and of kernels that lack something or refuse it.
#
#   tests/privileged/check.sh BIN_DIR
. "$(dirname "$0")/lib.sh"
begin "$@"
publish_programs
check=("$bin/tcpladder" check)

# says_of HOOK STATE: the JSON report that has just been made.
says_of() {
    local state
    state=$(jq -r --arg hook "$1" '.hooks[] | select(.tracepoint == $hook).state' \
        "$scratch/run.out")
    [ "$state" = "$2" ] || fail "$1 is $state, not $2"
}

this_kernel() {
    run "${check[@]}" --json
    expect_status 0 run
    jq -e '.v == 1 and .main_job and (.error | not) and (.abilities | length) > 0 and
        ([.hooks[] | select(.required and .state != "attached")] == [])' "$scratch/run.out" \
        >/dev/null || fail "the report is $(cat "$scratch/run.out")"
    cp "$scratch/run.out" "$scratch/report"
    run "${check[@]}"
    expect_status 0 run
    grep -q '^main job  can run$' "$scratch/run.out" || fail "it does not say that the main job can"
    tr -s ' ' <"$scratch/run.out" >"$scratch/text"
    jq -r '.hooks[] | [.tracepoint, .state, if .state == "absent" then .without else .gives end]
        | join(" ")' "$scratch/report" >"$scratch/rows"
    while IFS= read -r row; do
        grep -qF "$row" "$scratch/text" || fail "the text has no row '$row'"
    done <"$scratch/rows"
    ok "each hook of this kernel is there, with what it gives"
}

everybody() {
    run setpriv --reuid=65534 --regid=65534 --clear-groups "${check[@]}" --json
    expect_status 0 run
    says_of inet_sock_set_state present
    jq -e 'has("main_job") | not' "$scratch/run.out" >/dev/null || fail "it tried without root"
    ok "without root it tells what is present, and does not claim that it would attach"
}

absent() {
    renamed sock_send_length=sock_send_lengt_ "${check[@]}" --json
    expect_status 0 run
    says_of sock_send_length absent
    renamed net_dev_queue=net_dev_queu_ "${check[@]}" --json
    expect_status 1 run
    says_of net_dev_queue absent
    jq -e '.main_job == false and (.error | contains("net_dev_queue"))' "$scratch/run.out" \
        >/dev/null || fail "it does not say that the main job cannot run"
    renamed sched_process_exit=sched_process_exi_ "$bin/tcpladder" trace -f none -- sh -c 'true; true'
    expect_status 0 run
    grep -q 'no tracepoint sched_process_exit' "$scratch/run.err" || fail "the trace says nothing"
    renamed sched_process_exit=sched_process_exi_ "$bin/tcpladder" trace --daytime-port "$port" \
        --pause 0 -f none
    expect_status 0 run
    ! grep -q 'no tracepoint' "$scratch/run.err" || fail "the trace misses what it does not need"
    ok "a hook that is absent is told, and status 1 if the main job cannot do without"
}

# Where their names are exchanged, a program comes to a tracepoint whose arguments are others.
refused() {
    local swap='timer_cancel=softirq_exit softirq_exit=timer_cancel'
    renamed "$swap" "${check[@]}" --json
    expect_status 0 run
    says_of timer_cancel refused
    says_of timer_start attached
    renamed "$swap" "$bin/tcpladder" trace --daytime-port "$port" --pause 0
    expect_status 0 run
    grep -q 'refused our program at timer_cancel' "$scratch/run.err" || fail "the trace says nothing"
    renamed 'net_dev_queue=softirq_entry softirq_entry=net_dev_queue' "${check[@]}" --json
    expect_status 1 run
    says_of net_dev_queue refused
    ok "a program that the kernel refuses is left out and told, unless the main job needs it"
}

each this_kernel
each everybody
each absent
each refused
conclude

# Sourced by the commands of this repository: messages, and steps whose output goes to a log.
# shellcheck shell=bash

command_name=${command_name:-$(basename "$0")}

say() { printf '%s: %s\n' "$command_name" "$*" >&2; }

fail() {
    say "$1"
    shift
    (($# == 0)) || printf '  %s\n' "$@" >&2
    exit 1
}

# Lines that a step prints when it has nothing to do.
idle_lines='^ninja: |Re-checking globbed directories'

# show_progress LABEL: reads a step's output. Says the label when the step turns out to do something, then that it goes on:
# the latest line on a terminal, else one line every ten seconds.
show_progress() {
    local label=$1 line shown=
    while IFS= read -r line; do
        if [[ $line =~ $idle_lines ]]; then continue; fi
        if [[ -z $shown ]]; then
            say "$label"
            shown=$SECONDS
        fi
        if [[ -t 2 ]]; then
            printf '\r\033[K  %.*s' "$((${COLUMNS:-80} - 4))" "$line" >&2
        elif ((SECONDS - shown >= 10)); then
            printf '  %s\n' "$line" >&2
            shown=$SECONDS
        fi
    done
    [[ ! -t 2 || -z $shown ]] || printf '\r\033[K' >&2
}

# step LABEL LOG COMMAND...: runs a long step; on failure shows the end of its log and leaves.
step() {
    local label=$1 log=$2
    shift 2
    mkdir -p "$(dirname "$log")"
    if ! "$@" 2>&1 </dev/null | tee "$log" | show_progress "$label"; then
        tail -n 40 "$log" >&2
        fail "failed: $label. The lines above are the end of $log"
    fi
}

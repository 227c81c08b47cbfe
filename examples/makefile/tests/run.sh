#!/bin/sh
# usage: run.sh LOGBOOK. Replays the transcripts beside this script and compares what is printed.
#
# A line "$ COMMAND" (going on in lines "> …") is run in data/ with logbook on PATH; the lines after it are what it must
# print on stdout and stderr; a last line [N] is its exit code when that is not 0. Lines that start with ";;" are comments.
set -u
tests=$(cd "$(dirname "$0")" && pwd) || exit 2
program=$(cd "$(dirname "$1")" && pwd) || exit 2
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
PATH=$program:$PATH
LC_ALL=C
export PATH LC_ALL scratch
cd "$tests/data" || exit 2

replay() {
    command=
    while IFS= read -r line || [ -n "$line" ]; do
        case $line in
        '$ '*) run_pending; command=${line#??}; printf '%s\n' "$line" ;;
        '> '*) command="$command
${line#??}"; printf '%s\n' "$line" ;;
        ';;'*) run_pending; printf '%s\n' "$line" ;;
        esac
    done
    run_pending
}

run_pending() {
    [ -n "$command" ] || return 0
    (eval "$command") 2>&1 </dev/null
    code=$?
    [ "$code" -eq 0 ] || printf '[%s]\n' "$code"
    command=
}

passed=0
failed=0
for transcript in "$tests"/*.txt; do
    name=$(basename "$transcript" .txt)
    replay <"$transcript" >"$scratch/$name.actual"
    commands=$(grep -c '^\$ ' "$transcript")
    if diff -u "$transcript" "$scratch/$name.actual"; then
        passed=$((passed + commands))
    else
        echo "FAILED: $name"
        failed=$((failed + 1))
    fi
    if [ -n "${KEEP_ACTUAL:-}" ]; then cp "$scratch/$name.actual" "$KEEP_ACTUAL/"; fi
done
if [ "$failed" -ne 0 ] || [ "$passed" -eq 0 ]; then
    echo "check: $failed transcripts FAILED"
    exit 1
fi
echo "check: all $passed commands passed"

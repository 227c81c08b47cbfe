#!/bin/sh
# A test for LLMCC_TEST: is the firmware still right with the candidate in place of one of its objects?
#
#   make BUILD=build/plain CC=clang-19
#   LLMCC_TEST=$PWD/candidate_test.sh FIRMWARE_BASELINE=$PWD/build/plain make CC=llmcc
#
# FIRMWARE_BASELINE  build folder of a finished build by plain clang
# FIRMWARE_TARGET    its TARGET; cortex-m3 when unset
# CLANG              the clang to link with; LLMCC_CLANG or clang-19 when unset
# LLMCC_OBJECT, LLMCC_SOURCE  from llmcc: the candidate and the source it was made of
set -eu

here=$(cd "$(dirname "$0")" && pwd -P)
baseline=$(cd "${FIRMWARE_BASELINE:?the build folder of a build by plain clang}" && pwd -P)
source=$(cd "$(dirname "$LLMCC_SOURCE")" && pwd -P)/$(basename "$LLMCC_SOURCE")
unit=${source#"$here"/}
object=$baseline/${unit%.*}.o

# The linker script is named relative to this folder.
cd "$here"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

# The order of the objects stays, so that the two images differ in nothing else.
if ! awk -v old="$object" -v new="$LLMCC_OBJECT" '$0 == old { $0 = new; found = 1 } { print } END { exit !found }' \
    "$baseline/link.rsp" >"$scratch/link.rsp"; then
    echo "candidate_test.sh: $baseline was not linked from $object" >&2
    exit 1
fi
"${CLANG:-${LLMCC_CLANG:-clang-19}}" "@$scratch/link.rsp" -o "$scratch/firmware.elf"
sh run.sh "${FIRMWARE_TARGET:-cortex-m3}" "$scratch/firmware.elf" <input.txt >"$scratch/output.txt"
tr -d "\r" <"$scratch/output.txt" | cmp - expected.txt

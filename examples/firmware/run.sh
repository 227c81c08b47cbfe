#!/bin/sh
# run.sh TARGET IMAGE: run a firmware image in QEMU; its serial line is our standard input and output.
# Ends with the status that the firmware gave, 124 after FIRMWARE_SECONDS, 127 when QEMU is not there.
set -eu

case $1 in
cortex-m3)
    emulator=qemu-system-arm package=qemu-system-arm
    machine="-M mps2-an385 -semihosting-config enable=on,target=native"
    ;;
riscv32 | riscv64)
    emulator=qemu-system-$1 package=qemu-system-misc
    machine="-M virt -bios none"
    ;;
*)
    echo "run.sh: no such target: $1" >&2
    exit 2
    ;;
esac

if ! command -v "$emulator" >/dev/null; then
    echo "run.sh: $emulator is not there; on Debian: apt-get install $package" >&2
    exit 127
fi
# In the foreground: a caller that kills its process group means the emulator too.
# $machine is several words.
exec timeout --foreground -k 1 "${FIRMWARE_SECONDS:-20}" \
    "$emulator" $machine -display none -monitor none -serial stdio -kernel "$2"

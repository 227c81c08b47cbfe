"""Record the units of a build for the corpus: one .bc and one .cmd per module, named by content."""

import os
from collections.abc import Iterator

from llmcc.call import Call
from toolchain.cc1 import Cc1Job, parse_jobs
from toolchain.lower import Module, lower
from toolchain.run import DISCARD, run

PICOLIBC = b"/usr/lib/picolibc/%s/include"
"""Where Debian has the headers of the C library for microcontrollers, by GNU's name of the target."""

RISCV32 = b"rv32"
"""How the architectures begin that stand for RISC-V processors of 32 bits; other names are of Cortex-M."""


def record_units(call: Call, units: list[tuple[Cc1Job, Module]]) -> None:
    """Record the units of a command into LLMCC_RECORD, and the same sources for each of LLMCC_RECORD_CPUS where
    they compile. Raises OSError."""
    for job, module in units:
        record_unit(call.settings.record, job, module)
    for cpu in call.settings.record_cpus:
        folder = call.temporary_folder()
        for number, job in enumerate(_jobs_for(call, cpu)):
            bitcode = os.path.join(folder, b"%d.bc" % number)
            # A unit for -Os was lowered at -Oz.
            lowered = job.at_level(units[0][0].level)
            if lower(lowered, bitcode).returncode == 0:
                record_unit(call.settings.record, lowered, Module(bitcode))


def _jobs_for(call: Call, cpu: str) -> Iterator[Cc1Job]:
    """The compiles that the user's command would be for a processor; none where that makes no sense to clang."""
    invocation = call.invocation
    name = cpu.encode()
    if name.startswith(RISCV32):
        flags = [b"--target=riscv32-unknown-elf", b"-march=" + name, b"-isystem", PICOLIBC % b"riscv64-unknown-elf"]
    else:
        flags = [b"--target=arm-none-eabi", b"-mcpu=" + name, b"-mfloat-abi=soft", b"-isystem"]
        flags += [PICOLIBC % b"arm-none-eabi"]
    asked = run([*invocation.command, b"-###", *invocation.args, *flags], program=invocation.program, stdin=DISCARD)
    if asked.returncode != 0:
        return
    for argv in parse_jobs(asked.stderr):
        if b"-emit-obj" in argv and argv[1:2] == [b"-cc1"]:
            yield Cc1Job(argv)


def record_unit(folder: str, job: Cc1Job, module: Module) -> None:
    """Write a unit's unoptimised bitcode and its -cc1 words (NUL-separated) into `folder`.

    A unit already there is left alone, so equal units are recorded once. Raises OSError.
    """
    os.makedirs(folder, exist_ok=True)
    base = os.path.join(os.fsencode(folder), module.digest.encode())
    if os.path.exists(base + b".cmd"):
        return
    words = [*job.key_words(), b"-o", b"-", b"-x", b"c" if job.language in (b"c", b"cpp-output") else b"c++"]
    with open(module.bitcode, "rb") as file:
        content = file.read()
    source = os.path.abspath(job.source)
    for suffix, data in ((b".bc", content), (b".cmd", b"\0".join([job.argv[0], *words, source]))):
        temporary = base + suffix + b".%d" % os.getpid()
        with open(temporary, "wb") as out:
            out.write(data)
        os.replace(temporary, base + suffix)

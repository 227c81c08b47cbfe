"""The null policy on every kind of target that firmware is built for, and that its flags reach the object."""

import os
import shutil
from pathlib import Path

import pytest

from llmcc.selftest import LABELS, LEVELS, VARIANTS, check_commands
from toolchain.elf import ElfObject

SOURCES = Path(__file__).resolve().parents[2] / "examples" / "firmware" / "src"
TARGETS = {
    "armv6-m": "--target=thumbv6m-none-eabi -mcpu=cortex-m0plus",
    "armv7-m": "--target=arm-none-eabi -mcpu=cortex-m3 -mthumb",
    "armv7e-m": "--target=thumbv7em-none-eabi -mcpu=cortex-m4 -mfloat-abi=soft",
    "armv7e-m, hard float": "--target=thumbv7em-none-eabihf -mcpu=cortex-m4 -mfloat-abi=hard -mfpu=fpv4-sp-d16",
    "armv7-m, ropi and rwpi": "--target=thumbv7m-none-eabi -mcpu=cortex-m3 -fropi -frwpi",
    "armv8-m": "--target=thumbv8m.main-none-eabi -mcpu=cortex-m33",
    "riscv32imc": "--target=riscv32-unknown-elf -march=rv32imc -mabi=ilp32",
    "riscv64gc": "--target=riscv64-unknown-elf -march=rv64gc -mabi=lp64d -mcmodel=medany",
    "aarch64": "--target=aarch64-none-elf -mcpu=cortex-a53",
    "x86-64": "--target=x86_64-linux-gnu",
    "i386": "--target=i386-linux-gnu -march=i686",
}


@pytest.mark.parametrize("target", TARGETS)
def test_clangs_own_list_gives_clangs_own_object(clang, tmp_path, target):
    shutil.copytree(SOURCES, tmp_path / "src")
    (tmp_path / "src" / "both.c").write_text('#include "message.c"\n#include "print.c"\n')
    words = [clang.path, *TARGETS[target].split(), "-ffreestanding", "-std=c11", "-c", "both.c", "-o", "unit.o"]
    checks = list(check_commands([([*map(os.fsencode, words)], os.fsencode(tmp_path / "src"))], tmp_path))
    assert len(checks) == len(LEVELS) * len(VARIANTS)
    # Position independent code is not for addresses that the compiler makes relative itself.
    possible = [check for check in checks if "-fPIC" not in check.flags or "ropi" not in target]
    # Of debug information LLVM 22's bitcode does not carry all: see test_selftest.
    exact = [check for check in possible if clang.major < 22 or "-g" not in check.flags]
    assert len(exact) >= 4
    assert [check for check in exact if check.problem not in ("", LABELS)] == []
    assert {check.problem for check in possible} <= {"", LABELS, "the objects differ"}


@pytest.mark.parametrize("target", TARGETS)
def test_a_smaller_object_is_for_the_same_target(clang, work, target):
    """What the header, the attributes and the ABI's flags say is clang's."""
    shutil.copytree(SOURCES, work.folder / "src")
    words = [*TARGETS[target].split(), "-Oz", "-ffreestanding", "-ffunction-sections", "-std=c11", "-c", "src/print.c"]
    assert work.clang(*words, "-o", "clang.o").code == 0
    assert work.llmcc(*words, "-o", "ours.o").code == 0
    ((outcome, _),) = work.outcomes()
    own, ours = work.read("clang.o"), work.read("ours.o")
    assert outcome in ("kept", "fallback")
    assert identity(own) == identity(ours)
    for name in (".ARM.attributes", ".riscv.attributes"):
        attributes = [[elf.contents(s) for s in elf.sections if s.name == name] for elf in map(ElfObject, (own, ours))]
        assert attributes[0] == attributes[1]


def identity(content: bytes) -> tuple[bytes, bytes]:
    """Class, byte order, ABI, type and machine of an ELF file, and the flags of its target."""
    flags = 48 if content[4] == 2 else 36
    return content[4:20], content[flags : flags + 4]

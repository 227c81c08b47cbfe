"""Target families: what a certificate for one target says of others, and how to build and run for it.

A family is what LLVM calls a target, split by word size. Inside one, a certificate is made for one processor
and taken for all: pass lists meet the same target hooks. On bare metal C++ has a family of its own, with
another suite: a recipe for a C++ unit needs the certificates of both.
"""

import os
import platform
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

from llmcc.certify.suite import BARE_CXX, GENERAL, Suite
from llmcc.errors import UserError
from toolchain.cc1 import Cc1Job


@dataclass(frozen=True, slots=True)
class Family:
    """How images of one family are made and run.

    `architectures` are the first parts of its triples; `flags` are clang's for every compile and link;
    `needs` are files that must be there, each with the Debian package that brings it; `linker` replaces
    clang where it cannot link; `emulator` runs an image unless this machine is a `native` one.
    """

    name: str
    architectures: tuple[str, ...]
    flags: tuple[str, ...] = ()
    link_flags: tuple[str, ...] = ()
    linker: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ("-lstdc++", "-lm")
    emulator: tuple[str, ...] = ()
    native: tuple[str, ...] = ()
    needs: dict[str, str] = field(default_factory=dict, hash=False, compare=False)
    bare: bool = False
    suite: Suite = GENERAL

    def run_command(self, image: bytes) -> list[bytes]:
        """The command that runs an image; without arguments of its own on bare metal."""
        if self.runs_here:
            return [image]
        return [*map(os.fsencode, self.emulator), image]

    def require(self) -> None:
        """Raises UserError that names the package when something for this family is missing."""
        missing = self.missing()
        if missing:
            raise UserError(f"certifying for {self.name} needs {', '.join(missing)}; apt-get install them")

    def missing(self) -> list[str]:
        """The Debian packages that building and running for this family wants and that are not there."""
        packages = {package for path, package in self.needs.items() if not Path(path).exists()}
        if not self.runs_here and shutil.which(self.emulator[0]) is None:
            packages.add(_EMULATOR_PACKAGES.get(self.emulator[0], "qemu-user"))
        return sorted(packages)

    @property
    def runs_here(self) -> bool:
        """Whether this machine runs its images without an emulator."""
        return platform.machine() in self.native


_EMULATOR_PACKAGES = {"qemu-system-arm": "qemu-system-arm", "qemu-system-riscv32": "qemu-system-misc"}


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


CXX = "-cxx"
"""Ends the names of the families for C++ on bare metal."""


def _for_cxx(family: Family) -> Family:
    """The same machine for C++ on bare metal. No triple leads to it alone: see `families_of`."""
    return replace(family, name=family.name + CXX, architectures=(), suite=BARE_CXX)


_MACHINES = (
    Family(
        "x86-64",
        ("x86_64", "amd64"),
        flags=("--target=x86_64-linux-gnu",),
        native=("x86_64",),
        emulator=("qemu-x86_64",),
        needs={"/usr/include/x86_64-linux-gnu/sys/cdefs.h": "libc6-dev"},
    ),
    Family(
        "aarch64",
        ("aarch64", "arm64"),
        flags=("--target=aarch64-linux-gnu",),
        link_flags=("-static",),
        native=("aarch64",),
        emulator=("qemu-aarch64",),
        needs={"/usr/aarch64-linux-gnu/include/stdio.h": "g++-aarch64-linux-gnu"},
    ),
    Family(
        "arm",
        ("arm", "armv6m", "armv7", "armv7a", "armv7m", "armv7em", "armv8m", "thumb"),
        flags=_words(
            "--target=thumbv7m-none-eabi -mcpu=cortex-m3 -mfloat-abi=soft -ffunction-sections"
            " -isystem /usr/lib/picolibc/arm-none-eabi/include"
        ),
        # The memories of QEMU's mps2-an385.
        link_flags=_words(
            "-mcpu=cortex-m3 -mthumb -mfloat-abi=soft --specs=picolibc.specs --oslib=semihost --crt0=hosted"
            " -Wl,--gc-sections -Wl,--defsym=__flash=0x0 -Wl,--defsym=__flash_size=0x400000"
            " -Wl,--defsym=__ram=0x20000000 -Wl,--defsym=__ram_size=0x400000 -Wl,--defsym=__stack_size=0x10000"
        ),
        linker=("arm-none-eabi-gcc",),
        libraries=("-lm",),
        emulator=_words(
            "qemu-system-arm -M mps2-an385 -display none -monitor none -serial none"
            " -semihosting-config enable=on,target=native -kernel"
        ),
        needs={
            "/usr/bin/arm-none-eabi-gcc": "gcc-arm-none-eabi",
            "/usr/lib/picolibc/arm-none-eabi/include/stdio.h": "picolibc-arm-none-eabi",
        },
        bare=True,
    ),
    Family(
        "riscv32",
        ("riscv32",),
        flags=_words(
            "--target=riscv32-unknown-elf -march=rv32imac -mabi=ilp32 -ffunction-sections"
            " -isystem /usr/lib/picolibc/riscv64-unknown-elf/include"
        ),
        # The memory of QEMU's virt, the lower half of it taken for flash.
        link_flags=_words(
            "-march=rv32imac -mabi=ilp32 --specs=picolibc.specs --oslib=semihost --crt0=hosted"
            " -Wl,--gc-sections -Wl,--defsym=__flash=0x80000000 -Wl,--defsym=__flash_size=0x400000"
            " -Wl,--defsym=__ram=0x80400000 -Wl,--defsym=__ram_size=0x400000 -Wl,--defsym=__stack_size=0x10000"
        ),
        linker=("riscv64-unknown-elf-gcc",),
        libraries=("-lm",),
        emulator=_words(
            "qemu-system-riscv32 -M virt -bios none -display none -monitor none -serial none"
            " -semihosting-config enable=on,target=native -kernel"
        ),
        needs={
            "/usr/bin/riscv64-unknown-elf-gcc": "gcc-riscv64-unknown-elf",
            "/usr/lib/picolibc/riscv64-unknown-elf/include/stdio.h": "picolibc-riscv64-unknown-elf",
        },
        bare=True,
    ),
    Family(
        "riscv64",
        ("riscv64",),
        flags=("--target=riscv64-linux-gnu", "-march=rv64gc", "-mabi=lp64d"),
        link_flags=("-static",),
        native=("riscv64",),
        emulator=("qemu-riscv64",),
        needs={"/usr/riscv64-linux-gnu/include/stdio.h": "g++-riscv64-linux-gnu"},
    ),
    Family(
        "i386",
        ("i386", "i486", "i586", "i686"),
        flags=("--target=i386-linux-gnu", "-march=i686", "-msse2", "-mfpmath=sse"),
        native=("x86_64", "i686"),
        emulator=("qemu-i386",),
        needs={"/usr/lib32/libc.so": "g++-multilib"},
    ),
)

FAMILIES = (*_MACHINES, *(_for_cxx(family) for family in _MACHINES if family.bare))


def family_of(triple: str) -> str:
    """The family's name for a target triple; "" when there is none.

    >>> family_of("thumbv7em-none-unknown-eabihf")
    'arm'
    """
    architecture = triple.partition("-")[0]
    if triple.endswith(("x32", "ilp32")):
        # Another word size than the family's.
        return ""
    for family in FAMILIES:
        if architecture in family.architectures:
            return family.name
    # armv6kz, thumbv8.1m.main: sub-architectures are many.
    return "arm" if architecture.startswith(("armv", "thumbv")) else ""


def families_of(job: Cc1Job) -> tuple[str, ...]:
    """The names of the families whose certificates a recipe needs for a compile; none when it cannot be proven.

    The suite for C++ on bare metal throws nothing, so it says nothing of a unit that may.
    """
    name = family_of(job.triple)
    if not name or not (named(name).bare and job.language.startswith(b"c++")):
        return (name,) if name else ()
    throws = b"-fexceptions" in job.argv or b"-fcxx-exceptions" in job.argv
    return () if throws else (name, name + CXX)


def named(name: str) -> Family:
    """The family of that name. Raises UserError."""
    for family in FAMILIES:
        if family.name == name:
            return family
    raise UserError(f"{name} is not a target family; there are {', '.join(f.name for f in FAMILIES)}")


def own_family() -> str:
    """The family of this machine. Raises UserError when it has none."""
    machine = platform.machine()
    for family in FAMILIES:
        if machine in family.native:
            return family.name
    raise UserError(f"there is no target family for this machine ({machine}); name one with --target")
